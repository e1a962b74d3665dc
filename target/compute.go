package target

import (
	"runtime"
	"time"
)

// computeMax bounds /compute: 40 takes about half a second, each further step
// 1.6 times as long.
const computeMax = 45

// computeJobs is what is done for each choice of fail.
var computeJobs = map[string]string{"no": "fibonacci", "error": "fail", "panic": "panic"}

// computeRoute is the guide's recursive fibonacci, in the handler or on a worker.
func computeRoute() Route {
	return Route{
		Path: "/compute",
		Does: "computes a Fibonacci number recursively, in the handler or on one of a fixed number of workers; 503 when their queue is full",
		Params: []Param{
			{Name: "n", Means: "which number", Default: "35", Min: 0, Max: computeMax},
			{Name: "mode", Means: "where the work is done", Default: "worker", Choices: []string{"block", "worker"}},
			{Name: "fail", Means: "fails instead: the work gives an error, or throws, which ends its worker", Default: "no", Choices: []string{"no", "error", "panic"}},
		},
		Work:  []Work{{"mode=block", Blocking}, {"mode=worker", OffLoop}},
		Guide: guide + "Moving CPU Work to Worker Threads",
		Handle: func(x *Exchange) {
			job, n := computeJobs[x.Values["fail"]], x.Values.Int("n")
			if x.Values["mode"] == "block" {
				x.Result(workerJobs[job]([]int64{n}))
				return
			}
			x.onWorker(job, n)
		},
	}
}

// ComputeTakes is how long /compute takes on this machine for that number.
func ComputeTakes(n int64) time.Duration {
	return quickest(func() { runtime.KeepAlive(fibonacci(n)) })
}

func fibonacci(n int64) int64 {
	if n <= 1 {
		return n
	}
	return fibonacci(n-1) + fibonacci(n-2)
}
