package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Rate is one that both arms keep with room to spare, and why.
type Rate struct {
	PerSecond float64 // of all streams together
	// Why explains the rate in a sentence.
	Why    string
	Climbs []analysis.Rungs
}

const (
	// SafeShare is which part of the highest rate that was kept is safe.
	SafeShare = 0.45
	leastRate = 50.0
	mostRate  = 2000.0 // plenty for a p99, and two cores bear both ends of it
)

// FindRate gives a rate safely below the saturation of the slower arm: SafeShare of
// the highest that it kept, from 50 to 2,000 requests per second, or less than 50
// for an arm that keeps no more than that with room to spare.
func FindRate(ctx context.Context, arms []attack.Arm) (Rate, error) {
	climbs, err := analysis.Saturate(ctx, arms)
	r := Rate{Climbs: climbs}
	switch {
	case err == nil:
		r.choose()
	case errors.Is(err, analysis.ErrNoRate):
		err = fmt.Errorf("%w; give one with --rate", err)
	}
	return r, err
}

// choose sets the rate and explains it.
func (r *Rate) choose() {
	slower := slices.MinFunc(r.Climbs, func(a, b analysis.Rungs) int { return cmp.Compare(a.Highest(), b.Highest()) })
	highest := slower.Highest()
	safe := SafeShare * highest
	r.PerSecond = max(twoDigits(min(safe, mostRate)), min(leastRate, highest/2))
	share := percent(math.Round(100*r.PerSecond/highest) / 100)
	switch broke := slower.Broke(); {
	case r.PerSecond >= mostRate:
		r.Why = fmt.Sprintf("%s/s: all arms kept %s/s, and more than %s/s is never chosen", analysis.Digits(r.PerSecond), analysis.Digits(highest), analysis.Digits(mostRate))
	case broke == nil:
		r.Why = fmt.Sprintf("%s/s: %s of %s/s, which all arms kept; there was no time to go higher", analysis.Digits(r.PerSecond), share, analysis.Digits(highest))
	case broke.Generator:
		r.Why = fmt.Sprintf("%s/s: %s of %s/s; at %s/s the generator fell behind, so how much %s can do is unknown", analysis.Digits(r.PerSecond), share, analysis.Digits(highest), analysis.Digits(broke.Offered), slower.Arm)
	default:
		r.Why = fmt.Sprintf("%s/s: %s of %s/s, the most that %s kept; at %s/s %s", analysis.Digits(r.PerSecond), share, analysis.Digits(highest), slower.Arm, analysis.Digits(broke.Offered), broke.Why)
	}
}

// twoDigits rounds down to two significant digits.
func twoDigits(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v))-1)
	return math.Floor(v/unit+1e-9) * unit
}
