package gate

import "math"

// Sight is what a design can be expected to see of one metric at one look.
type Sight struct {
	Blocks int
	// Found is the smallest true change (a ratio − 1, or a difference of an
	// absolute metric) that FAILs at this look with the wanted power.
	Found float64
	// Passes is the smallest δ under which an unchanged head passes with that
	// power, this metric taken alone.
	Passes float64
}

// sightPower is the power that a Sight is about.
const sightPower = 0.8

// efficiency is the asymptotic relative efficiency of the signed-rank test and of
// the Hodges–Lehmann estimate against the mean, for normal differences: 3/π
// (Hodges and Lehmann 1956). For heavier tails it is higher, so a Sight errs on
// the careful side where the spread is a robust one.
const efficiency = 3 / math.Pi

// Detectable says for each look what difference can be seen, when d varies from
// block to block with a standard deviation of spread (the metric's own when zero)
// and so many metrics are gated. A normal approximation: the estimate of n blocks
// has a standard error of spread/√(0.955·n); FAIL needs it beyond the quantile of
// Holm's first step, and beyond δ. The chance to have failed at an earlier look
// is not counted, so the power is a little higher.
func (d Design) Detectable(m Metric, metrics int, spread float64) []Sight {
	if spread == 0 {
		spread = m.Spread
	}
	power := normalQuantile(sightPower)
	sights := make([]Sight, len(d.Looks))
	for i, l := range d.Looks {
		wrong := spread / math.Sqrt(efficiency*float64(l.Blocks))
		significant := (normalQuantile(1-l.Alpha/float64(max(metrics, 1))) + power) * wrong
		beyond := l.clear(m) + power*wrong
		if m.Name == ErrorRate {
			beyond = 0 // significantly more is enough
		}
		sights[i] = Sight{
			Blocks: l.Blocks,
			Found:  m.change(max(significant, beyond)),
			Passes: m.change((normalQuantile(1-l.Alpha) + power) * wrong),
		}
	}
	return sights
}

// normalQuantile inverts the standard normal distribution.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
