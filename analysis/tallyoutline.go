package analysis

import (
	"cmp"
	"slices"
	"time"

	"github.com/looptest/looptest/attack"
)

// OutlinePoint is a request of a timeline.
type OutlinePoint struct {
	At       time.Duration // when it was meant to be sent
	Response time.Duration // until it was answered or given up
	Failed   bool          // it had no good answer
}

// An outline has at most this many columns, each at first of about 1 ms.
const (
	mostOutline  = 1500
	firstOutline = 1 << 20 // nanoseconds
)

// outlineColumn keeps what a timeline shows of one column of pixels: the
// quickest and the slowest good answer, and the slowest failure.
type outlineColumn struct {
	good, bad      bool // there are any
	low, high, off OutlinePoint
}

func newOutline() columns[outlineColumn] {
	return columns[outlineColumn]{width: firstOutline, limit: mostOutline, fold: (*outlineColumn).merge}
}

// longer orders points by response time and then by time, so that the same ones
// are kept in whatever order they come.
func (p OutlinePoint) longer(than OutlinePoint) bool {
	return p.Response > than.Response || p.Response == than.Response && p.At < than.At
}

func (c *outlineColumn) merge(other *outlineColumn) {
	if other.good {
		c.keepGood(other.low)
		c.keepGood(other.high)
	}
	if other.bad {
		c.keepBad(other.off)
	}
}

func (c *outlineColumn) keepGood(p OutlinePoint) {
	if !c.good {
		c.good, c.low, c.high = true, p, p
		return
	}
	if p.longer(c.high) {
		c.high = p
	}
	if p.Response < c.low.Response || p.Response == c.low.Response && p.At < c.low.At {
		c.low = p
	}
}

func (c *outlineColumn) keepBad(p OutlinePoint) {
	if !c.bad || p.longer(c.off) {
		c.bad, c.off = true, p
	}
}

func (s *streamTally) addOutline(sample *attack.Sample) {
	c := s.outline.at(sample.Intended)
	p := OutlinePoint{At: sample.Intended, Response: sample.Response(), Failed: sample.Err != ""}
	if p.Failed {
		c.keepBad(p)
		return
	}
	c.keepGood(p)
}

// points gives the outline in order of time.
func (s *streamTally) points() []OutlinePoint {
	var points []OutlinePoint
	for _, c := range s.outline.all {
		if c.good {
			points = append(points, c.low)
			if c.high != c.low {
				points = append(points, c.high)
			}
		}
		if c.bad {
			points = append(points, c.off)
		}
	}
	slices.SortStableFunc(points, func(a, b OutlinePoint) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Response, b.Response))
	})
	return points
}
