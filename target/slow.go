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
		Does: "sums numbers in the handler: in one go, or in chunks that reschedule themselves with setImmediate",
		Params: []Param{
			{Name: "mode", Means: "how the work is done", Default: "block", Choices: []string{"block", "chunk"}},
			{Name: "n", Means: "steps of about 1 µs in all", Default: strconv.Itoa(slowSteps), Min: 1, Max: slowStepsMax},
			{Name: "chunk", Means: "steps in a chunk", Default: strconv.Itoa(slowChunk), Min: 1, Max: slowStepsMax},
		},
		Handle: func(x *Exchange) {
			end := x.Values.Int("n") * int64(unit)
			if x.Values["mode"] == "block" {
				replySum(x, sum(0, 0, end))
				return
			}
			sumInChunks(x, end, x.Values.Int("chunk")*int64(unit))
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
			x.Loop.SetImmediate(step)
			return
		}
		replySum(x, total)
	}
	step()
}

func replySum(x *Exchange, total float64) {
	x.Reply(http.StatusOK, "Sum="+strconv.FormatFloat(total, 'g', -1, 64))
}
