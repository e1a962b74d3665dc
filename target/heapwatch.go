package target

import (
	"log/slog"
	"runtime"
	runtimemetrics "runtime/metrics"
	"sync"
	"time"

	"github.com/looptest/looptest/target/internal/growth"
	"github.com/looptest/looptest/target/internal/ring"
)

// DefaultHeapWatch is for how long a heap has to keep growing when nothing is
// said.
const DefaultHeapWatch = time.Minute

// heapSampleBytes is how many bytes there are to an allocation that the profile
// counts while the heap is watched: an eighth of Go's 512 KiB, so that a leak of a
// few MB is seen by dozens of them and not by a handful. It costs about a
// microsecond for every 64 KiB that are allocated.
const heapSampleBytes = 64 << 10

// keptLeaks bounds the events: an alarm needs twice the heap of the last one, so
// that a server has a dozen at most.
const keptLeaks = 64

// heapWatch raises an alarm when the heap keeps growing.
type heapWatch struct {
	rule   *growth.Watch
	pause  time.Duration // between two readings of the profile
	log    *slog.Logger
	before heapHolding // when the watch began

	mu    sync.Mutex
	count int64
	leaks ring.Ring[leakEvent]
}

// leakEvent is an alarm.
type leakEvent struct {
	at    time.Duration // on the loop's clock
	what  growth.Growth
	sites []siteGrowth // that grew since the watch began, the most first
}

// site is where the most was allocated, in a line; empty when nothing tells.
func (e leakEvent) site() string {
	if len(e.sites) == 0 {
		return ""
	}
	return e.sites[0].String()
}

// sitesNamed is how many call sites an alarm names.
const sitesNamed = 3

// newHeapWatch makes a watch for growth over that span, and samples the heap's
// profile more closely from now on.
func newHeapWatch(span time.Duration, log *slog.Logger) *heapWatch {
	runtime.MemProfileRate = min(runtime.MemProfileRate, heapSampleBytes)
	return &heapWatch{
		rule: growth.New(span), pause: min(span/20, time.Second), log: log, before: readHeap(), leaks: ring.New[leakEvent](keptLeaks),
	}
}

// follow looks at every collection beside the loop, until it is told to stop.
func (w *heapWatch) follow(every time.Duration, now func() time.Duration) (stop func()) {
	done := make(chan struct{})
	var following sync.WaitGroup
	following.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		seen := uint64(0)
		for {
			select {
			case <-tick.C:
			case <-done:
				return
			}
			live, collections := liveHeap()
			if collections > seen {
				seen = collections
				w.look(now(), live, done)
			}
		}
	})
	return func() {
		close(done)
		following.Wait()
	}
}

// lookEvery is how often collections are looked for: several times in the span of
// a window. Of those that came between two looks the last one counts.
func lookEvery(span time.Duration) time.Duration {
	return min(max(span/50, time.Millisecond), 100*time.Millisecond)
}

// look takes what the last collection left.
func (w *heapWatch) look(at time.Duration, live int64, done <-chan struct{}) {
	if g, alarm := w.rule.Add(at, live); alarm {
		sites := w.growing(done).bySite()
		w.add(leakEvent{at, g, sites[:min(len(sites), sitesNamed)]})
	}
}

// siteReadings is how often the profile is read for an alarm.
const siteReadings = 3

// growing is what has grown since the watch began: the least of several readings,
// since what requests in flight hold comes and goes.
func (w *heapWatch) growing(done <-chan struct{}) heapHolding {
	least := readHeap().minus(w.before)
	for range siteReadings - 1 {
		select {
		case <-time.After(w.pause):
		case <-done:
		}
		least = least.least(readHeap().minus(w.before))
	}
	return least
}

func (w *heapWatch) add(e leakEvent) {
	w.mu.Lock()
	w.count++
	w.leaks.Push(e)
	w.mu.Unlock()
	w.log.Warn("the heap keeps growing", slog.String("site", e.site()), slog.Int64("grown_bytes", e.what.Grown),
		slog.Int64("heap_bytes", e.what.Live), slog.Float64("over_ms", ms(e.what.Over)), slog.Int("collections", e.what.Collections),
		slog.Any("sites", e.sites))
}

// since gives the alarms at or after that time, and how many there were in all.
// Without a watch there are none.
func (w *heapWatch) since(t time.Duration) ([]leakEvent, int64) {
	if w == nil {
		return nil, 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.leaks.From(func(e leakEvent) bool { return e.at >= t }), w.count
}

// liveHeap is what the last collection left, in bytes, and how many there were.
func liveHeap() (live int64, collections uint64) {
	s := []runtimemetrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/cycles/total:gc-cycles"}}
	runtimemetrics.Read(s)
	return int64(s[0].Value.Uint64()), s[1].Value.Uint64()
}
