package analysis_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// steady is a run of so many seconds at 100/s. Each second is a piece, up to 12.
func steady(seconds int, takes func(second int, at time.Duration) time.Duration, fails func(n int) bool) analysis.Load {
	l := oneStream(attack.Constant{Rate: 100, Lasts: time.Duration(seconds) * time.Second})
	samples := answered(l, func(_ int, at time.Duration) time.Duration { return takes(int(at/time.Second), at) })
	for i := range samples {
		if fails != nil && fails(i) {
			samples[i].Err = attack.ErrStatus
		}
	}
	return tallied(l, samples).Load(nil)
}

func takes(d time.Duration) func(int, time.Duration) time.Duration {
	return func(int, time.Duration) time.Duration { return d }
}

func TestCompareRuns(t *testing.T) {
	six := steady(6, takes(4*ms), nil)
	twelve := steady(12, takes(4*ms), nil)
	// Ten of the 100 requests of the fourth second are slow.
	moment := func(second int, at time.Duration) time.Duration {
		if second == 3 && at%time.Second < 100*ms {
			return 400 * ms
		}
		return 4 * ms
	}
	grows := func(second int, _ time.Duration) time.Duration { return time.Duration(4+second) * ms }
	cases := []struct {
		name, metric     string
		base, head       analysis.Load
		before, after    float64
		change           float64
		n                int
		value, low, high float64
		differs          bool
		says             string
	}{
		// Every pair of pieces says 8/4 − 1; with 6 of them the interval goes from
		// the least to the greatest pair.
		{"twice as slow", "p50", six, steady(6, takes(8*ms), nil), 4, 8, 1, 6, 1, 1, 1, true,
			"p50 4.0 ms → 8.0 ms (+100.0 %); piece by piece +100.0 % to +100.0 %"},
		{"half", "mean", six, steady(6, takes(2*ms), nil), 4, 2, -0.5, 6, -0.5, -0.5, -0.5, true, ""},
		{"the same", "p90", six, six, 4, 4, 0, 6, 0, 0, 0, false, "piece by piece no clear difference: +0.0 % to +0.0 %"},
		// Ratios of 4/4, 5/4 … 9/4: the first and the last bound the interval. The 21
		// products of two of them in order are 1, 1.25, 1.5, 1.5625, 1.75, 1.875, 2,
		// 2.1875, 2.25, 2.25, 2.5 …; the root of the eleventh is typical: 1.5811.
		{"ever slower", "p50", six, steady(6, grows, nil), 4, 6, 0.5, 6, 0.5811, 0, 1.25, false, ""},
		// Of 600 requests 10 are slow: the 594th is among them. Five pairs of pieces
		// say 1, one says 100; the typical change is none.
		{"one moment of 6", "p99", six, steady(6, moment, nil), 4, 400, 99, 6, 0, 0, 99, false, ""},
		// Of 12 pieces the interval leaves the 13 outermost of 78 means out at each
		// end; the moment is in 12 of them.
		{"one moment of 12", "p90", twelve, steady(12, moment, nil), 4, 4, 0, 12, 0, 0, 0, false, ""},
		{"1 % more errors", "error_rate", six, steady(6, takes(4*ms), func(n int) bool { return n%100 == 7 }), 0, 0.01, 0.01, 6, 0.01, 0.01, 0.01, true,
			"error_rate 0 % → 1 % (+1 points); piece by piece +1 points to +1 points"},
		{"a tenth fails", "throughput", six, steady(6, takes(4*ms), func(n int) bool { return n%10 == 7 }), 100, 90, -0.1, 6, -0.1, -0.1, -0.1, true, ""},
		{"too short", "p50", steady(5, takes(4*ms), nil), steady(5, takes(8*ms), nil), 4, 8, 1, 0, 0, 0, 0, false, "too short"},
		{"not as long", "p50", six, steady(7, takes(8*ms), nil), 4, 8, 1, 0, 0, 0, 0, false, "too short"},
		// A piece has 100 requests.
		{"too few requests a piece", "p99.9", twelve, steady(12, takes(8*ms), nil), 4, 8, 1, 0, 0, 0, 0, false, "too few requests"},
	}
	for _, c := range cases {
		got := changeOf(t, analysis.CompareRuns(c.base, c.head), c.metric)
		if !got.Known || !near(got.Base, c.before) || !near(got.Head, c.after) || !near(got.Change, c.change) || !got.HasChange {
			t.Errorf("%s: got %v → %v (%v), want %v → %v (%v)", c.name, got.Base, got.Head, got.Change, c.before, c.after, c.change)
		}
		w := got.Within
		if w.N != c.n || !near(w.Value, c.value) || !near(w.Low, c.low) || !near(w.High, c.high) || got.Differs() != c.differs {
			t.Errorf("%s: got within %+v, differs %t; want %v (%v to %v), n = %d, %t", c.name, w, got.Differs(), c.value, c.low, c.high, c.n, c.differs)
		}
		if !strings.Contains(got.Statement, c.says) {
			t.Errorf("%s: got %q, want %q in it", c.name, got.Statement, c.says)
		}
	}
}

// near allows for the digits of histograms: 3, and 2 in pieces.
func near(a, b float64) bool { return math.Abs(a-b) <= 0.01*math.Abs(b)+1e-3 }

func changeOf(t *testing.T, changes []analysis.RunChange, metric string) analysis.RunChange {
	t.Helper()
	for _, c := range changes {
		if c.Metric == metric {
			return c
		}
	}
	t.Fatalf("no %s among %+v", metric, changes)
	return analysis.RunChange{}
}

func TestCompareRunsThatShareLittle(t *testing.T) {
	l := twoPhases()
	base := tallied(l, answered(l, always(ms))).Load(nil)
	l = twoPhases()
	l.Streams[0].Schedule = attack.Constant{Rate: 200, Lasts: 10 * time.Second}
	l.Streams[1].Name = "c"
	head := tallied(l, answered(l, always(ms))[:2000]).Load(nil)
	changes := analysis.CompareRuns(base, head)
	if len(changes) != 14 || changes[0].Stream != "" || changes[7].Stream != "a" { // seven metrics of the whole and of a
		t.Errorf("got %d changes: %+v", len(changes), changes)
	}
	if c := changeOf(t, changes, "error_rate"); c.Change != 0 || !c.HasChange {
		t.Errorf("got %+v", c)
	}
	warnings := analysis.ComparisonWarnings(base, head)
	if len(warnings) != 4 || warnings[0] != analysis.SingleRuns || warnings[1] != "a was offered 100/s and 200/s: not the same load" {
		t.Errorf("got %q", warnings)
	}
	if w := analysis.ComparisonWarnings(base, base); len(w) != 1 {
		t.Errorf("of a run with itself: got %q", w)
	}
}

func TestCompareRunsOfNothing(t *testing.T) {
	nothing := analysis.NewTally(twoPhases()).Load(nil)
	for _, c := range analysis.CompareRuns(nothing, nothing) {
		if c.Known || c.Differs() || !strings.Contains(c.Statement, "too few requests") {
			t.Errorf("got %+v", c)
		}
	}
	if w := analysis.ComparisonWarnings(nothing, nothing); len(w) != 3 {
		t.Errorf("got %q, want a word on each run in which nothing was sent", w)
	}
}
