package gate

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
)

// somewhere draws a world with some regressions, and its blocks.
func somewhere(t *rapid.T) []Block {
	w := quiet()
	w.errors = rapid.SampledFrom([]float64{0, 0.0005, 0.02}).Draw(t, "errors")
	w = w.slower(map[string]float64{
		"p50": rapid.Float64Range(-0.3, 0.3).Draw(t, "p50"),
		"p99": rapid.Float64Range(-0.5, 0.9).Draw(t, "p99"),
	})
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	return w.draw(random, rapid.IntRange(0, 90).Draw(t, "blocks"))
}

func outcomes(v Verdict) map[string]analysis.Outcome {
	found := map[string]analysis.Outcome{"": v.Outcome}
	for _, m := range v.Metrics {
		found[m.Name] = m.Outcome
	}
	return found
}

func same(a, b map[string]analysis.Outcome) bool {
	for name, o := range a {
		if b[name] != o {
			return false
		}
	}
	return true
}

// scaled makes every time and size of both arms larger by a factor.
func scaled(blocks []Block, by float64) []Block {
	of := func(r Reading) Reading {
		values, halves := map[string]float64{}, map[string][2]float64{}
		for name, v := range r.Values {
			values[name] = v * by
		}
		for name, h := range r.Halves {
			halves[name] = [2]float64{h[0] * by, h[1] * by}
		}
		values[ErrorRate] = r.Values[ErrorRate]
		r.Values, r.Halves = values, halves
		return r
	}
	out := make([]Block, len(blocks))
	for i, b := range blocks {
		out[i] = Block{Number: b.Number, Base: of(b.Base), Head: of(b.Head)}
	}
	return out
}

func swapped(blocks []Block) []Block {
	out := make([]Block, len(blocks))
	for i, b := range blocks {
		out[i] = Block{Number: b.Number, Base: b.Head, Head: b.Base}
	}
	return out
}

// A machine twice as slow gives the same verdict.
func TestScaleChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, blocks := Default(), somewhere(t)
		v := JudgeMeasured(s, Measured{Blocks: blocks})
		larger := JudgeMeasured(s, Measured{Blocks: scaled(blocks, 4)})
		if !same(outcomes(v), outcomes(larger)) {
			t.Fatalf("%v, and four times as large %v", outcomes(v), outcomes(larger))
		}
	})
}

// Swapping the arms turns the sign of every change around.
func TestSwappedArms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, blocks := Default(), somewhere(t)
		for _, m := range Metrics() {
			forth, back := collect(m, blocks), collect(m, swapped(blocks))
			if len(forth.pairs) == 0 {
				continue
			}
			look := Look{Alpha: 0.01}
			a := MetricVerdict{Metric: m, Pairs: forth.pairs}.estimate(look.Alpha, look.Alpha)
			b := MetricVerdict{Metric: m, Pairs: back.pairs}.estimate(look.Alpha, look.Alpha)
			if math.Abs(m.difference(a.Value)+m.difference(b.Value)) > 1e-9 || math.Abs(m.difference(a.Low)+m.difference(b.High)) > 1e-9 {
				t.Fatalf("%s: %+v and %+v", m.Name, a, b)
			}
		}
		v, w := JudgeMeasured(s, Measured{Blocks: blocks}), JudgeMeasured(s, Measured{Blocks: swapped(blocks)})
		if v.Outcome == analysis.Fail && w.Outcome == analysis.Fail {
			for name, o := range outcomes(v) {
				if name != "" && o == analysis.Fail && outcomes(w)[name] == analysis.Fail {
					t.Fatalf("%s fails both ways", name)
				}
			}
		}
	})
}

// A head slower by a factor in every block only ever gets worse.
func TestSlowerHeadIsNeverBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Look{Blocks: 24, Alpha: 0.002}
		blocks := quiet().draw(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2)), l.Blocks)
		by := rapid.Float64Range(1, 3).Draw(t, "by")
		m := Metrics()[0]
		before := collect(m, blocks)
		after := collect(m, blocks)
		for i := range after.d {
			after.d[i] += math.Log(by)
			after.pairs[i].Head *= by
		}
		p, q := analysis.SignedRankGreater(before.d), analysis.SignedRankGreater(after.d)
		if q > p {
			t.Fatalf("p rose from %v to %v", p, q)
		}
	})
}

// Whatever the blocks, a verdict is complete: a metric fails only with a
// significant effect of δ, passes only below it, and a passing gate has no metric
// that doesn't.
func TestVerdictsHoldTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, blocks := Default(), somewhere(t)
		v := JudgeMeasured(s, Measured{Blocks: blocks})
		if v.Headline == "" {
			t.Fatal("no headline")
		}
		if v.Outcome != analysis.Pass && len(v.Reasons) == 0 {
			t.Fatalf("%s without a reason", v.Outcome)
		}
		fails := false
		for _, m := range v.Metrics {
			fails = fails || m.Outcome == analysis.Fail
			switch {
			case m.Outcome == analysis.Fail && (m.Adjusted > m.Level || m.Name != ErrorRate && m.Change.Value < m.Delta-1e-9):
				t.Fatalf("fails: %+v", m)
			case m.Outcome == analysis.Pass && m.Change.High >= m.Delta:
				t.Fatalf("passes: %+v", m)
			case v.Outcome == analysis.Pass && m.Outcome != analysis.Pass && m.Outcome != Informational:
				t.Fatalf("the gate passes, and %s is %s", m.Name, m.Outcome)
			case !m.Gated && m.Outcome != Informational:
				t.Fatalf("%s is not gated and %s", m.Name, m.Outcome)
			}
		}
		if fails != (v.Outcome == analysis.Fail) {
			t.Fatalf("a metric fails: %v, and the gate: %s", fails, v.Outcome)
		}
	})
}
