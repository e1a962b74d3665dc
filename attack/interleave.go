package attack

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Interleave has the two arms of a block driven in turn, slice by slice, so that
// what changes on the machine meanwhile changes for both. Each arm has a process
// of its own, started at the block's begin, also where their starters are equal.
// The coin that orders a plan's arms says which is first; then it goes ABBA, and
// where there are more slices BAAB, ABBA and so on. Only one arm is driven at a
// time; the other's process idles.
//
// A slice sends the part of the arm's schedules that falls into it, so that an
// arm's slices together are its whole load, and Seq and Intended count through.
type Interleave struct {
	// Slice is how long a slice lasts, at most; DefaultSlice when zero. An arm's
	// schedules are cut into an even number of equal slices.
	Slice time.Duration
	// Duet drives both arms at the same time in every slice. They then compete for
	// the machine, and what disturbs one disturbs the other at the same moment.
	Duet bool
}

// DefaultSlice is how long a slice lasts when nothing else is said.
const DefaultSlice = 1500 * time.Millisecond

// sliceTakes is what a slice costs beyond what it measures: the lead, and looks
// at the target before and after.
const sliceTakes = lead + 20*time.Millisecond

// SlicesOf is how many slices each arm is cut into; 0 when the plan does not
// interleave.
func (p Plan) SlicesOf() int {
	if p.Interleave == nil || len(p.Arms) == 0 {
		return 0
	}
	pair := 2 * cmp.Or(p.Interleave.Slice, DefaultSlice)
	return 2 * max(1, int((p.Arms[0].span()+pair-1)/pair))
}

// SliceOrder gives the arm that is driven in each slice of a block; in a duet,
// where every slice drives both, it is the one that is named first. It depends on
// the seed and the block alone.
func (p Plan) SliceOrder(block int) []int {
	order, each := p.Order(block), p.SlicesOf()
	if p.Interleave != nil && p.Interleave.Duet {
		return slices.Repeat(order[:1], each)
	}
	var of []int
	for round := range each / 2 {
		a, b := order[round%2], order[1-round%2]
		of = append(of, a, b, b, a)
	}
	return of
}

func (p Plan) validateInterleaving() error {
	if len(p.Arms) != 2 {
		return fmt.Errorf("the plan interleaves %d arms; it can do that with 2", len(p.Arms))
	}
	a, b := p.Arms[0], p.Arms[1]
	switch {
	case a.StopAfter > 0 || b.StopAfter > 0:
		return fmt.Errorf("arms %q and %q can't be interleaved: one of them ends its target", a.Name, b.Name)
	case p.Interleave.Slice < 0:
		return fmt.Errorf("slices of %v can't be driven", p.Interleave.Slice)
	case a.span() <= 0:
		return fmt.Errorf("arm %q has no load to interleave", a.Name)
	case a.span() != b.span():
		return fmt.Errorf("arms %q and %q can't be interleaved: their loads last %v and %v", a.Name, b.Name, a.span(), b.span())
	case a.Warmup.Lasts != b.Warmup.Lasts:
		return fmt.Errorf("arms %q and %q can't be interleaved: their warm-ups last %v and %v", a.Name, b.Name, a.Warmup.Lasts, b.Warmup.Lasts)
	}
	return nil
}

// interleavedTakes estimates how long the plan runs.
func (p Plan) interleavedTakes() time.Duration {
	var block time.Duration
	for _, arm := range p.Arms {
		block += StartTakes + arm.Warmup.Lasts
	}
	driven := p.Arms[0].span() + time.Duration(p.SlicesOf())*sliceTakes
	if !p.Interleave.Duet {
		driven *= 2
	}
	return (block + driven) * time.Duration(p.Blocks)
}
