package analysis_test

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
)

func histogramOf(durations ...time.Duration) analysis.Histogram {
	var h analysis.Histogram
	for _, d := range durations {
		h.Add(d)
	}
	return h
}

// anyDuration is spread over all sizes, so that each doubling is as likely.
func anyDuration() *rapid.Generator[time.Duration] {
	return rapid.Custom(func(t *rapid.T) time.Duration {
		bits := rapid.IntRange(0, 41).Draw(t, "bits") // 2^41 ns are 37 minutes
		return time.Duration(rapid.Int64Range(0, 1<<bits).Draw(t, "ns"))
	})
}

func TestHistogramEmpty(t *testing.T) {
	var h analysis.Histogram
	if h.N() != 0 || h.Min() != 0 || h.Max() != 0 || h.Mean() != 0 || h.Quantile(0.5) != 0 || h.CountAbove(0) != 0 {
		t.Errorf("got %+v", h.Distribution())
	}
	if h.Distribution() != (analysis.Distribution{}) {
		t.Errorf("got %+v", h.Distribution())
	}
	h.Each(func(time.Duration, int) { t.Error("there is no bucket") })
	h.Merge(analysis.Histogram{})
	if h.N() != 0 || h.HDR().TotalCount() != 0 {
		t.Error("got something out of nothing")
	}
}

func TestHistogramEnds(t *testing.T) {
	h := histogramOf(-time.Second, 2*time.Hour)
	if h.N() != 2 || h.Min() != 0 || h.Max() != 2*time.Hour || h.Mean() != time.Hour {
		t.Errorf("got %+v, want 0 to 2 h", h.Distribution())
	}
	if got := h.Quantile(1); got != 2*time.Hour {
		t.Errorf("the longest: got %v", got)
	}
	if got := histogramOf(time.Hour).Quantile(0.5); got != time.Hour {
		t.Errorf("an hour: got %v", got)
	}
}

// Sums of nanoseconds pass 64 bits: 2^63 ns are 292 years of waiting in all.
func TestHistogramMeanOfVeryMuch(t *testing.T) {
	var h analysis.Histogram
	h.Add(time.Duration(math.MaxInt64))
	h.Add(time.Duration(math.MaxInt64))
	h.Add(time.Duration(math.MaxInt64))
	if h.Mean() != time.Duration(math.MaxInt64) {
		t.Errorf("got %d", h.Mean())
	}
}

func TestHistogramIsNeverFarFromExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SliceOfN(anyDuration(), 1, 300).Draw(t, "durations")
		h := histogramOf(d...)
		exact := analysis.Describe(d) // sorts
		if h.N() != exact.N || h.Min() != exact.Min || h.Max() != exact.Max {
			t.Fatalf("got %+v, want %+v", h.Distribution(), exact)
		}
		if off := math.Abs(float64(h.Mean() - exact.Mean)); off > 1+1e-9*float64(exact.Mean) {
			t.Fatalf("mean: got %d, want %d", h.Mean(), exact.Mean)
		}
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		got, want := h.Quantile(q), analysis.Quantile(d, q)
		if got < want || float64(got-want) > float64(want)/1024 {
			t.Fatalf("q = %v: got %d, want %d and a 1,024th more at most", q, got, want)
		}
	})
}

func TestHistogramCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SliceOfN(anyDuration(), 0, 200).Draw(t, "durations")
		limit := anyDuration().Draw(t, "limit")
		h := histogramOf(d...)
		var above, clearly int
		for _, v := range d {
			if v > limit {
				above++
			}
			if float64(v) > float64(limit)*(1+1.0/1024)+1 {
				clearly++
			}
		}
		if got := h.CountAbove(limit); got < clearly || got > above {
			t.Fatalf("above %d: got %d, want %d to %d", limit, got, clearly, above)
		}
		total, last := 0, time.Duration(-1)
		h.Each(func(upTo time.Duration, count int) {
			if upTo <= last && total > 0 || count == 0 {
				t.Fatalf("a bucket to %d with %d after one to %d", upTo, count, last)
			}
			total, last = total+count, upTo
		})
		if total != len(d) || len(d) > 0 && last != h.Max() {
			t.Fatalf("buckets hold %d to %d, want %d to %d", total, last, len(d), h.Max())
		}
	})
	if h := histogramOf(0, ms); h.CountAbove(-1) != 2 || h.CountAbove(0) != 1 || h.CountAbove(ms) != 0 {
		t.Error("0 and 1 ms: wrong counts above −1 ns, 0 or 1 ms")
	}
}

func TestHistogramMergeIsAllAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(anyDuration(), 0, 100).Draw(t, "a")
		b := rapid.SliceOfN(anyDuration(), 0, 100).Draw(t, "b")
		merged, other := histogramOf(a...), histogramOf(b...)
		merged.Merge(other)
		if want := histogramOf(slices.Concat(b, a)...); !reflect.DeepEqual(merged, want) {
			t.Fatalf("got %+v, want %+v", merged, want)
		}
		if !reflect.DeepEqual(other, histogramOf(b...)) {
			t.Fatal("merging changed what was merged")
		}
	})
}

// The buckets are HdrHistogram's.
func TestHistogramIsHDR(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SliceOfN(anyDuration(), 0, 200).Draw(t, "durations")
		want := hdrhistogram.New(1, int64(time.Hour), 3)
		for _, v := range d {
			if err := want.RecordValue(int64(v)); err != nil {
				t.Fatal(err)
			}
		}
		if got := histogramOf(d...).HDR(); !got.Equals(want) {
			t.Fatalf("got other counts than HdrHistogram for %v", d)
		}
	})
}

func BenchmarkHistogramAdd(b *testing.B) {
	var h analysis.Histogram
	for i := range b.N {
		h.Add(time.Duration(i&1023) * 37 * us)
	}
}

// BenchmarkHDRRecord is the library's own, for comparison.
func BenchmarkHDRRecord(b *testing.B) {
	h := hdrhistogram.New(1, int64(time.Hour), 3)
	for i := range b.N {
		h.RecordValue(int64(i&1023) * 37000)
	}
}
