package analysis_test

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
)

// The published critical values: the largest w with 2·P(W ≤ w) ≤ alpha.
func TestSignedRankCriticalValues(t *testing.T) {
	tables := map[float64]map[int]int{
		0.05: {
			6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 11: 10, 12: 13, 13: 17, 14: 21, 15: 25,
			16: 29, 17: 34, 18: 40, 19: 46, 20: 52, 25: 89, 30: 137,
		},
		0.01: {
			8: 0, 9: 1, 10: 3, 11: 5, 12: 7, 13: 9, 14: 12, 15: 15, 16: 19, 20: 37, 25: 68, 30: 109,
		},
	}
	for alpha, critical := range tables {
		for n, w := range critical {
			if p := 2 * analysis.SignedRankCDF(w, n); p > alpha {
				t.Errorf("n = %d: 2·P(W ≤ %d) = %v, want at most %v", n, w, p, alpha)
			}
			if p := 2 * analysis.SignedRankCDF(w+1, n); p <= alpha {
				t.Errorf("n = %d: 2·P(W ≤ %d) = %v, want more than %v", n, w+1, p, alpha)
			}
		}
	}
}

func TestSignedRankCDF(t *testing.T) {
	cases := []struct {
		w, n int
		want float64
	}{
		{-1, 9, 0},
		{0, 9, 1.0 / 512},
		// The sets of ranks that sum to 0 … 5 are 1, 1, 1, 2, 2 and 3.
		{5, 9, 10.0 / 512},
		{6, 9, 14.0 / 512},
		{22, 9, 0.5}, // 45 is odd: the middle lies between 22 and 23
		{44, 9, 511.0 / 512},
		{45, 9, 1},
		{46, 9, 1},
		{0, 6, 1.0 / 64},
		{0, 1, 0.5},
		{2, 3, 3.0 / 8},
		{0, 0, 1},
	}
	for _, c := range cases {
		if got := analysis.SignedRankCDF(c.w, c.n); got != c.want {
			t.Errorf("P(W ≤ %d), n = %d: got %v, want %v", c.w, c.n, got, c.want)
		}
	}
}

// Every one of the 2^n ways to give n ranks a sign, counted.
func TestSignedRankCDFCountsSigns(t *testing.T) {
	for n := 1; n <= 12; n++ {
		atMost := make([]int, n*(n+1)/2+1)
		for signs := range uint(1) << n {
			sum := 0
			for rest := signs; rest != 0; rest &= rest - 1 {
				sum += bits.TrailingZeros(rest) + 1
			}
			for w := sum; w < len(atMost); w++ {
				atMost[w]++
			}
		}
		for w, ways := range atMost {
			if got, want := analysis.SignedRankCDF(w, n), float64(ways)/float64(uint(1)<<n); got != want {
				t.Fatalf("P(W ≤ %d), n = %d: got %v, want %v", w, n, got, want)
			}
		}
	}
}

func TestSignedRankP(t *testing.T) {
	cases := []struct {
		name string
		d    []float64
		want float64
	}{
		{"no differences", nil, 1},
		{"only zeros", []float64{0, 0, 0}, 1},
		{"one: 2·P(W ≤ 0) = 2/2", []float64{3}, 1},
		{"zeros are left out: 2·P(W ≤ 0; n = 2) = 2/4", []float64{0, 1, 2, 0}, 0.5},
		{"all on one side: 2/64", []float64{1, 2, 3, 4, 5, 6}, 1.0 / 32},
		{"and on the other", []float64{-1, -2, -3, -4, -5, -6}, 1.0 / 32},
		{"the smallest against the rest: 2·P(W ≤ 1) = 2·2/64", []float64{-1, 2, 3, 4, 5, 6}, 1.0 / 16},
		{"the largest against the rest: 2·P(W ≤ 6) = 2·14/64", []float64{1, 2, 3, 4, 5, -6}, 28.0 / 64},
		{"balanced: 1+4 against 2+3, 2·P(W ≤ 5) is over 1", []float64{1, -2, -3, 4}, 1},
		{"a tie of three has rank 2 each: 2·P(W ≤ 2; n = 3) = 2·3/8", []float64{1, 1, -1}, 0.75},
		{"ranks 1.5 1.5 3.5 3.5, 3.5 rounded up: 2·P(W ≤ 4) = 2·7/16", []float64{1, 1, 2, -2}, 0.875},
	}
	for _, c := range cases {
		given := slices.Clone(c.d)
		if got := analysis.SignedRankP(given); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		if !slices.Equal(given, c.d) {
			t.Errorf("%s: the differences were changed to %v", c.name, given)
		}
	}
}

// Depression scale factor IV before (x) and after (y) a tranquilizer, Hollander
// and Wolfe 1973, p. 29f.
var (
	hamiltonX = []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	hamiltonY = []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
)

func hamilton() []float64 {
	d := make([]float64, len(hamiltonX))
	for i := range d {
		d[i] = hamiltonY[i] - hamiltonX[i]
	}
	return d
}

// Published: V = 40 of 45, so 2·P(W ≤ 5) = 20/512; estimate −0.46, 96.1 %
// interval −0.786 to −0.010.
func TestPublishedExample(t *testing.T) {
	if got := analysis.SignedRankP(hamilton()); got != 0.0390625 {
		t.Errorf("p: got %v, want 0.0390625", got)
	}
	e := analysis.HodgesLehmann(hamilton(), 0.95)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"value", e.Value, -0.46}, {"low", e.Low, -0.786}, {"high", e.High, -0.010},
		{"confidence", e.Confidence, 0.9609375},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
	if e.N != 9 {
		t.Errorf("n: got %d, want 9", e.N)
	}
}

func TestHodgesLehmann(t *testing.T) {
	cases := []struct {
		name       string
		d          []float64
		confidence float64
		want       analysis.Estimate
	}{
		{"no differences", nil, 0.95, analysis.Estimate{}},
		{"one says nothing: 1 − 2·1/2", []float64{7}, 0.95, analysis.Estimate{Value: 7, Low: 7, High: 7, Confidence: 0, N: 1}},
		{"two: 1 − 2·1/4", []float64{4, 2}, 0.95, analysis.Estimate{Value: 3, Low: 2, High: 4, Confidence: 0.5, N: 2}},
		// Walsh averages 1, 1.5, 2, 5, 5.5, 9: the middle is (2 + 5)/2.
		{"three: 1 − 2·1/8", []float64{2, 9, 1}, 0.95, analysis.Estimate{Value: 3.5, Low: 1, High: 9, Confidence: 0.75, N: 3}},
		{"six are enough: 1 − 2·1/64", []float64{1, 2, 3, 4, 5, 6}, 0.95, analysis.Estimate{Value: 3.5, Low: 1, High: 6, Confidence: 0.96875, N: 6}},
		// 2·P(W ≤ 2) = 6/64 ≤ 0.1, so the third of 1, 1.5, 2, 2, 2.5 … from either end.
		{"asked for less: 1 − 2·3/64", []float64{1, 2, 3, 4, 5, 6}, 0.9, analysis.Estimate{Value: 3.5, Low: 2, High: 5, Confidence: 0.90625, N: 6}},
		{"exactly what a step holds", []float64{1, 2, 3}, 0.75, analysis.Estimate{Value: 2, Low: 1, High: 3, Confidence: 0.75, N: 3}},
		{"a tie counts as often as it occurs", []float64{5, 5, 5, 5, 5, 5}, 0.95, analysis.Estimate{Value: 5, Low: 5, High: 5, Confidence: 0.96875, N: 6}},
		// Walsh averages: 0 ten times, 1 four times, 2 once.
		{"zeros are differences too", []float64{0, 0, 0, 0, 2}, 0.95, analysis.Estimate{Value: 0, Low: 0, High: 2, Confidence: 0.9375, N: 5}},
		// Walsh averages −1, 0, 1.
		{"an even number of opposites", []float64{-1, 1}, 0.95, analysis.Estimate{Value: 0, Low: -1, High: 1, Confidence: 0.5, N: 2}},
	}
	for _, c := range cases {
		given := slices.Clone(c.d)
		if got := analysis.HodgesLehmann(given, c.confidence); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
		if !slices.Equal(given, c.d) {
			t.Errorf("%s: the differences were changed to %v", c.name, given)
		}
	}
}

func TestBlocksFor(t *testing.T) {
	// The fewest n with 2·(1/2)^n ≤ 1 − confidence.
	cases := map[float64]int{
		0:       1,
		0.5:     2, // 2/4 = 0.5
		0.75:    3, // 2/8 = 0.25
		0.9:     5, // 2/32 = 0.0625 ≤ 0.1
		0.9375:  5,
		0.95:    6, // 2/64 = 0.03125; 0.0625 with 5
		0.96875: 6,
		0.99:    8,  // 2/256 = 0.0078; 0.0156 with 7
		0.999:   11, // 2/2048 = 0.00098; 0.00195 with 10
	}
	for confidence, want := range cases {
		got := analysis.BlocksFor(confidence)
		if got != want {
			t.Errorf("%v: got %d, want %d", confidence, got, want)
		}
		for _, n := range []int{want, want + 1, want + 5} {
			if e := analysis.HodgesLehmann(make([]float64, n), confidence); e.Confidence < confidence {
				t.Errorf("%v: %d blocks hold %v only", confidence, n, e.Confidence)
			}
		}
		if e := analysis.HodgesLehmann(make([]float64, want-1), confidence); want > 1 && e.Confidence >= confidence {
			t.Errorf("%v: %d blocks hold %v already", confidence, want-1, e.Confidence)
		}
	}
}

var someConfidence = rapid.SampledFrom([]float64{0.5, 0.8, 0.9, 0.95, 0.99})

// differences are whole numbers, so that Walsh averages are exact.
func differences(t *rapid.T, least int) []float64 {
	whole := rapid.SliceOfN(rapid.IntRange(-40, 40), least, 14).Draw(t, "differences")
	d := make([]float64, len(whole))
	for i, v := range whole {
		d[i] = float64(v)
	}
	return d
}

func mapped(d []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(d))
	for i, v := range d {
		out[i] = f(v)
	}
	return out
}

func TestHodgesLehmannProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, confidence := differences(t, 1), someConfidence.Draw(t, "confidence")
		e := analysis.HodgesLehmann(d, confidence)
		if !(e.Low <= e.Value && e.Value <= e.High) {
			t.Fatalf("out of order: %+v", e)
		}
		if e.Low < slices.Min(d) || e.High > slices.Max(d) {
			t.Fatalf("beyond the differences: %+v", e)
		}
		if len(d) >= analysis.BlocksFor(confidence) && e.Confidence < confidence {
			t.Fatalf("holds less than asked for: %+v", e)
		}

		by := float64(rapid.IntRange(-100, 100).Draw(t, "shift"))
		want := analysis.Estimate{Value: e.Value + by, Low: e.Low + by, High: e.High + by, Confidence: e.Confidence, N: e.N}
		if got := analysis.HodgesLehmann(mapped(d, func(v float64) float64 { return v + by }), confidence); got != want {
			t.Fatalf("shifted by %v: got %+v, want %+v", by, got, want)
		}

		times := float64(rapid.IntRange(1, 9).Draw(t, "scale"))
		want = analysis.Estimate{Value: e.Value * times, Low: e.Low * times, High: e.High * times, Confidence: e.Confidence, N: e.N}
		if got := analysis.HodgesLehmann(mapped(d, func(v float64) float64 { return v * times }), confidence); got != want {
			t.Fatalf("scaled by %v: got %+v, want %+v", times, got, want)
		}

		want = analysis.Estimate{Value: -e.Value, Low: -e.High, High: -e.Low, Confidence: e.Confidence, N: e.N}
		if got := analysis.HodgesLehmann(mapped(d, func(v float64) float64 { return -v }), confidence); got != want {
			t.Fatalf("mirrored: got %+v, want %+v", got, want)
		}

		if got := analysis.HodgesLehmann(rapid.Permutation(d).Draw(t, "order"), confidence); got != e {
			t.Fatalf("in another order: got %+v, want %+v", got, e)
		}
	})
}

func TestSignedRankPProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := differences(t, 0)
		p := analysis.SignedRankP(d)
		if !(p > 0 && p <= 1) {
			t.Fatalf("p = %v", p)
		}
		for name, same := range map[string][]float64{
			"mirrored":         mapped(d, func(v float64) float64 { return -v }),
			"scaled":           mapped(d, func(v float64) float64 { return 3 * v }),
			"in another order": rapid.Permutation(d).Draw(t, "order"),
			"with a zero":      append(slices.Clone(d), 0),
		} {
			if got := analysis.SignedRankP(same); got != p {
				t.Fatalf("%s: got %v, want %v", name, got, p)
			}
		}
	})
}

// The interval inverts the test: without ties and zeros it leaves out zero
// exactly when the test rejects it.
func TestIntervalInvertsTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		confidence := someConfidence.Draw(t, "confidence")
		sizes := rapid.SliceOfNDistinct(rapid.IntRange(1, 200), analysis.BlocksFor(confidence), 16, rapid.ID[int]).Draw(t, "sizes")
		mostly := rapid.IntRange(0, 10).Draw(t, "mostly") // of 10 are negative
		d := make([]float64, len(sizes))
		for i, size := range sizes {
			d[i] = float64(size)
			if rapid.IntRange(1, 10).Draw(t, "sign") <= mostly {
				d[i] = -d[i]
			}
		}
		e := analysis.HodgesLehmann(d, confidence)
		rejected := analysis.SignedRankP(d) <= 1-confidence
		if outside := e.Low > 0 || e.High < 0; outside != rejected {
			t.Fatalf("%v: p = %v and %+v", d, analysis.SignedRankP(d), e)
		}
	})
}
