package target

import (
	"fmt"
	"net/http"
	"time"
)

// Bounds of /starve, in milliseconds.
const (
	starveFor    = 300
	starveForMax = 10_000
)

// starveRoute is the guide's caution about process.nextTick: a callback that
// schedules itself again and again. The queues of ticks and of microtasks are
// emptied before the loop goes on, so that no I/O has its turn until the end,
// which the guide's own recursion does not have; an immediate waits for the next
// round of the loop.
func starveRoute() Route {
	return Route{
		Path: "/starve",
		Does: "schedules itself again and again for some time: as a tick or a microtask, which let nothing else run, or with setImmediate, which does",
		Params: []Param{
			{Name: "by", Means: "what it schedules itself with", Default: "tick", Choices: []string{"tick", "microtask", "immediate"}},
			{Name: "ms", Means: "for how long, in milliseconds", Default: fmt.Sprint(starveFor), Min: 1, Max: starveForMax},
		},
		Work:  []Work{{"by=tick", Blocking}, {"by=microtask", Blocking}, {"by=immediate", Cooperative}},
		Guide: chapter + "process.nextTick Caution",
		Handle: func(x *Exchange) {
			recurse(x, x.Values["by"], time.Duration(x.Values.Int("ms"))*time.Millisecond)
		},
	}
}

func recurse(x *Exchange, by string, lasts time.Duration) {
	until := x.loop.Clock().Now() + lasts
	times := 0
	var again func()
	again = x.bind(func() { // once, so that a round costs no memory
		times++
		if x.loop.Clock().Now() >= until {
			x.Reply(http.StatusOK, fmt.Sprintf("scheduled itself %d times", times))
			return
		}
		scheduleBy(x, by, again)
	})
	scheduleBy(x, by, again)
}

// scheduleBy schedules fn, which is bound already.
func scheduleBy(x *Exchange, by string, fn func()) {
	switch by {
	case "tick":
		x.loop.NextTick(fn)
	case "microtask":
		x.loop.QueueMicrotask(fn)
	case "immediate":
		x.loop.SetImmediate(fn)
	}
}
