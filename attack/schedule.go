package attack

import (
	"math"
	"time"
)

// Schedule says when each request of a stream is to be sent. One formula gives
// both the pacing and the intended time, so the two cannot drift apart.
type Schedule interface {
	// Due gives the time of request n (from 0) since the measured part began,
	// and false when the schedule has no request n. It never decreases with n.
	Due(n int) (time.Duration, bool)
	// Count is how many requests there are.
	Count() int
	// Span is the time that the schedule covers.
	Span() time.Duration
}

// Constant sends at a fixed rate: request n is due at Offset + n/Rate.
type Constant struct {
	Rate   float64 // requests per second
	Lasts  time.Duration
	Offset time.Duration // when request 0 is due
}

var _ Schedule = Constant{}

// Due is Offset + n/Rate, computed from n alone so that rounding never adds up.
func (c Constant) Due(n int) (time.Duration, bool) {
	if n < 0 || n >= c.Count() {
		return 0, false
	}
	return c.Offset + c.at(n), true
}

// Count is the number of requests due before Lasts has passed.
func (c Constant) Count() int {
	if !(c.Rate > 0) || c.Lasts <= c.Offset {
		return 0
	}
	n := int(math.Ceil((c.Lasts-c.Offset).Seconds()*c.Rate - 1e-9))
	return max(n, 0)
}

// Span is Lasts.
func (c Constant) Span() time.Duration { return c.Lasts }

func (c Constant) at(n int) time.Duration {
	return time.Duration(math.Round(float64(n) / c.Rate * float64(time.Second)))
}

// Bursts sends Size requests at once, every Every, Times times: request n is
// due at Offset + ⌊n/Size⌋·Every.
type Bursts struct {
	Size   int
	Every  time.Duration
	Times  int
	Offset time.Duration
}

var _ Schedule = Bursts{}

// Due is the start of the burst that request n belongs to.
func (b Bursts) Due(n int) (time.Duration, bool) {
	if n < 0 || n >= b.Count() {
		return 0, false
	}
	return b.Offset + time.Duration(n/b.Size)*b.Every, true
}

// Count is Size·Times.
func (b Bursts) Count() int { return b.Size * b.Times }

// Span runs from the start to the end of the last burst's turn.
func (b Bursts) Span() time.Duration { return b.Offset + time.Duration(b.Times)*b.Every }
