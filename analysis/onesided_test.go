package analysis_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
)

// R's example(wilcox.test), the depression data of Hollander and Wolfe 1973:
// wilcox.test(x, y, paired = TRUE, alternative = "greater") gives V = 40,
// p-value = 0.01953.
func TestSignedRankGreaterPublished(t *testing.T) {
	d := mapped(hamilton(), func(v float64) float64 { return -v })
	if got := analysis.SignedRankGreater(d); got != 0.01953125 {
		t.Errorf("got %v, want 0.01953125", got)
	}
	// alternative = "less": P(V ≤ 40) = 1 − P(W ≤ 4) = 1 − 7/512.
	if got, want := analysis.SignedRankGreater(hamilton()), 1-7.0/512; got != want {
		t.Errorf("the other way: got %v, want %v", got, want)
	}
}

func TestSignedRankGreater(t *testing.T) {
	for _, c := range []struct {
		name string
		d    []float64
		want float64
	}{
		{"no differences", nil, 1},
		{"only zeros", []float64{0, 0}, 1},
		{"all above: 1/64", []float64{1, 2, 3, 4, 5, 6}, 1.0 / 64},
		{"all below", []float64{-1, -2, -3}, 1},
		{"the smallest below: 2/64", []float64{-1, 2, 3, 4, 5, 6}, 2.0 / 64},
		{"the largest below: 14/64", []float64{1, 2, 3, 4, 5, -6}, 14.0 / 64},
		{"zeros are left out: 1/4", []float64{0, 1, 2, 0}, 0.25},
		{"three tied above: 1/8", []float64{1, 1, 1}, 0.125},
		// Ranks 2 2 2: of 8 ways four have a sum of 4 or more.
		{"one of three tied below: 4/8", []float64{1, 1, -1}, 0.5},
		// Ranks 1.5 1.5 3.5 3.5, and 6.5 was seen. Of 16 ways one gives 10, two 8.5,
		// one 7 and two 6.5.
		{"ties of two: 6/16", []float64{1, 1, 2, -2}, 6.0 / 16},
	} {
		if got := analysis.SignedRankGreater(c.d); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// One side or the other: without ties the two one-sided values overlap in what
// was seen itself, and the smaller one is half of the two-sided.
func TestOneSidedProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfNDistinct(rapid.IntRange(1, 200), 1, 20, rapid.ID[int]).Draw(t, "sizes")
		d := make([]float64, len(sizes))
		for i, size := range sizes {
			d[i] = float64(size)
			if rapid.Bool().Draw(t, "below") {
				d[i] = -d[i]
			}
		}
		above := analysis.SignedRankGreater(d)
		below := analysis.SignedRankGreater(mapped(d, func(v float64) float64 { return -v }))
		if two := analysis.SignedRankP(d); math.Abs(min(1, 2*min(above, below))-two) > 1e-12 {
			t.Fatalf("%v and %v, two-sided %v", above, below, two)
		}
		if above+below < 1 {
			t.Fatalf("%v and %v", above, below)
		}
		level := rapid.SampledFrom([]float64{0.2, 0.05, 0.01, 0.002, 0.001 / 3}).Draw(t, "level")
		if math.Ldexp(1, -len(d)) > level {
			return // too few to exclude anything
		}
		e := analysis.HodgesLehmannBounds(d, level, 0.3)
		if (e.Low > 0) != (above <= level) {
			t.Fatalf("p = %v at %v, and %+v", above, level, e)
		}
		if e = analysis.HodgesLehmannBounds(d, 0.3, level); (e.High < 0) != (below <= level) {
			t.Fatalf("p = %v at %v, and %+v", below, level, e)
		}
	})
}
