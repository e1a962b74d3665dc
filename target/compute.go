package target

import (
	"net/http"
	"strconv"
)

// computeMax bounds /compute: 40 takes about half a second, each further step
// 1.6 times as long.
const computeMax = 45

// computeRoute is the guide's recursive fibonacci, in the handler or on a worker.
func computeRoute() Route {
	return Route{
		Path: "/compute",
		Does: "computes a Fibonacci number recursively, in the handler or on a worker",
		Params: []Param{
			{Name: "n", Means: "which number", Default: "35", Min: 0, Max: computeMax},
			{Name: "mode", Means: "where the work is done", Default: "worker", Choices: []string{"block", "worker"}},
		},
		Work:  []Work{{"mode=block", Blocking}, {"mode=worker", OffLoop}},
		Guide: guide + "Moving CPU Work to Worker Threads",
		Handle: func(x *Exchange) {
			n := x.Values.Int("n")
			if x.Values["mode"] == "block" {
				x.Reply(http.StatusOK, strconv.FormatInt(fibonacci(n), 10))
				return
			}
			x.onWorker("fibonacci", n)
		},
	}
}

func fibonacci(n int64) int64 {
	if n <= 1 {
		return n
	}
	return fibonacci(n-1) + fibonacci(n-2)
}
