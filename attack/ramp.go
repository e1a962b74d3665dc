package attack

import (
	"math"
	"time"
)

// Ramp changes the rate evenly from From to To. Either may be zero, and a
// negative one counts as zero.
type Ramp struct {
	From, To float64 // requests per second
	Lasts    time.Duration
}

var _ Schedule = Ramp{}

// Due solves From·t + slope·t²/2 = n for t, in the form that subtracts nothing:
// t = 2n / (From + rate at t).
func (r Ramp) Due(n int) (time.Duration, bool) {
	if n < 0 || n >= r.Count() {
		return 0, false
	}
	from, to := max(r.From, 0), max(r.To, 0)
	if n == 0 {
		return 0, true
	}
	// The rate's square is linear in n. Downwards it is counted from the end,
	// where it is smallest.
	slope := (to - from) / r.Lasts.Seconds()
	square := from*from + 2*slope*float64(n)
	if slope < 0 {
		square = to*to - 2*slope*(r.integral()-float64(n))
	}
	return inSeconds(2*float64(n)/(from+math.Sqrt(max(square, 0))), r.Lasts), true
}

// Count is the number of requests due before Lasts has passed.
func (r Ramp) Count() int { return wholeRequests(r.integral()) }

// Span is Lasts.
func (r Ramp) Span() time.Duration { return r.Lasts }

func (r Ramp) integral() float64 {
	return (max(r.From, 0) + max(r.To, 0)) / 2 * r.Lasts.Seconds()
}
