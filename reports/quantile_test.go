package reports

import (
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
)

// upTo gives 1 ms, 2 ms … n ms.
func upTo(n int) []time.Duration {
	values := make([]time.Duration, n)
	for i := range values {
		values[i] = time.Duration(i+1) * ms
	}
	return values
}

func TestAtTailIsTheNearestRank(t *testing.T) {
	cases := []struct {
		n    int
		tail float64
		want time.Duration
	}{
		{1, 0.5, 1 * ms},        // rank ⌈1 − 0.5⌉ = 1
		{2, 0.5, 1 * ms},        // ⌈2 − 1⌉ = 1
		{3, 0.5, 2 * ms},        // ⌈3 − 1.5⌉ = 2
		{10, 0.1, 9 * ms},       // 10 − 1 = 9
		{10, 0.01, 10 * ms},     // ⌈10 − 0.1⌉ = 10
		{100, 0.01, 99 * ms},    // 100 − 1 = 99
		{500, 0.01, 495 * ms},   // 500 − 5 = 495
		{1000, 0.001, 999 * ms}, // 1000 − 1 = 999
		{10, 0, 10 * ms},
		{10, 1, 1 * ms}, // rank 0 does not exist; the lowest stands for it
	}
	for _, c := range cases {
		if got := atTail(upTo(c.n), c.tail); got != c.want {
			t.Errorf("n %d, tail %v: got %v, want %v", c.n, c.tail, got, c.want)
		}
	}
}

func TestCurveStepsAndEndsWithItsSamples(t *testing.T) {
	// Eight samples: the one of rank r holds from the tail (9−r)/8 down to
	// (8−r)/8. Ranks 4, 5 and 6 are equal and make no step.
	sorted := []time.Duration{ms, 2 * ms, 3 * ms, 4 * ms, 4 * ms, 4 * ms, 5 * ms, 9 * ms}
	want := []point{
		{0.5, 4e6}, // rank ⌈8 − 4⌉ = 4
		{2.0 / 8, 4e6}, {2.0 / 8, 5e6},
		{1.0 / 8, 5e6}, {1.0 / 8, 9e6},
	}
	if got := curve(sorted); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCurveNeverGoesBeyondOneSample(t *testing.T) {
	for _, n := range []int{2, 3, 10, 500, 2500} {
		points := curve(upTo(n))
		last := points[len(points)-1]
		if last.x != 1/float64(n) || last.y != float64(n)*1e6 {
			t.Errorf("n %d: ends with %v, want the largest value at 1/n", n, last)
		}
		for _, p := range points {
			if p.x > tailsBegin {
				t.Errorf("n %d: begins before p50, at %v", n, p.x)
			}
		}
	}
}

func TestCurveOfEqualValuesReachesItsEnd(t *testing.T) {
	got := curve([]time.Duration{ms, ms, ms, ms})
	if want := []point{{0.5, 1e6}, {0.25, 1e6}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := curve([]time.Duration{ms}); !slices.Equal(got, []point{{0.5, 1e6}}) {
		t.Errorf("one sample: got %v", got)
	}
}

func TestBandIsTheRangeOfTheBlocks(t *testing.T) {
	double := upTo(100)
	for i := range double {
		double[i] *= 2
	}
	spans := band([][]time.Duration{upTo(100), double, upTo(1000)[:400]})

	// p50: rank 50 of 1…100 is 50, of 2…200 is 100, and rank 200 of 1…400 is 200.
	if want := (span{0.5, 50e6, 200e6}); spans[0] != want {
		t.Errorf("begins with %v, want %v", spans[0], want)
	}
	// The smallest blocks have 100 samples: the band ends at 1/100, where the
	// ranks are 99, 99 and 396.
	last := spans[len(spans)-1]
	if want := (span{last.tail, 99e6, 396e6}); last != want || last.tail < 0.01-1e-12 || last.tail > 0.01+1e-12 {
		t.Errorf("ends with %v, want %v at 0.01", last, want)
	}
}

func TestBandNeedsTwoBlocks(t *testing.T) {
	if got := band([][]time.Duration{upTo(100)}); got != nil {
		t.Errorf("one block has the band %v", got)
	}
	if got := band([][]time.Duration{upTo(100), upTo(1)}); got != nil {
		t.Errorf("a block of one sample has the band %v", got)
	}
}

// answeredAfter makes samples that were due at zero and took that long.
func answeredAfter(took ...time.Duration) []attack.Sample {
	var samples []attack.Sample
	for i, d := range took {
		samples = append(samples, attack.Sample{Seq: i, Done: d, Code: 200})
	}
	return samples
}

func TestSummaryNamesWhatItLeavesOut(t *testing.T) {
	samples := answeredAfter(upTo(100)...)
	samples = append(samples, attack.Sample{Done: time.Hour, Err: attack.ErrTimeout})
	got := inNumbers(samples, 1200)
	want := []string{"p50 50 ms", "p99 99 ms", "max 100 ms", "n 100", "1 unanswered", "1,200 unsent"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSummaryHasNoP99OfTooFew(t *testing.T) {
	got := inNumbers(answeredAfter(upTo(99)...), 0)
	if want := []string{"p50 50 ms", "max 99 ms", "n 99"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := inNumbers(nil, 0); !slices.Equal(got, []string{"n 0"}) {
		t.Errorf("no samples: got %q", got)
	}
}
