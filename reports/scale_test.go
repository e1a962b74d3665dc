package reports

import (
	"math"
	"slices"
	"testing"
	"time"
)

func tickLabels(s scale) []string {
	var of []string
	for _, t := range s.ticks {
		of = append(of, t.label)
	}
	return of
}

func TestLinearTicksShareOneUnit(t *testing.T) {
	cases := []struct {
		high   float64
		atMost int
		want   []string
	}{
		{505e6, 4, []string{"0 ms", "200 ms", "400 ms"}},                                  // 505/4 = 126, up to 200
		{2.5e9, 12, []string{"0 s", "0.5 s", "1 s", "1.5 s", "2 s", "2.5 s"}},             // 2.5/12 = 0.21, up to 0.5
		{0.35e6, 4, []string{"0 ms", "0.1 ms", "0.2 ms", "0.3 ms"}},                       // 0.35/4 = 0.0875, up to 0.1
		{0, 4, []string{"0 µs", "0.5 µs", "1 µs"}},                                        // never empty: 1 µs
		{3600e9, 4, []string{"0 s", "1000 s", "2000 s", "3000 s"}},                        // 3600/4 = 900
		{math.MaxInt64, 4, []string{"0 s", "5000000000 s"}},                               // 9.2e9/4 = 2.3e9
		{60e6, 6, []string{"0 ms", "10 ms", "20 ms", "30 ms", "40 ms", "50 ms", "60 ms"}}, // 60/6 = 10 exactly
	}
	for _, c := range cases {
		if got := tickLabels(linearTime(c.high, c.atMost)); !slices.Equal(got, c.want) {
			t.Errorf("up to %v ns: got %q, want %q", c.high, got, c.want)
		}
	}
}

func TestLogTicksAreDecadesInWords(t *testing.T) {
	cases := []struct {
		low, high float64
		want      []string
	}{
		{0.3e6, 401e6, []string{"0.2 ms", "0.5 ms", "1 ms", "2 ms", "5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms"}},
		{50e3, 1.5e9, []string{"0.1 ms", "1 ms", "10 ms", "100 ms", "1 s"}},
		{0.3e6, 0.4e6, []string{"50 µs", "0.1 ms", "0.2 ms", "0.5 ms"}}, // less than a decade
		{0, 0, []string{"1 µs", "2 µs", "5 µs", "10 µs"}},
		{-5, 3e6, []string{"1 µs", "2 µs", "5 µs", "10 µs", "20 µs", "50 µs", "0.1 ms", "0.2 ms", "0.5 ms", "1 ms", "2 ms", "5 ms"}},
		{2e3, 900e6, []string{"10 µs", "0.1 ms", "1 ms", "10 ms", "100 ms", "1 s"}}, // 2 µs to 1 s, over four decades
	}
	for _, c := range cases {
		if got := tickLabels(logTime(c.low, c.high)); !slices.Equal(got, c.want) {
			t.Errorf("%v to %v ns: got %q, want %q", c.low, c.high, got, c.want)
		}
	}
}

func TestLogScaleNeverMeetsZero(t *testing.T) {
	s := logTime(0, 1e9)
	for _, v := range []float64{0, -1, 1, 999} {
		if got := s.place(v); got != 0 {
			t.Errorf("%v ns lies at %v, want at the axis's low end", v, got)
		}
	}
	// 1 µs to 1 s are six decades; 1 ms is the third.
	if got := s.place(float64(time.Millisecond)); math.Abs(got-0.5) > 1e-9 {
		t.Errorf("1 ms lies at %v, want 0.5", got)
	}
	if got := s.place(1e12); got != 1 {
		t.Errorf("beyond the axis lies at %v, want its high end", got)
	}
}

func TestLogScaleHoldsItsValues(t *testing.T) {
	for _, v := range []float64{1e3, 2e3, 9.99e5, 1e6, 4.01e8, math.MaxInt64} {
		s := logTime(v, v)
		if s.low > v || s.high < v || s.high/s.low < 9.99 {
			t.Errorf("%v ns: axis from %v to %v", v, s.low, s.high)
		}
	}
}

func TestTailsNameOnlyWhatSamplesSupport(t *testing.T) {
	cases := []struct {
		n    float64
		want []string
	}{
		{1, []string{"p50", "p90"}},
		{99, []string{"p50", "p90"}},
		{100, []string{"p50", "p90", "p99"}},
		{500, []string{"p50", "p90", "p99"}}, // p99.9 needs 1,000
		{1000, []string{"p50", "p90", "p99", "p99.9"}},
		{100_000, []string{"p50", "p90", "p99", "p99.9", "p99.99", "p99.999"}},
	}
	for _, c := range cases {
		if got := tickLabels(tails(1 / c.n)); !slices.Equal(got, c.want) {
			t.Errorf("n %v: got %q, want %q", c.n, got, c.want)
		}
	}
}

func TestTailsRunFromLeftToRight(t *testing.T) {
	s := tails(0.005)
	// From 0.5 to 0.005 are two decades; 0.05 is in the middle.
	for tail, want := range map[float64]float64{1: 0, 0.5: 0, 0.05: 0.5, 0.005: 1, 0: 1} {
		if got := s.place(tail); math.Abs(got-want) > 1e-9 {
			t.Errorf("tail %v lies at %v, want %v", tail, got, want)
		}
	}
}

func TestSteps125(t *testing.T) {
	cases := []struct{ v, down, up float64 }{
		{1, 1, 1}, {1.1, 1, 2}, {2, 2, 2}, {4.9, 2, 5}, {5, 5, 5}, {5.1, 5, 10}, {0.03, 0.02, 0.05}, {1000, 1000, 1000},
	}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9*b }
	for _, c := range cases {
		if got := floor125(c.v); !near(got, c.down) {
			t.Errorf("floor of %v: got %v, want %v", c.v, got, c.down)
		}
		if got := ceil125(c.v); !near(got, c.up) {
			t.Errorf("ceiling of %v: got %v, want %v", c.v, got, c.up)
		}
	}
}
