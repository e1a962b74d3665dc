package loop_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// The operations that testdata/speed.cjs does on Node, under the same names:
// target/speed runs both in turn. Each is one callback, or one round trip.

// flight keeps that many operations of one kind in flight until b.N are done.
// start begins one and calls back when it is over.
func flight(b *testing.B, inFlight int, start func(l *loop.Loop, over func())) {
	b.ReportAllocs()
	l := loop.New(loop.WithPoolSize(4))
	left := b.N
	var over func()
	over = func() {
		if left--; left >= 0 {
			start(l, over)
		}
	}
	l.Run(func() {
		b.ResetTimer()
		for range inFlight {
			over()
		}
	})
}

func BenchmarkImmediates(b *testing.B) {
	flight(b, 1000, func(l *loop.Loop, over func()) { l.SetImmediate(over) })
}

func BenchmarkTicks(b *testing.B) {
	flight(b, 1000, func(l *loop.Loop, over func()) { l.NextTick(over) })
}

func BenchmarkMicrotasks(b *testing.B) {
	flight(b, 1000, func(l *loop.Loop, over func()) { l.QueueMicrotask(over) })
}

// Reactions to a promise that is settled, each with the promise that it makes.
func BenchmarkPromiseJobs(b *testing.B) {
	var settled *loop.Promise
	var reaction func(any) any
	flight(b, 1000, func(l *loop.Loop, over func()) {
		if settled == nil {
			settled = l.Resolve(nil)
			reaction = func(any) any { over(); return nil }
		}
		settled.Then(reaction, nil)
	})
}

// Awaits of a promise that is settled: jobs without a promise that follows.
func BenchmarkAwaits(b *testing.B) {
	var settled *loop.Promise
	var then func(any)
	flight(b, 1000, func(l *loop.Loop, over func()) {
		if settled == nil {
			settled = l.Resolve(nil)
			then = func(any) { over() }
		}
		l.Await(settled, then, nil)
	})
}

// 20,000 timers of 1 ms, in real time. A pass over them takes about as long as
// the millisecond that the loop has to wait after it, here as in Node.
func BenchmarkTimers(b *testing.B) { timers(b, 20_000) }

// So many that the wait between two passes hardly counts.
func BenchmarkManyTimers(b *testing.B) { timers(b, 200_000) }

func timers(b *testing.B, inFlight int) {
	flight(b, inFlight, func(l *loop.Loop, over func()) { l.SetTimeout(over, time.Millisecond) })
}

// The same timers again and again: the steady state, which allocates nothing.
func BenchmarkIntervals(b *testing.B) {
	b.ReportAllocs()
	l := loop.New()
	left := b.N
	l.Run(func() {
		every := make([]*loop.Timer, 20_000)
		for i := range every {
			every[i] = l.SetInterval(func() {
				if left--; left < 0 {
					every[i].Clear()
				}
			}, time.Millisecond)
		}
		b.ResetTimer()
	})
}

func BenchmarkSetAndClear(b *testing.B) {
	b.ReportAllocs()
	l := loop.New()
	l.Run(func() {
		for range b.N {
			l.SetTimeout(nil0, time.Second).Clear()
		}
	})
}

func BenchmarkPool(b *testing.B) {
	flight(b, 64, func(l *loop.Loop, over func()) { l.Work(nil0, over) })
}

// message is what goes to a worker and back, copied both ways; a struct of plain
// values in an interface, which cannot be changed, is its own copy.
type message struct {
	ID   int
	Text string
}

func BenchmarkMessages(b *testing.B) { messages(b, message{1, "hello"}) }

// A map is copied entry by entry: what its sender changes must not be seen.
func BenchmarkMaps(b *testing.B) { messages(b, map[string]any{"ID": 1, "Text": "hello"}) }

func BenchmarkNumbers(b *testing.B) { messages(b, 1) }

func messages(b *testing.B, m any) {
	b.ReportAllocs()
	l := loop.New()
	left := b.N
	l.Run(func() {
		w := l.StartWorker(echo)
		send := func() {
			if left--; left >= 0 {
				w.Post(m)
			}
		}
		back := 0
		w.OnMessage(func(any) {
			send()
			if back++; back == b.N {
				w.Post("stop")
			}
		})
		b.ResetTimer()
		for range 64 {
			send()
		}
	})
}

// A million timers that wait; the measure is their memory.
func BenchmarkPendingTimers(b *testing.B) {
	const timers = 1_000_000
	for range b.N {
		clock := loop.NewVirtual()
		l := loop.New(loop.WithClock(clock, clock))
		before := heap()
		l.Run(func() {
			for i := range timers {
				l.SetTimeout(nil0, time.Duration(1+i%1000)*time.Second)
			}
			b.ReportMetric(float64(heap()-before)/timers, "bytes/timer")
			l.Stop()
		})
	}
}

// heap is what lives on the heap, in bytes.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
