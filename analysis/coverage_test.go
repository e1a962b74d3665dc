package analysis_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

const trials = 4000

// within is the sampling error of a share p of the trials, four times its
// standard deviation.
func within(p float64) float64 { return 4 * math.Sqrt(p*(1-p)/trials) }

// The differences are all symmetric around zero; those of two skewed arms have
// heavy tails.
var symmetric = map[string]func(*rand.Rand) float64{
	"normal":             func(r *rand.Rand) float64 { return r.NormFloat64() },
	"of two exponential": func(r *rand.Rand) float64 { return r.ExpFloat64() - r.ExpFloat64() },
	"of two log-normal":  func(r *rand.Rand) float64 { return math.Exp(2*r.NormFloat64()) - math.Exp(2*r.NormFloat64()) },
}

// The interval covers the centre as often as it says, and so at least as often
// as was asked for, whatever the distribution.
func TestCoverage(t *testing.T) {
	for name, draw := range symmetric {
		for _, n := range []int{6, 8, 12} {
			random := rand.New(rand.NewPCG(1, uint64(n)))
			d := make([]float64, n)
			covered, claimed := 0, 0.0
			for range trials {
				for i := range d {
					d[i] = draw(random)
				}
				e := analysis.HodgesLehmann(d, 0.95)
				claimed = e.Confidence
				if e.Low <= 0 && 0 <= e.High {
					covered++
				}
			}
			share := float64(covered) / trials
			if share < 0.95-within(0.95) {
				t.Errorf("%s, n = %d: covered %.4f, want at least 0.95", name, n, share)
			}
			if math.Abs(share-claimed) > within(claimed) {
				t.Errorf("%s, n = %d: covered %.4f, the interval says %.4f", name, n, share, claimed)
			}
		}
	}
}

// experiment draws blocks whose arms differ by a ratio. Blocks differ from each
// other far more than the arms within one, and the noise is skewed.
type experiment struct {
	blocks int
	ratio  float64 // base/head
	noise  float64
}

func (e experiment) draw(random *rand.Rand) []analysis.Block {
	blocks := make([]analysis.Block, e.blocks)
	for i := range blocks {
		level := math.Exp(random.NormFloat64())
		blocks[i] = analysis.Block{
			"base": lasting(10e6 * level * e.ratio * math.Exp(e.noise*random.ExpFloat64())),
			"head": lasting(10e6 * level * math.Exp(e.noise*random.ExpFloat64())),
		}
	}
	return blocks
}

// judged is how many of the trials end with each outcome.
func (e experiment) judged(threshold float64) map[analysis.Outcome]float64 {
	random := rand.New(rand.NewPCG(2, uint64(e.blocks)))
	share := map[analysis.Outcome]float64{}
	for range trials {
		c := analysis.Compare("time", e.draw(random), duration, "base", "head")
		share[c.Above(threshold).Outcome] += 1.0 / trials
	}
	return share
}

// lasting is a run with one sample that took so many nanoseconds.
func lasting(ns float64) attack.Run {
	return attack.Run{Samples: []attack.Sample{{Done: time.Duration(ns)}}}
}

func duration(r attack.Run) float64 { return float64(r.Samples[0].Done) }

// Of two equal arms either is found better in at most (1 − 0.95)/2 of the trials.
func TestFalseAlarms(t *testing.T) {
	for _, n := range []int{6, 8, 12} {
		e := experiment{blocks: n, ratio: 1, noise: 0.3}
		for outcome, share := range e.judged(1) {
			if outcome != analysis.Inconclusive && share > 0.025+within(0.025) {
				t.Errorf("%d blocks: %s in %.4f of the trials, want at most 0.025", n, outcome, share)
			}
		}
	}
	for _, n := range []int{6, 12} {
		at := experiment{blocks: n, ratio: 2, noise: 0.3}.judged(2)
		if at[analysis.Pass] > 0.025+within(0.025) {
			t.Errorf("%d blocks, at the threshold: pass in %.4f of the trials, want at most 0.025", n, at[analysis.Pass])
		}
	}
	if few := (experiment{blocks: 5, ratio: 100, noise: 0.01}).judged(1); few[analysis.Inconclusive] < 1-1e-9 {
		t.Errorf("5 blocks: %v, want inconclusive always", few)
	}
}

func TestPower(t *testing.T) {
	// Six blocks pass when all six differences are above the threshold's. The
	// difference of two exponentials of mean 0.1 is below −x in e^(−x/0.1)/2.
	cases := []struct {
		threshold float64
		outcome   analysis.Outcome
		margin    float64
	}{
		{1, analysis.Pass, math.Log(1.5)},     // (1 − 0.0087)^6 = 0.949
		{3, analysis.Fail, math.Log(3 / 1.5)}, // (1 − 0.0005)^6 = 0.997
	}
	for _, c := range cases {
		want := math.Pow(1-math.Exp(-c.margin/0.1)/2, 6)
		got := experiment{blocks: 6, ratio: 1.5, noise: 0.1}.judged(c.threshold)[c.outcome]
		if math.Abs(got-want) > within(want) {
			t.Errorf("6 blocks, 1.5× held against %v×: %s in %.4f of the trials, want %.4f", c.threshold, c.outcome, got, want)
		}
	}
	few := experiment{blocks: 6, ratio: 1.15, noise: 0.1}.judged(1)[analysis.Pass]
	many := experiment{blocks: 12, ratio: 1.15, noise: 0.1}.judged(1)[analysis.Pass]
	if !(few > 0.2 && many > few+0.2) {
		t.Errorf("1.15×: found in %.3f of the trials with 6 blocks and %.3f with 12", few, many)
	}
}
