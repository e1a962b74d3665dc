package attack

import (
	"time"

	"github.com/looptest/looptest/target"
)

// piece is the part of a schedule that a slice sends: the requests first …
// first + count − 1, moved to the slice's beginning.
type piece struct {
	of            Schedule
	first, count  int
	begins, lasts time.Duration
}

var _ Schedule = piece{}

func (p piece) Due(n int) (time.Duration, bool) {
	if n < 0 || n >= p.count {
		return 0, false
	}
	due, ok := p.of.Due(p.first + n)
	return due - p.begins, ok
}

func (p piece) Count() int          { return p.count }
func (p piece) Span() time.Duration { return p.lasts }

// holds reports whether a time on the run's axis falls within the slice.
func (s Slice) holds(at time.Duration) bool { return at >= s.Begins && at < s.Begins+s.Lasts }

// within gives the streams of the slice, each with its part of the schedule. The
// last slice takes what is due at its very end, too.
func (s Slice) within(streams []Stream, last bool) []Stream {
	pieces := make([]Stream, len(streams))
	for i, stream := range streams {
		first, end := DueBefore(stream.Schedule, s.Begins), stream.Schedule.Count()
		if !last {
			end = DueBefore(stream.Schedule, s.Begins+s.Lasts)
		}
		stream.Schedule = piece{stream.Schedule, first, end - first, s.Begins, s.Lasts}
		stream.first = first
		pieces[i] = stream
	}
	return pieces
}

// plus adds what another slice of the same stream came to.
func (c StreamCount) plus(more StreamCount) StreamCount {
	more.Offered += c.Offered
	more.Sent += c.Sent
	more.Unsent += c.Unsent
	more.Bad += c.Bad
	more.Span += c.Span
	return more
}

// usageOver sums what a target used over several slices; took is how long the
// slices were observed, to weigh the utilization by.
type usageOver struct {
	sum  *target.Usage // nil while nothing was observed
	took time.Duration
}

func (o *usageOver) add(u *target.Usage, took time.Duration) {
	if u == nil {
		return
	}
	if o.sum == nil {
		copied := *u
		o.sum, o.took = &copied, took
		return
	}
	sum := o.sum
	if all := o.took + took; all > 0 {
		sum.Utilization = (sum.Utilization*o.took.Seconds() + u.Utilization*took.Seconds()) / all.Seconds()
		o.took = all
	}
	if u.Longest > sum.Longest {
		sum.Longest, sum.Phase, sum.Label = u.Longest, u.Phase, u.Label
	}
	sum.CPU += u.CPU
	sum.PeakMemory = max(sum.PeakMemory, u.PeakMemory)
	sum.Procs = max(sum.Procs, u.Procs)
	sum.Unseen = sum.Unseen || u.Unseen
	sum.Memory = append(sum.Memory, u.Memory...)
	sum.LiveAfter = u.LiveAfter
	sum.Leaks = append(sum.Leaks, u.Leaks...)
	sum.CacheHits += u.CacheHits
	sum.CacheMisses += u.CacheMisses
}
