package analysis

import (
	"math"
	"testing"
)

// R's example(wilcox.test): Hollander and Wolfe 1973, p. 69f, "greater": W = 35,
// p-value = 0.1272.
func TestMannWhitney(t *testing.T) {
	x := []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	y := []float64{1.15, 0.88, 0.90, 0.74, 1.21}
	if u, _ := mannWhitneyU(x, y); u != 35 {
		t.Errorf("U = %v, want 35", u)
	}
	if p := MannWhitneyGreater(x, y); math.Abs(p-0.1272) > 5e-5 {
		t.Errorf("p = %.5f, want 0.1272", p)
	}
	for _, c := range []struct {
		x, y []float64
		want float64
	}{
		{[]float64{3, 4}, []float64{1, 2}, 1. / 6},    // one of the 6 ways to choose 2 of 4 ranks
		{[]float64{1, 2}, []float64{3, 4}, 1},         // all of them
		{[]float64{2, 4}, []float64{1, 3}, 2. / 6},    // U = 3; those with 3 and 4
		{[]float64{1, 1}, []float64{1, 1}, 1},         // all tied
		{nil, []float64{1}, 1},                        // nothing to compare
		{[]float64{4, 5, 6}, []float64{1, 2, 3}, .05}, // 1/20
	} {
		if p := MannWhitneyGreater(c.x, c.y); math.Abs(p-c.want) > 1e-12 {
			t.Errorf("%v against %v: got %v, want %v", c.x, c.y, p, c.want)
		}
	}
	// The approximation is close to the exact value where both can be had.
	var a, b []float64
	for i := range 50 {
		a, b = append(a, float64(2*i)+9.5), append(b, float64(2*i))
	}
	a, b = append(a, 200), append(b, 201)
	u, _ := mannWhitneyU(a, b)
	if exact, close := uTails(51, 51)[int(u)], MannWhitneyGreater(a, b); math.Abs(exact-close) > 0.002 {
		t.Errorf("exact %v, approximated %v", exact, close)
	}
}

// As R gives it for the same data with conf.int = TRUE: 0.305 (-0.15 to 0.76).
func TestShift(t *testing.T) {
	x := []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	y := []float64{1.15, 0.88, 0.90, 0.74, 1.21}
	e := Shift(x, y, 0.95)
	if math.Abs(e.Value-0.305) > 1e-9 || math.Abs(e.Low+0.15) > 1e-9 || math.Abs(e.High-0.76) > 1e-9 || e.Confidence < 0.95 || e.N != 5 {
		t.Errorf("%+v", e)
	}
	// 2 against 2: the smallest tail is 1/6, so the interval is all there is and holds 2/3.
	if e := Shift([]float64{3, 4}, []float64{1, 2}, 0.95); e.Low != 1 || e.High != 3 || e.Value != 2 || math.Abs(e.Confidence-2./3) > 1e-12 {
		t.Errorf("%+v", e)
	}
	if e := Shift(nil, y, 0.95); e != (Estimate{}) {
		t.Errorf("of nothing: %+v", e)
	}
}
