package attack

import (
	"sort"
	"time"
)

// Steps changes the rate from From to To in Levels equal steps, each held for
// the same part of Lasts.
type Steps struct {
	From, To float64 // requests per second: of the first level and of the last
	Levels   int     // one level is From throughout
	Lasts    time.Duration
}

var _ Schedule = Steps{}

// Due finds the level in which the rate's integral reaches n, and goes on from
// that level's beginning at its rate.
func (s Steps) Due(n int) (time.Duration, bool) {
	if n < 0 || n >= s.Count() {
		return 0, false
	}
	level := sort.Search(s.Levels-1, func(i int) bool { return s.before(i+1) > float64(n) })
	into := (float64(n) - s.before(level)) / s.rate(level)
	return inSeconds(float64(level)*s.each()+into, s.Lasts), true
}

// Count is the number of requests due before Lasts has passed.
func (s Steps) Count() int {
	if s.Levels < 1 {
		return 0
	}
	return wholeRequests(s.before(s.Levels))
}

// Span is Lasts.
func (s Steps) Span() time.Duration { return s.Lasts }

// rate is that of a level, from 0, in requests per second.
func (s Steps) rate(level int) float64 {
	from, to := max(s.From, 0), max(s.To, 0)
	if s.Levels == 1 {
		return from
	}
	return from + (to-from)*float64(level)/float64(s.Levels-1)
}

// before is the rate's integral over the levels below that one: as many levels,
// at the mean of the first one's rate and the last one's.
func (s Steps) before(level int) float64 {
	if level == 0 {
		return 0
	}
	return float64(level) * s.each() * (s.rate(0) + s.rate(level-1)) / 2
}

// each is how long a level lasts, in seconds.
func (s Steps) each() float64 { return s.Lasts.Seconds() / float64(s.Levels) }
