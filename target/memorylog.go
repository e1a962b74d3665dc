package target

import (
	"bytes"
	"os"
	runtimemetrics "runtime/metrics"
	"strconv"
	"sync"
	"time"

	"github.com/looptest/looptest/target/internal/ring"
)

// How often the server's memory is read: every memoryEvery while there are
// requests, at least every memoryIdle. A reading takes about 15 µs, but waking up
// for one several times as long; so whoever handles a request takes it. Together
// that is less than 0.1 % of a core.
const (
	memoryEvery = 20 * time.Millisecond
	memoryIdle  = 100 * time.Millisecond
)

// keptMemory bounds the log's own memory: about 11 minutes.
const keptMemory = 1 << 15

// memoryLog keeps the newest readings of this process's memory.
type memoryLog struct {
	mu    sync.Mutex
	ring  ring.Ring[MemoryReading]
	last  time.Duration // when the newest reading was taken
	gauge *memoryGauge  // nil unless the log is followed
}

func newMemoryLog() *memoryLog {
	return &memoryLog{ring: ring.New[MemoryReading](keptMemory), last: -memoryEvery}
}

// follow sees to it that readings are taken, by the loop's clock and beside the
// loop, until it is told to stop.
func (l *memoryLog) follow(now func() time.Duration) (stop func()) {
	l.read(newMemoryGauge())
	done := make(chan struct{})
	var following sync.WaitGroup
	following.Go(func() {
		tick := time.NewTicker(memoryIdle)
		defer tick.Stop()
		for {
			l.glance(now())
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		following.Wait()
		l.read(nil)
	}
}

// read takes further readings from this gauge and closes the one before.
func (l *memoryLog) read(from *memoryGauge) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gauge != nil {
		l.gauge.close()
	}
	l.gauge = from
}

// glance takes a reading when it is time for one. It never waits: when the log is
// locked somebody else takes it, or soon will.
func (l *memoryLog) glance(at time.Duration) {
	if !l.mu.TryLock() {
		return
	}
	defer l.mu.Unlock()
	if l.gauge == nil || at-l.last < memoryEvery {
		return
	}
	l.last = at
	l.ring.Push(l.gauge.read(at))
}

// since gives the readings that were taken at or after that time.
func (l *memoryLog) since(t time.Duration) []MemoryReading {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ring.From(func(r MemoryReading) bool { return r.At >= t })
}

// memoryGauge reads what this process holds, without allocating.
type memoryGauge struct {
	heap  []runtimemetrics.Sample
	statm *os.File // nil where there is none
	text  [128]byte
	page  int64
}

func newMemoryGauge() *memoryGauge {
	g := &memoryGauge{heap: []runtimemetrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}, page: int64(os.Getpagesize())}
	if file, err := os.Open("/proc/self/statm"); err == nil {
		g.statm = file
	}
	return g
}

func (g *memoryGauge) close() {
	if g.statm != nil {
		g.statm.Close()
	}
}

func (g *memoryGauge) read(at time.Duration) MemoryReading {
	runtimemetrics.Read(g.heap)
	return MemoryReading{At: at, Heap: int64(g.heap[0].Value.Uint64()), Resident: g.resident()}
}

// resident is the second number of statm, in pages.
func (g *memoryGauge) resident() int64 {
	if g.statm == nil {
		return 0
	}
	n, _ := g.statm.ReadAt(g.text[:], 0)
	_, rest, _ := bytes.Cut(g.text[:n], []byte(" "))
	pages, _, _ := bytes.Cut(rest, []byte(" "))
	count, err := strconv.ParseInt(string(pages), 10, 64)
	if err != nil {
		return 0
	}
	return count * g.page
}
