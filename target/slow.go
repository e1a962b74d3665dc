package target

import (
	"net/http"
	"strconv"
)

// Bounds of /slow: a step takes about a microsecond, so the longest request
// takes about ten seconds.
const (
	slowSteps    = 400_000
	slowChunk    = 5_000
	slowStepsMax = 10_000_000
)

// slowRoute is CPU work in a handler: a long sum, either in one go, which holds
// the loop to its end, or in chunks that give it back in between.
func slowRoute(unit Unit) Route {
	return Route{
		Path: "/slow",
		Does: "sums numbers in the handler in one go, in chunks that reschedule themselves with setImmediate, or on a worker",
		Params: []Param{
			{Name: "mode", Means: "how the work is done", Default: "block", Choices: []string{"block", "chunk", "worker"}},
			{Name: "n", Means: "steps of about 1 µs in all", Default: strconv.Itoa(slowSteps), Min: 1, Max: slowStepsMax},
			{Name: "chunk", Means: "steps in a chunk", Default: strconv.Itoa(slowChunk), Min: 1, Max: slowStepsMax},
		},
		Work:  []Work{{"mode=block", Blocking}, {"mode=chunk", Cooperative}, {"mode=worker", OffLoop}},
		Guide: chapter + "Blocking the Loop; Fix 1 and Fix 2",
		Handle: func(x *Exchange) {
			end := x.Values.Int("n") * int64(unit)
			switch x.Values["mode"] {
			case "block":
				x.Reply(http.StatusOK, formatSum(sum(0, 0, end)))
			case "chunk":
				sumInChunks(x, end, x.Values.Int("chunk")*int64(unit))
			case "worker":
				x.onWorker("sum", end)
			}
		},
	}
}

// sumInChunks is the guide's second fix: each chunk schedules the next in the
// check phase, so that poll has its turn between them.
func sumInChunks(x *Exchange, end, chunk int64) {
	var i int64
	var total float64
	var step func()
	step = func() {
		next := min(i+chunk, end)
		total = sum(total, i, next)
		if i = next; i < end {
			x.SetImmediate(step)
			return
		}
		x.Reply(http.StatusOK, formatSum(total))
	}
	step()
}

func formatSum(total float64) string { return "Sum=" + strconv.FormatFloat(total, 'g', -1, 64) }
