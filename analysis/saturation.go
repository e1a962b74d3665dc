package analysis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/looptest/looptest/attack"
)

// Rungs is how one arm was driven faster and faster.
type Rungs struct {
	Arm   string
	Rungs []Rung
}

// Rung is one rate that was tried for a moment.
type Rung struct {
	Offered, Achieved float64       // requests per second; achieved are good answers
	P99               time.Duration // response time
	Kept              bool
	// Generator says that it was not the target that fell behind.
	Generator bool
	Why       string // it was not kept
}

const (
	rungLasts   = 400 * time.Millisecond
	firstRung   = 50.0    // requests per second
	topRung     = 12800.0 // no higher
	lowestRung  = 3.125
	climbTakes  = 4500 * time.Millisecond // of each arm, at most; a rung that has begun is ended
	rungTimeout = 2 * time.Second         // for an answer
)

// A rung is kept when nearly all of it was answered in time, and the response time
// did not grow much beyond the first rung's.
const (
	achievedShare = 0.9
	badRungShare  = 0.01
	p99Growth     = 3
	p99Room       = 20 * time.Millisecond
)

// ErrNoRate is returned by Saturate when an arm keeps no rate at all.
var ErrNoRate = errors.New("no rate can be found")

// Saturate drives each arm faster and faster, half a second a rate, until it
// keeps up no more, and gives the rates that were tried. The streams' own
// schedules say only how the rate is shared between them; nil has them share
// evenly. With two arms it takes up to ten seconds and what they need to start
// and to warm up. When an arm keeps no rate at all, that is ErrNoRate.
func Saturate(ctx context.Context, arms []attack.Arm) ([]Rungs, error) {
	if len(arms) == 0 {
		return nil, errors.New("there is no arm to find a rate for")
	}
	var climbs []Rungs
	c := climb{start: firstRung, top: topRung}
	for _, arm := range arms {
		c.shares = SharesOf(arm.Streams)
		c.streams = arm.Streams
		arm.Streams = c.load(firstRung) // the warm-up's, and valid
		c.rungs, c.ends = nil, time.Time{}
		_, err := attack.Climb(ctx, arm, c.next)
		climbs = append(climbs, Rungs{arm.Name, c.rungs})
		if err != nil {
			return climbs, err
		}
		highest := climbs[len(climbs)-1].Highest()
		if highest == 0 {
			return climbs, fmt.Errorf("%w: at %s requests per second %s", ErrNoRate, Digits(c.lowest().Offered), c.lowest().Why)
		}
		// The next arm only matters where it is slower, and begins nearby.
		c.top = min(c.top, highest)
		c.start = max(firstRung, math.Pow(2, math.Floor(math.Log2(highest/8/firstRung)))*firstRung)
	}
	return climbs, nil
}

// climb decides which rate an arm is tried at next.
type climb struct {
	streams    []attack.Stream
	shares     []float64
	start, top float64 // rates: where it begins, and where it ends
	asked      float64 // the rate of the step under way
	ends       time.Time
	rungs      []Rung
}

// next takes in the last step and gives the load of the next one.
func (c *climb) next(steps []attack.Run) []attack.Stream {
	now := time.Now()
	if len(steps) == 0 {
		c.ends = now.Add(climbTakes)
		return c.load(min(c.start, c.top))
	}
	c.rungs = append(c.rungs, c.judge(steps))
	rate := c.after()
	if rate == 0 || now.After(c.ends) {
		return nil
	}
	return c.load(rate)
}

// after is the rate to try next, 0 at the end: doubled while it is kept, and
// halved until one is; then once between the highest that was kept and the lowest
// that wasn't. A rate is lost only when it is lost twice in a row: a moment's
// disturbance is not saturation.
func (c *climb) after() float64 {
	last := c.rungs[len(c.rungs)-1]
	kept := Rungs{Rungs: c.rungs}.Highest()
	lost := c.lowestLost()
	between := math.Sqrt(kept * lost)
	switch {
	case !last.Kept && c.tries(last.Offered) < 2:
		return last.Offered
	case lost == 0 && kept >= c.top:
		return 0
	case lost == 0:
		return min(2*kept, c.top)
	case kept == 0 && lost/2 >= lowestRung:
		return lost / 2
	case kept == 0 || lost < 1.5*kept || c.tries(between) > 0:
		return 0
	}
	return between
}

func (c *climb) tries(rate float64) int {
	n := 0
	for _, r := range c.rungs {
		if math.Abs(r.Offered-rate) < 1e-6*rate {
			n++
		}
	}
	return n
}

// lowestLost is the lowest rate that was not kept, above those that were; 0 for
// none.
func (c *climb) lowestLost() float64 {
	lost, kept := 0.0, Rungs{Rungs: c.rungs}.Highest()
	for _, r := range c.rungs {
		if !r.Kept && r.Offered > kept && (lost == 0 || r.Offered < lost) {
			lost = r.Offered
		}
	}
	return lost
}

// lowest is the rung with the lowest rate.
func (c *climb) lowest() Rung {
	return slices.MinFunc(c.rungs, func(a, b Rung) int { return cmp.Compare(a.Offered, b.Offered) })
}

// Highest is the highest rate that was kept; 0 for none.
func (r Rungs) Highest() (kept float64) {
	for _, rung := range r.Rungs {
		if rung.Kept {
			kept = max(kept, rung.Offered)
		}
	}
	return kept
}

// load is the streams at that rate, together.
func (c *climb) load(rate float64) []attack.Stream {
	c.asked = rate
	load := slices.Clone(c.streams)
	lasts := max(rungLasts, time.Duration(10/rate*float64(time.Second))) // ten requests, at least
	for i := range load {
		load[i].Schedule = attack.Constant{Rate: rate * c.shares[i], Lasts: lasts}
		load[i].Timeout = min(cmp.Or(load[i].Timeout, rungTimeout), rungTimeout)
	}
	return load
}

// SharesOf is how the streams share their rate: the parts add up to 1. Streams
// without a schedule share it evenly.
func SharesOf(streams []attack.Stream) []float64 {
	shares := make([]float64, len(streams))
	sum := 0.0
	for i, s := range streams {
		if s.Schedule == nil || s.Schedule.Span() <= 0 {
			sum = 0
			break
		}
		shares[i] = float64(s.Schedule.Count()) / s.Schedule.Span().Seconds()
		sum += shares[i]
	}
	for i := range shares {
		if sum > 0 {
			shares[i] /= sum
		} else {
			shares[i] = 1 / float64(len(shares))
		}
	}
	return shares
}

// Broke is the lowest rate above those that were kept, as it went last; nil for
// none.
func (r Rungs) Broke() *Rung {
	lost := (&climb{rungs: r.Rungs}).lowestLost()
	for i, rung := range slices.Backward(r.Rungs) {
		if lost > 0 && !rung.Kept && rung.Offered == lost {
			return &r.Rungs[i]
		}
	}
	return nil
}
