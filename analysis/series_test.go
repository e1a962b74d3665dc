package analysis_test

import (
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

func TestSeries(t *testing.T) {
	l := oneStream(attack.Constant{Rate: 100, Lasts: 3 * time.Second})
	samples := answered(l, held(1500*ms, 2100*ms))
	samples[250].Err = attack.ErrStatus
	tally := tallied(l, samples)
	tally.AddLag([]target.LagReading{{Due: 1500 * ms, Ran: 2100 * ms}, {Due: 1900 * ms, Ran: 2100 * ms}})
	s := tally.Load(nil).Series
	if s.Window != time.Second || len(s.Windows) != 3 {
		t.Fatalf("got %d windows of %v", len(s.Windows), s.Window)
	}
	// What is due from 1.5 to 2 s, 50 requests, is answered after 2.1 s.
	for i, want := range []analysis.Window{
		{Offered: 100, Sent: 100, Achieved: 100, P50: ms, Max: ms},
		{Offered: 100, Sent: 100, Achieved: 50, Max: 601 * ms, Lag: 600 * ms},
		{Offered: 100, Sent: 100, Achieved: 149, Failed: 1, P50: ms, Max: 101 * ms},
	} {
		w := s.Windows[i]
		if w.Begins != time.Duration(i)*time.Second || w.Offered != want.Offered || w.Sent != want.Sent || w.Achieved != want.Achieved || w.Failed != want.Failed || w.Max != want.Max || w.Lag != want.Lag {
			t.Errorf("window %d: got %+v, want %+v", i, w, want)
		}
		if want.P50 > 0 && (w.P50 < want.P50 || w.P50 > want.P50+want.P50/128) {
			t.Errorf("window %d: p50 %v, want %v to 2 digits", i, w.P50, want.P50)
		}
		if w.P99 > w.Max || w.P99 < w.P50 {
			t.Errorf("window %d: p99 %v", i, w.P99)
		}
	}
}

// However long a run is, there are at most 600 windows.
func TestSeriesIsBounded(t *testing.T) {
	tally := analysis.NewTally(oneStream(attack.Constant{Rate: 1, Lasts: 24 * time.Hour}))
	for n := range 24 * 3600 {
		at := time.Duration(n) * time.Second
		tally.Add(attack.Sample{Intended: at, Sent: at, Done: at + ms})
	}
	load := tally.Load(nil)
	// 86,400 s: 600 of 128 s are too few, of 256 s they are enough.
	if load.Series.Window != 256*time.Second || len(load.Series.Windows) != 338 {
		t.Errorf("got %d windows of %v", len(load.Series.Windows), load.Series.Window)
	}
	for i, w := range load.Series.Windows[:337] {
		if w.Offered != 256 || w.Sent != 256 || w.Achieved != 256 {
			t.Fatalf("window %d: got %+v", i, w)
		}
	}
	if n := len(load.Outlines[0]); n > 3000 {
		t.Errorf("got %d points", n)
	}
}

// A window in which nothing could be sent is there, with what was offered.
func TestSeriesShowsWhatWasUnsent(t *testing.T) {
	l := oneStream(attack.Constant{Rate: 10, Lasts: 5 * time.Second})
	tally := tallied(l, answered(l, always(ms))[:20])
	w := tally.Load([]attack.StreamCount{{Name: "a", Offered: 50, Sent: 20, Unsent: 30, Span: 5 * time.Second}}).Series.Windows
	if len(w) != 5 || w[4].Offered != 10 || w[4].Sent != 0 {
		t.Errorf("got %+v", w)
	}
}

func TestSeriesTakesAnyMoment(t *testing.T) {
	tally := analysis.NewTally(analysis.Layout{Streams: []analysis.LayoutStream{{}}})
	for _, at := range []time.Duration{-time.Hour, 1<<63 - 1, 0, 1 << 62} {
		tally.Add(attack.Sample{Intended: at, Sent: at, Done: at})
	}
	if load := tally.Load(nil); load.Rows[0].Sent != 4 || len(load.Series.Windows) > 600 {
		t.Errorf("got %d sent, %d windows", load.Rows[0].Sent, len(load.Series.Windows))
	}
}

func TestRecent(t *testing.T) {
	l := oneStream(attack.Constant{Rate: 100, Lasts: time.Minute})
	samples := answered(l, func(_ int, at time.Duration) time.Duration {
		if at >= 20*time.Second {
			return 30 * ms
		}
		return ms
	})[:2500] // until 25 s
	samples[2400].Err = attack.ErrTimeout // 24 s
	tally := tallied(l, samples)
	r := tally.Recent(25*time.Second, 5*time.Second)
	// From 20 s to 25 s: 500 are due, and those until 24.96 s were answered by then.
	if r.Since != 20*time.Second || r.Span != 5*time.Second || r.Offered != 500 {
		t.Errorf("got %+v", r)
	}
	// 3 more came after 25 s, in its first quarter second, which is under way.
	if r.Good != 499 || r.Failed != 1 || r.Response.N != 500 || r.Response.Max != 30*ms {
		t.Errorf("got %+v", r)
	}
	if old := tally.Recent(time.Hour, 5*time.Second); old.Good != 0 || old.Response.N != 0 {
		t.Errorf("an hour later: got %+v", old)
	}
	if long := tally.Recent(25*time.Second, time.Hour); long.Span > 16*time.Second || long.Span < 15*time.Second {
		t.Errorf("the last hour: got %v", long.Span)
	}
	if start := analysis.NewTally(l).Recent(0, 5*time.Second); start.Span != 0 || start.Offered != 0 {
		t.Errorf("at the start: got %+v", start)
	}
}
