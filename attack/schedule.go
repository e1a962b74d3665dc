package attack

import (
	"math"
	"sort"
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
	// Span is the time that the schedule covers. No request is due after it.
	Span() time.Duration
}

// DueBefore is how many of the schedule's requests are due before the moment.
func DueBefore(s Schedule, moment time.Duration) int {
	return sort.Search(s.Count(), func(n int) bool {
		due, _ := s.Due(n)
		return due >= moment
	})
}

// The schedules with a rate share one rule: request n is due when the rate's
// integral reaches n. The first is due at the beginning, and a piece of a
// request is carried over from one level of the rate to the next.

// wholeRequests is how many of the numbers 0, 1, 2 … lie below the rate's
// integral; what rounding adds to it makes no further request.
func wholeRequests(integral float64) int {
	if !(integral > 0) {
		return 0
	}
	integral = min(integral, 1<<53) // as far as floats count
	rounding := max(1e-9, integral*1e-14)
	return max(0, int(math.Ceil(integral-rounding)))
}

// inSeconds rounds a time in seconds to nanoseconds, within [0, most].
func inSeconds(t float64, most time.Duration) time.Duration {
	return max(0, min(time.Duration(math.Round(t*float64(time.Second))), most))
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
	return c.Offset + inSeconds(float64(n)/c.Rate, c.Lasts-c.Offset), true
}

// Count is the number of requests due before Lasts has passed.
func (c Constant) Count() int {
	if !(c.Rate > 0) || c.Lasts <= c.Offset {
		return 0
	}
	return wholeRequests((c.Lasts - c.Offset).Seconds() * c.Rate)
}

// Span is Lasts.
func (c Constant) Span() time.Duration { return c.Lasts }
