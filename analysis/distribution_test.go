package analysis_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
)

// upTo is 1 ns, 2 ns … n ns: the value at rank k is k.
func upTo(n int) []time.Duration {
	d := make([]time.Duration, n)
	for i := range d {
		d[i] = time.Duration(i + 1)
	}
	return d
}

func TestQuantile(t *testing.T) {
	cases := []struct {
		n    int
		q    float64
		want time.Duration // ⌈q·n⌉
	}{
		{1, 0, 1}, {1, 0.5, 1}, {1, 0.999, 1}, {1, 1, 1},
		{2, 0.5, 1},  // ⌈1⌉
		{3, 0.5, 2},  // ⌈1.5⌉
		{10, 0, 1},   // at least the first
		{10, 0.9, 9}, // ⌈9⌉, though 0.9 is no binary number
		{10, 0.91, 10},
		{99, 0.5, 50},     // ⌈49.5⌉
		{99, 0.99, 99},    // ⌈98.01⌉
		{100, 0.5, 50},    // ⌈50⌉
		{100, 0.99, 99},   // ⌈99⌉
		{100, 0.999, 100}, // ⌈99.9⌉
		{101, 0.5, 51},    // ⌈50.5⌉
		{101, 0.99, 100},  // ⌈99.99⌉
		{1000, 0.99, 990},
		{1000, 0.999, 999},
		{1001, 0.999, 1000}, // ⌈999.999⌉
		{1000, 1, 1000},
		{100, 0.07, 7},  // ⌈7⌉, though 0.07·100 is 7.000000000000001 in floating point
		{100, 0.57, 57}, // ⌈57⌉, though 0.57·100 is 56.99999999999999
	}
	for _, c := range cases {
		if got := analysis.Quantile(upTo(c.n), c.q); got != c.want {
			t.Errorf("n = %d, q = %v: got %d, want %d", c.n, c.q, got, c.want)
		}
	}
}

// naiveQuantile is the definition in whole numbers: the first value with at
// least permille·n/1000 values at or below it.
func naiveQuantile(sorted []time.Duration, permille int) time.Duration {
	for _, v := range sorted {
		atOrBelow := 0
		for _, other := range sorted {
			if other <= v {
				atOrBelow++
			}
		}
		if 1000*atOrBelow >= permille*len(sorted) {
			return v
		}
	}
	panic("no value has all others at or below it")
}

func TestQuantileByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.SliceOfN(rapid.IntRange(-20, 1000), 1, 250).Draw(t, "sample")
		sorted := make([]time.Duration, len(whole))
		for i, v := range whole {
			sorted[i] = time.Duration(v)
		}
		slices.Sort(sorted)
		permille := rapid.IntRange(0, 1000).Draw(t, "permille")
		if got, want := analysis.Quantile(sorted, float64(permille)/1000), naiveQuantile(sorted, permille); got != want {
			t.Fatalf("q = %d/1000 of %v: got %d, want %d", permille, sorted, got, want)
		}
	})
}

func TestDescribe(t *testing.T) {
	descending := upTo(1000)
	slices.Reverse(descending)
	cases := []struct {
		name string
		d    []time.Duration
		want analysis.Distribution
	}{
		{"nothing", nil, analysis.Distribution{}},
		{"one is all of them", []time.Duration{7}, analysis.Distribution{N: 1, Min: 7, Mean: 7, P50: 7, P90: 7, P99: 7, P999: 7, Max: 7}},
		// The mean is 8/3 = 2.67; with few samples the tail is the maximum.
		{"unsorted", []time.Duration{5, 1, 2}, analysis.Distribution{N: 3, Min: 1, Mean: 2, P50: 2, P90: 5, P99: 5, P999: 5, Max: 5}},
		// The mean is 1001/2 = 500.5.
		{"a thousand", descending, analysis.Distribution{N: 1000, Min: 1, Mean: 500, P50: 500, P90: 900, P99: 990, P999: 999, Max: 1000}},
		// 3 times 2^62 is beyond a Duration, the mean is not.
		{"years", []time.Duration{1 << 62, 1 << 62, 1 << 62}, analysis.Distribution{
			N: 3, Min: 1 << 62, Mean: 1 << 62, P50: 1 << 62, P90: 1 << 62, P99: 1 << 62, P999: 1 << 62, Max: 1 << 62,
		}},
	}
	for _, c := range cases {
		if got := analysis.Describe(c.d); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
		if !slices.IsSorted(c.d) {
			t.Errorf("%s: left unsorted", c.name)
		}
	}
}
