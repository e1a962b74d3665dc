package record

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Reader reads a recording, as often as wanted. Its memory is bounded whatever
// the recording's length.
type Reader struct {
	head     Head
	pieces   []piece
	lags     []lagPiece
	warnings []string
	mu       sync.Mutex // of warnings
	closers  []func() error
}

// piece is a part of a recording that can be read on its own.
type piece interface {
	// read calls f with batches of samples, which are valid during the call only.
	read(s *scratch, f func([]attack.Sample) error) error
}

// lagPiece is the same for the target's heartbeats.
type lagPiece interface {
	read(f func([]target.LagReading) error) error
}

// batchSize is how many samples a batch has at most: they stay in the second
// level of the processor's cache.
const batchSize = 2048

// scratch is what one goroutine reads into.
type scratch struct {
	batch []attack.Sample
	ints  [columns][]int64
}

func newScratch() *scratch {
	s := &scratch{batch: make([]attack.Sample, batchSize)}
	for i := range s.ints {
		s.ints[i] = make([]int64, batchSize)
	}
	return s
}

// Head is what is known besides the samples. Streams, their labels and phases
// are there from the start, whatever the format.
func (r *Reader) Head() Head { return r.head }

// Warnings tells what could not be read, and was left out.
func (r *Reader) Warnings() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.warnings)
}

func (r *Reader) warn(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.warnings = append(r.warnings, fmt.Sprintf(format, args...))
}

// Samples calls f with all samples in batches, in the order in which they were
// recorded. A batch is used again after the call.
func (r *Reader) Samples(f func([]attack.Sample) error) error {
	s := newScratch()
	for _, p := range r.pieces {
		if err := p.read(s, f); err != nil {
			return err
		}
	}
	return nil
}

// SamplesParallel reads with n goroutines, as many as there are processors when
// n is 0. Each calls a function of its own, which begin makes before any of them
// starts; a batch is used again after the call. The order of batches is not
// fixed. It returns when all goroutines are done.
func (r *Reader) SamplesParallel(n int, begin func() func([]attack.Sample) error) error {
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	n = max(min(n, len(r.pieces)), 1)
	work := crew{pieces: r.pieces}
	for range n {
		f := begin()
		work.wait.Go(func() { work.run(f) })
	}
	work.wait.Wait()
	if work.panicked != nil {
		panic(work.panicked)
	}
	return work.err
}

// crew shares pieces among goroutines.
type crew struct {
	pieces []piece
	next   atomic.Int64
	wait   sync.WaitGroup

	mu       sync.Mutex
	err      error
	panicked any
}

func (c *crew) run(f func([]attack.Sample) error) {
	defer func() {
		if p := recover(); p != nil {
			c.stop(nil, p)
		}
	}()
	s := newScratch()
	for {
		i := int(c.next.Add(1)) - 1
		if i >= len(c.pieces) {
			return
		}
		if err := c.pieces[i].read(s, f); err != nil {
			c.stop(err, nil)
			return
		}
	}
}

// stop keeps the first reason and gives out no more pieces.
func (c *crew) stop(err error, panicked any) {
	c.next.Store(int64(len(c.pieces)))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	if c.panicked == nil {
		c.panicked = panicked
	}
}

// Lags calls f with the target's heartbeats in batches, in order.
func (r *Reader) Lags(f func([]target.LagReading) error) error {
	for _, p := range r.lags {
		if err := p.read(f); err != nil {
			return err
		}
	}
	return nil
}

// Lag gives all of the target's heartbeats; none when it did not show them.
func (r *Reader) Lag() ([]target.LagReading, error) {
	var all []target.LagReading
	err := r.Lags(func(batch []target.LagReading) error {
		all = append(all, batch...)
		return nil
	})
	return all, err
}

// Close gives up files, and temporary ones with them.
func (r *Reader) Close() error {
	var first error
	for _, c := range r.closers {
		if err := c(); err != nil && first == nil {
			first = err
		}
	}
	r.closers = nil
	return first
}
