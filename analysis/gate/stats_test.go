package gate

import (
	"math"
	"slices"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12 }

// As R's p.adjust(p, "holm") gives them.
func TestHolm(t *testing.T) {
	for _, c := range []struct {
		p, adjusted, levels []float64 // at α = 0.05
	}{
		{nil, nil, nil},
		{[]float64{0.04}, []float64{0.04}, []float64{1}},
		// 5 × 0.01; 4 × 0.02; 3 × 0.03; then 2 × 0.04 and 0.05 are less than 0.09.
		{[]float64{0.01, 0.02, 0.03, 0.04, 0.05}, []float64{0.05, 0.08, 0.09, 0.09, 0.09}, []float64{1. / 5, 1. / 4, 1. / 4, 1. / 4, 1. / 4}},
		// In order 0.005 × 4, 0.01 × 3, 0.03 × 2, and 0.04 is less than 0.06.
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}, []float64{1. / 3, 1. / 2, 1. / 2, 1. / 4}},
		{[]float64{0.6, 0.7}, []float64{1, 1}, []float64{1. / 2, 1. / 2}},
		{[]float64{0.01, 0.01}, []float64{0.02, 0.02}, []float64{1. / 2, 1}},
	} {
		adjusted, levels := holm(c.p, 0.05)
		if !slices.EqualFunc(adjusted, c.adjusted, near) || !slices.EqualFunc(levels, c.levels, near) {
			t.Errorf("%v: got %v at %v, want %v at %v", c.p, adjusted, levels, c.adjusted, c.levels)
		}
	}
}

func TestSpread(t *testing.T) {
	// The median is 3, the distances 2 1 0 1 97, and their median 1.
	if got := Spread([]float64{1, 2, 3, 4, 100}); !near(got, 1.4826) {
		t.Errorf("got %v", got)
	}
	if got := Spread(nil); got != 0 {
		t.Errorf("of nothing %v", got)
	}
}

func TestNormalQuantile(t *testing.T) {
	for p, want := range map[float64]float64{0.5: 0, 0.8: 0.8416212, 0.975: 1.9599640, 0.99: 2.3263479, 0.999: 3.0902323} {
		if got := normalQuantile(p); math.Abs(got-want) > 1e-6 {
			t.Errorf("%v: got %v, want %v", p, got, want)
		}
	}
}

func TestDifference(t *testing.T) {
	m := Metric{Floor: 0.05, Delta: 0.1}
	for _, c := range []struct{ base, head, want float64 }{
		{1, 2, math.Ln2}, {2, 1, -math.Ln2},
		{0.001, 0.04, 0},           // both under the floor
		{0, 0.10, math.Ln2},        // 0.10 against the floor
		{0.2, 0.01, -2 * math.Ln2}, // the floor against 0.2
	} {
		if got := m.Difference(c.base, c.head); !near(got, c.want) {
			t.Errorf("%v → %v: got %v, want %v", c.base, c.head, got, c.want)
		}
	}
	if m.Absolute = true; !near(m.Difference(0.01, 0.03), 0.02) || m.limit() != 0.1 {
		t.Error("an absolute metric is compared by difference")
	}
}

// The null's own numbers: ten blocks whose second half is slower by 1 to 10 %.
func TestNullOfDrift(t *testing.T) {
	m := Metrics()[0]
	var pairs []Pair
	for i := range 14 {
		pairs = append(pairs, Pair{i, 1, math.Exp(0.05 + 0.01*float64(i))})
	}
	n := compareHalves(m, pairs, 0.01)
	// The Walsh averages of 0.05 … 0.18 have their median at 0.115; p = 2·2^−14.
	if !near(n.P, math.Ldexp(1, -13)) || !near(math.Log1p(n.Change.Value), 0.115) {
		t.Errorf("%+v", n)
	}
	n.judge(m, 8) // 0.001/8 = 0.000125, and p = 0.000122
	if !n.Failed {
		t.Errorf("%+v should fail: 12 %% is more than δ", n)
	}
	small := compareHalves(m, pairs, 0.01)
	m.Delta = 0.2
	if small.judge(m, 8); small.Failed || small.Reason == "" {
		t.Errorf("%+v is a drift below δ, and only to be told", small)
	}
	few := compareHalves(m, pairs[:13], 0.01)
	m.Delta = 0.05
	if few.judge(m, 8); few.Failed {
		t.Errorf("%+v: 13 blocks can't show so much", few)
	}
}
