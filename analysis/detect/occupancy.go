package detect

import (
	"context"
	"time"

	"github.com/looptest/looptest/attack"
)

// The capacity by occupancy: so many suspects are sent, and a short request for
// the same pool after them. The pool is full exactly when the short one is done
// after the first suspect. It needs no fit, and holds with fewer cores than
// threads, where steps blur.
const (
	// mostOccupied is up to how many suspects are sent at once.
	mostOccupied = 16
	// occupyAfter is how long after the suspects the short request is sent: all of
	// them have been handed to the pool by then.
	occupyAfter = 3 * time.Millisecond
	// votes decide whether the pool is full: the first answer that two give.
	votes = 2
)

// shorter is how much shorter the pool probe has to be than the suspect.
const shorter = 0.5

// full reports whether so many suspects fill the pool. ok is false when it can't
// be told.
func (s *scan) full(ctx context.Context, e Endpoint, poolProbe attack.Request, suspects int) (yes, ok bool) {
	count := map[bool]int{}
	for range 2*votes - 1 {
		waits, told := s.waits(ctx, e, poolProbe, suspects)
		if !told {
			return false, false
		}
		if count[waits]++; count[waits] == votes {
			return waits, true
		}
	}
	return false, false
}

// waits is one vote.
func (s *scan) waits(ctx context.Context, e Endpoint, poolProbe attack.Request, suspects int) (waits, ok bool) {
	short := attack.Stream{
		Name: "pool probe", Role: attack.Offender, Requests: []attack.Request{poolProbe}, Timeout: s.settings.timeout(), Expect: anything,
		Schedule: attack.Bursts{Size: 1, Times: 1, Offset: occupyAfter},
	}
	run, err := s.fire(ctx, []attack.Stream{short, s.settings.suspects(e.Request, suspects)}, 0)
	f, there := sampleOf(run, 0)
	if err != nil || !there || !f.Answered() {
		return false, false
	}
	first := time.Duration(-1)
	for _, x := range run.Samples {
		if x.Stream == suspectStream && x.Answered() && (first < 0 || x.Done < first) {
			first = x.Done
		}
	}
	return f.Done > first, first >= 0
}

// occupancy is the smallest number of suspects that fills the pool, by bisection;
// ok is false when the short request isn't for the same pool, or can't be used.
func (s *scan) occupancy(ctx context.Context, e Endpoint, poolProbe attack.Request) (c Capacity, ok bool) {
	if full, told := s.full(ctx, e, poolProbe, mostOccupied); !told || !full {
		return c, false
	}
	low, high := 0, mostOccupied // low doesn't fill it, high does
	for high-low > 1 {
		middle := (low + high) / 2
		full, told := s.full(ctx, e, poolProbe, middle)
		switch {
		case !told:
			return c, false
		case full:
			high = middle
		default:
			low = middle
		}
	}
	return Capacity{Value: high, Low: high, High: high, By: ByOccupancy}, true
}
