package loop_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// What goes round and round allocates nothing once it has been round: its memory
// is used again.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		// start makes what calls back again and again, once for each next.
		start func(l *loop.Loop, back func()) (next func())
	}{
		{"ticks", func(l *loop.Loop, back func()) func() { return func() { l.NextTick(back) } }},
		{"microtasks", func(l *loop.Loop, back func()) func() { return func() { l.QueueMicrotask(back) } }},
		{"immediates", func(l *loop.Loop, back func()) func() { return func() { l.SetImmediate(back) } }},
		{"pool jobs", func(l *loop.Loop, back func()) func() { return func() { l.Work(nil0, back) } }},
		{"a refreshed timer", func(l *loop.Loop, back func()) func() {
			timer := l.SetTimeout(back, time.Millisecond)
			return func() { timer.Refresh() }
		}},
		{"awaits", func(l *loop.Loop, back func()) func() {
			settled, then := l.Resolve(nil), func(any) { back() }
			return func() { l.Await(settled, then, nil) }
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if n := mallocs(c.start); n > 100 { // the runtime has its own now and then
				t.Errorf("%d allocations in %d rounds", n, rounds)
			}
		})
	}
}

const rounds = 10_000

// mallocs is how many allocations the rounds after the first 1000 make.
func mallocs(start func(l *loop.Loop, back func()) func()) uint64 {
	clock := loop.NewVirtual()
	l := loop.New(loop.WithClock(clock, clock), loop.WithPoolSize(1))
	var before, after runtime.MemStats
	l.Run(func() {
		done := 0
		var next func()
		next = start(l, func() {
			switch done++; done {
			case 1000:
				runtime.ReadMemStats(&before)
			case 1000 + rounds:
				runtime.ReadMemStats(&after)
				return
			}
			next()
		})
		next()
	})
	return after.Mallocs - before.Mallocs
}
