package detect

import (
	"time"

	"github.com/looptest/looptest/analysis"
)

// Stall is whether a suspect holds the loop, and for how long.
type Stall struct {
	Found bool
	// Length is in ns, with its interval; the zero Estimate when no stall was found.
	Length analysis.Estimate
	// ByBurst is set when it was not found in the single shots, being too short, and
	// follows from what many at once add up to.
	ByBurst bool
	// Late is set when the loop is held not at once but later in the request.
	Late   bool
	P      float64 // the smaller of the two tests' p-values, at the last look
	Pairs  int     // well-aimed trials of the kind that has fewer
	Trials []Trial
}

// stallLook is a declared look at the trials.
type stallLook struct {
	pairs int
	alpha float64 // of this look, for each of the two tests
}

// looks spend alpha: half of it on the first probe, half on the worst one. At the
// first look the smallest p-value of 8 against 8 is 1/12870.
var looks = []stallLook{{8, alpha / 8}, {12, alpha / 8}, {20, alpha / 4}}

const (
	// enough is after how many pairs a suspect that shows nothing is let go.
	enough = 12
	// hopeless is from which p-value on it shows nothing.
	hopeless = 0.02
	// stallConfidence is what a stall's interval holds.
	stallConfidence = 0.95
)

// tests gives the p-values of the first probes and of the worst ones.
func tests(trials []Trial) (first, worst float64) {
	x, placebo := scores(trials, func(t Trial) time.Duration { return t.First })
	first = analysis.MannWhitneyGreater(less(x, negligible), placebo)
	x, placebo = scores(trials, func(t Trial) time.Duration { return t.Worst })
	worst = analysis.MannWhitneyGreater(less(x, negligible), placebo)
	return first, worst
}

func less(values []float64, by time.Duration) []float64 {
	lower := make([]float64, len(values))
	for i, v := range values {
		lower[i] = v - float64(by)
	}
	return lower
}

// pairs is how many well-aimed trials there are of the kind that has fewer.
func pairs(trials []Trial) int {
	x, placebo := scores(trials, func(t Trial) time.Duration { return t.First })
	return min(len(x), len(placebo))
}

// decide holds the trials against the look. done says that no more are needed.
func decide(trials []Trial, l stallLook) (s Stall, done bool) {
	first, worst := tests(trials)
	s = Stall{P: min(first, worst), Pairs: pairs(trials), Trials: trials}
	if s.Found = first <= l.alpha || worst <= l.alpha; s.Found {
		s.measure(first <= l.alpha)
		return s, true
	}
	return s, l.pairs >= enough && s.P > hopeless || l.pairs == looks[len(looks)-1].pairs
}

// measure estimates the length of a stall that was found: the shift between the
// two kinds of trial, and what the probe missed of the stall's beginning.
func (s *Stall) measure(atOnce bool) {
	early := s.shift(func(t Trial) time.Duration { return t.First }, s.apart())
	late := s.shift(func(t Trial) time.Duration { return t.Worst }, probeEvery/2)
	s.Length = early
	if !atOnce || late.Low > later*early.High+float64(probeEvery) {
		s.Length, s.Late = late, true
	}
}

// later is how many times longer the worst probe has to wait than the first for
// the stall to be one that begins later.
const later = 1.5

func (s *Stall) shift(of func(Trial) time.Duration, missed time.Duration) analysis.Estimate {
	x, placebo := scores(s.Trials, of)
	e := analysis.Shift(x, placebo, stallConfidence)
	for _, v := range []*float64{&e.Value, &e.Low, &e.High} {
		*v = max(0, *v+float64(missed))
	}
	return e
}

// apart is how long after the suspect the first probe left, typically.
func (s *Stall) apart() time.Duration {
	var d []time.Duration
	for _, t := range s.Trials {
		if t.Aimed && !t.Placebo {
			d = append(d, t.Apart)
		}
	}
	return analysis.Describe(d).P50
}
