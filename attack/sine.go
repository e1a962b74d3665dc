package attack

import (
	"math"
	"sort"
	"time"
)

// Sine swings the rate about Mean: it is Mean + Amplitude·sin(2πt/Period), and
// zero where that is negative.
type Sine struct {
	Mean, Amplitude float64 // requests per second; neither is negative
	Period, Lasts   time.Duration
}

var _ Schedule = Sine{}

// Due is the first nanosecond at which the rate's integral has reached n: an
// answer that does not depend on how it is found.
func (s Sine) Due(n int) (time.Duration, bool) {
	if n < 0 || n >= s.Count() {
		return 0, false
	}
	due := firstNear(s.estimate(float64(n)), int(s.Lasts), func(t int) bool {
		return s.integral(time.Duration(t)) >= float64(n)
	})
	return time.Duration(due), true
}

// estimate is about when the integral reaches n, in nanoseconds: whole periods,
// and Newton's steps within the last one while the rate is far from zero.
func (s Sine) estimate(n float64) int {
	whole := math.Floor(n / s.area(2*math.Pi))
	rest := n - whole*s.area(2*math.Pi)
	angle := 2 * math.Pi * rest / s.area(2*math.Pi)
	for range 5 {
		rate := s.Mean + s.Amplitude*math.Sin(angle)
		if rate < s.Mean/100 {
			break
		}
		angle -= (s.area(angle) - rest) / rate * 2 * math.Pi / s.Period.Seconds()
		angle = max(0, min(angle, 2*math.Pi))
	}
	return int((whole + angle/(2*math.Pi)) * float64(s.Period))
}

// firstNear is the first of 0 … most for which it holds, where it holds for all
// that follow too. It looks in growing steps about the estimate, so that a good
// one costs few looks; without one in reach it is most.
func firstNear(estimate, most int, holds func(int) bool) int {
	low, high := max(0, min(estimate, most)), max(0, min(estimate, most))
	for step := 1; low > 0 && holds(low-1); step *= 2 {
		high = low - 1
		low = max(0, low-step)
	}
	for step := 1; high < most && !holds(high); step *= 2 {
		low = high + 1
		high = min(most, high+step)
	}
	return low + sort.Search(high-low, func(i int) bool { return holds(low + i) })
}

// Count is the number of requests due before Lasts has passed.
func (s Sine) Count() int {
	if s.Period <= 0 || s.Lasts <= 0 || s.Mean < 0 || s.Amplitude < 0 {
		return 0
	}
	return wholeRequests(s.integral(s.Lasts))
}

// Span is Lasts.
func (s Sine) Span() time.Duration { return s.Lasts }

// integral is the rate's integral up to t.
func (s Sine) integral(t time.Duration) float64 {
	whole, angle := t/s.Period, 2*math.Pi*float64(t%s.Period)/float64(s.Period)
	return float64(whole)*s.area(2*math.Pi) + s.area(angle)
}

// area is the rate's integral within a period, over the angle from 0 to 2π.
func (s Sine) area(angle float64) float64 {
	return s.swing(angle) * s.Period.Seconds() / (2 * math.Pi)
}

// swing is the same per radian and unit of rate.
func (s Sine) swing(angle float64) float64 {
	if s.Amplitude <= s.Mean {
		return s.unbounded(angle)
	}
	// The rate is below zero for an equal angle on both sides of 3π/2.
	below := math.Acos(s.Mean / s.Amplitude)
	falls, rises := 1.5*math.Pi-below, 1.5*math.Pi+below
	area := s.unbounded(min(angle, falls))
	if angle > rises {
		area += s.unbounded(angle) - s.unbounded(rises)
	}
	return area
}

// unbounded is the integral of Mean + Amplitude·sin; 1 − cos is written as a
// square, which subtracts nothing.
func (s Sine) unbounded(angle float64) float64 {
	half := math.Sin(angle / 2)
	return s.Mean*angle + 2*s.Amplitude*half*half
}
