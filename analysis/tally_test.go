package analysis_test

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// twoPhases is 10 s at 100/s on "a", with two requests, beside 10/s on "b": a
// warm phase of 4 s and a hot one of 6 s.
func twoPhases() analysis.Layout {
	return analysis.Layout{
		Streams: []analysis.LayoutStream{
			{Name: "a", Role: attack.Probe, Labels: []string{"GET /x", "GET /y"}, Schedule: attack.Constant{Rate: 100, Lasts: 10 * time.Second}},
			{Name: "b", Labels: []string{"GET /slow"}, Schedule: attack.Constant{Rate: 10, Lasts: 10 * time.Second}},
		},
		Phases: []attack.Phase{{Name: "warm", Lasts: 4 * time.Second}, {Name: "hot", Begins: 4 * time.Second, Lasts: 6 * time.Second}},
		Span:   10 * time.Second,
	}
}

// answered gives what the layout's streams send when each request takes so long.
func answered(l analysis.Layout, takes func(stream int, at time.Duration) time.Duration) []attack.Sample {
	var samples []attack.Sample
	for i, s := range l.Streams {
		for n := range s.Schedule.Count() {
			due, _ := s.Schedule.Due(n)
			samples = append(samples, attack.Sample{
				Stream: i, Seq: n, Request: n % len(s.Labels), Intended: due, Sent: due + 100*us,
				Done: due + takes(i, due), Code: 200, Bytes: 10,
			})
		}
	}
	return samples
}

func always(d time.Duration) func(int, time.Duration) time.Duration {
	return func(int, time.Duration) time.Duration { return d }
}

func tallied(l analysis.Layout, samples []attack.Sample) *analysis.Tally {
	t := analysis.NewTally(l)
	t.AddBatch(samples)
	return t
}

func TestTallyRows(t *testing.T) {
	l := twoPhases()
	samples := answered(l, always(2*ms))
	samples[7].Err, samples[7].Code = attack.ErrStatus, 503                                          // of a, GET /y, warm
	samples[500].Err, samples[500].Code = attack.ErrRefused, 0                                       // of a, GET /x, hot
	samples[1099].Err, samples[1099].Code, samples[1099].Done = attack.ErrTimeout, 0, 12*time.Second // b's last, due at 9.9 s
	load := tallied(l, samples).Load(nil)

	type numbers struct{ offered, sent, good, response, cutOff int }
	want := map[string]numbers{ // stream, phase, request
		"||":        {1100, 1100, 1097, 1099, 1}, // all but the refused one
		"a||":       {1000, 1000, 998, 999, 0},
		"b||":       {100, 100, 99, 100, 1},
		"|warm|":    {440, 440, 439, 440, 0},
		"|hot|":     {660, 660, 658, 659, 1},
		"a|warm|":   {400, 400, 399, 400, 0},
		"a|hot|":    {600, 600, 599, 599, 0},
		"b|warm|":   {40, 40, 40, 40, 0},
		"b|hot|":    {60, 60, 59, 60, 1},
		"a||GET /x": {500, 500, 499, 499, 0},
		"a||GET /y": {500, 500, 499, 500, 0},
	}
	if len(load.Rows) != len(want) {
		t.Errorf("got %d rows, want %d", len(load.Rows), len(want))
	}
	for _, r := range load.Rows {
		name := fmt.Sprintf("%s|%s|%s", r.Stream, r.Phase, r.Request)
		got := numbers{r.Offered, r.Sent, r.Good, r.Response.N(), r.CutOff}
		if got != want[name] {
			t.Errorf("%s: got %+v, want %+v", name, got, want[name])
		}
		if r.Service.N() != r.Response.N() || r.SendLag.N() != r.Sent || r.Bytes != int64(10*r.Sent) || r.Unsent != 0 {
			t.Errorf("%s: got %d services, %d send lags, %d bytes, %d unsent", name, r.Service.N(), r.SendLag.N(), r.Bytes, r.Unsent)
		}
	}
	whole, a := load.Rows[0], load.Rows[1]
	if !maps.Equal(whole.Codes, map[int]int{200: 1097, 503: 1}) {
		t.Errorf("codes: got %v", whole.Codes)
	}
	if !maps.Equal(whole.Errors, map[attack.ErrorKind]int{attack.ErrStatus: 1, attack.ErrRefused: 1, attack.ErrTimeout: 1}) {
		t.Errorf("errors: got %v", whole.Errors)
	}
	if whole.Response.Max() != 2100*ms { // given up at 12 s, due at 9.9 s
		t.Errorf("the longest: got %v", whole.Response.Max())
	}
	// The last good answer of a came 2 ms after 9.99 s, within the span.
	if a.OfferedRate != 100 || math.Abs(a.AchievedRate-99.8) > 1e-9 {
		t.Errorf("a: got %v/s offered and %v/s achieved", a.OfferedRate, a.AchievedRate)
	}
	if len(load.Warnings) != 1 || len(load.Health.Invalid)+len(load.Health.Warnings) != 0 {
		t.Errorf("got warnings %q, health %+v", load.Warnings, load.Health)
	}
}

func TestTallyRates(t *testing.T) {
	l := analysis.Layout{Streams: []analysis.LayoutStream{{Name: "a", Schedule: attack.Constant{Rate: 10, Lasts: 2 * time.Second}}}}
	tally := analysis.NewTally(l)
	for n := range 20 { // the last of them, due at 1.9 s, is answered at 4 s
		due := time.Duration(n) * 100 * ms
		s := attack.Sample{Intended: due, Sent: due, Done: due + ms}
		if n == 19 {
			s.Done = 4 * time.Second
		}
		tally.Add(s)
	}
	row := tally.Load(nil).Rows[0]
	if row.OfferedRate != 10 || row.AchievedRate != 5 { // 20 in 2 s; 20 in 4 s
		t.Errorf("got %v/s offered, %v/s achieved", row.OfferedRate, row.AchievedRate)
	}
}

// An interrupted run's accounts say what was offered until then.
func TestTallyCounts(t *testing.T) {
	l := twoPhases()
	samples := answered(l, always(ms))[:450] // of a, until 4.5 s
	counts := []attack.StreamCount{
		{Name: "a", Offered: 500, Sent: 450, Unsent: 50, Span: 5 * time.Second},
		{Name: "b", Offered: 50, Unsent: 50, Span: 5 * time.Second},
	}
	load := tallied(l, samples).Load(counts)
	for _, c := range []struct {
		stream, phase         string
		offered, sent, unsent int
		span                  time.Duration
	}{
		{"", "", 550, 450, 100, 5 * time.Second},
		{"a", "", 500, 450, 50, 5 * time.Second},
		{"b", "", 50, 0, 50, 5 * time.Second},
		{"a", "warm", 400, 400, 0, 4 * time.Second},
		{"a", "hot", 100, 50, 50, time.Second},
		{"b", "warm", 40, 0, 40, 4 * time.Second},
		{"b", "hot", 10, 0, 10, time.Second},
		{"", "hot", 110, 50, 60, time.Second},
	} {
		r, found := load.Row(c.stream, c.phase)
		if !found || r.Offered != c.offered || r.Sent != c.sent || r.Unsent != c.unsent || r.Span != c.span {
			t.Errorf("%q in %q: got %d offered, %d sent, %d unsent in %v; want %+v", c.stream, c.phase, r.Offered, r.Sent, r.Unsent, r.Span, c)
		}
	}
	if _, found := load.Row("c", ""); found {
		t.Error("there is no stream c")
	}
	if len(load.Health.Invalid) != 2 {
		t.Errorf("got %q, want a word on each stream's unsent requests", load.Health.Invalid)
	}
}

func TestTallyWithoutSchedules(t *testing.T) {
	l := analysis.Layout{Streams: []analysis.LayoutStream{{Name: "a"}}}
	tally := analysis.NewTally(l)
	if load := tally.Load(nil); load.Rows[0].Sent != 0 || len(load.Series.Windows) != 0 || len(load.Health.Invalid) != 1 {
		t.Errorf("of nothing: got %+v", load)
	}
	for n := range 11 {
		tally.Add(attack.Sample{Request: 3, Intended: time.Duration(n) * 100 * ms, Sent: time.Duration(n) * 100 * ms, Done: time.Duration(n) * 100 * ms})
	}
	tally.Add(attack.Sample{Stream: 1})
	tally.Add(attack.Sample{Stream: -1})
	load := tally.Load(nil)
	if r := load.Rows[0]; r.Offered != 11 || r.Span != time.Second || r.OfferedRate != 11 {
		t.Errorf("got %d offered in %v", r.Offered, r.Span)
	}
	if len(load.Warnings) != 1 {
		t.Errorf("got %q, want a word on two samples of no stream", load.Warnings)
	}
}

func TestTallyLumpsManyRequests(t *testing.T) {
	labels := make([]string, 300)
	for i := range labels {
		labels[i] = fmt.Sprint("/", i)
	}
	labels[1] = labels[0] // two requests of one name share a row
	tally := analysis.NewTally(analysis.Layout{Streams: []analysis.LayoutStream{{Name: "a", Labels: labels}}})
	for i := range labels {
		tally.Add(attack.Sample{Request: i})
	}
	tally.Add(attack.Sample{Request: 300})
	tally.Add(attack.Sample{Request: -1})
	rows := tally.Load(nil).Rows[2:]
	last := rows[len(rows)-1]
	// 299 names, of which 200 have rows; the 99 others, and two of no name.
	if len(rows) != 201 || rows[0].Sent != 2 || rows[1].Request != "/2" || last.Request != analysis.Others || last.Sent != 101 {
		t.Errorf("got %d rows, the first with %d, the last %q with %d", len(rows), rows[0].Sent, last.Request, last.Sent)
	}
}

func TestTallyOnePhaseWithoutName(t *testing.T) {
	l := twoPhases()
	l.Phases = []attack.Phase{{Lasts: 10 * time.Second}}
	if rows := tallied(l, answered(l, always(ms))).Load(nil).Rows; len(rows) != 5 { // all, a, b, and a's requests
		t.Errorf("got %d rows", len(rows))
	}
}

// A snapshot stays as it is while the tally goes on.
func TestTallyLoadIsASnapshot(t *testing.T) {
	l := twoPhases()
	samples := answered(l, always(ms))
	once := tallied(l, samples[:100]).Load(nil)
	tally := tallied(l, samples[:100])
	load := tally.Load(nil)
	tally.AddBatch(samples[100:])
	tally.AddLag([]target.LagReading{{Ran: ms}})
	if !reflect.DeepEqual(load, once) {
		t.Error("what came later changed the load")
	}
}

func anySample(l analysis.Layout) *rapid.Generator[attack.Sample] {
	kinds := []attack.ErrorKind{"", "", "", attack.ErrStatus, attack.ErrTimeout, attack.ErrRefused, attack.ErrFiles}
	return rapid.Custom(func(t *rapid.T) attack.Sample {
		at := time.Duration(rapid.Int64Range(0, int64(20*time.Minute)).Draw(t, "at"))
		if rapid.Bool().Draw(t, "early") {
			at /= 1000
		}
		s := attack.Sample{
			Stream: rapid.IntRange(0, len(l.Streams)-1).Draw(t, "stream"), Request: rapid.IntRange(0, 2).Draw(t, "request"),
			Intended: at, Code: rapid.SampledFrom([]int{0, 200, 503}).Draw(t, "code"),
			Err: rapid.SampledFrom(kinds).Draw(t, "err"), Bytes: rapid.Int64Range(0, 1000).Draw(t, "bytes"),
		}
		s.Sent = at + time.Duration(rapid.Int64Range(0, int64(20*ms)).Draw(t, "lag"))
		s.Done = s.Sent + time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "service"))
		return s
	})
}

func TestTallyMergeAndOrder(t *testing.T) {
	l := twoPhases()
	rapid.Check(t, func(t *rapid.T) {
		samples := rapid.SliceOfN(anySample(l), 0, 60).Draw(t, "samples")
		lags := []target.LagReading{{Due: time.Second, Ran: 1100 * ms}, {Due: 700 * time.Second, Ran: 701 * time.Second}}
		all := tallied(l, samples)
		all.AddLag(lags)
		want := all.Load(nil)

		shuffled := rapid.Permutation(samples).Draw(t, "shuffled")
		cut := rapid.IntRange(0, len(samples)).Draw(t, "cut")
		a, b := tallied(l, shuffled[:cut]), tallied(l, shuffled[cut:])
		a.AddLag(lags[:1])
		b.AddLag(lags[1:])
		a.Merge(b)
		if got := a.Load(nil); !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%+v\nwant\n%+v", got, want)
		}
		if got, want := a.Recent(20*time.Minute, 10*time.Second), all.Recent(20*time.Minute, 10*time.Second); got != want {
			t.Fatalf("recently: got %+v, want %+v", got, want)
		}
	})
}

func TestTallySumsAgree(t *testing.T) {
	l := twoPhases()
	rapid.Check(t, func(t *rapid.T) {
		samples := rapid.SliceOfN(anySample(l), 1, 60).Draw(t, "samples")
		load := tallied(l, samples).Load(nil)
		whole := load.Rows[0]
		var good, failed int
		for _, s := range samples {
			if s.Err == "" {
				good++
			} else {
				failed++
			}
		}
		if whole.Sent != len(samples) || whole.Good != good {
			t.Fatalf("got %d sent, %d good of %d", whole.Sent, whole.Good, len(samples))
		}
		windows := analysis.Window{}
		for i, w := range load.Series.Windows {
			if w.Begins != time.Duration(i)*load.Series.Window {
				t.Fatalf("window %d begins at %v", i, w.Begins)
			}
			windows.Sent += w.Sent
			windows.Achieved += w.Achieved
			windows.Failed += w.Failed
			windows.Offered += w.Offered
			windows.Max = max(windows.Max, w.Max)
		}
		if windows.Sent != len(samples) || windows.Achieved != good || windows.Failed != failed || windows.Max != whole.Response.Max() || windows.Offered != whole.Offered {
			t.Fatalf("the windows' sums: got %+v, want %+v", windows, whole)
		}
		var offered, sent int
		for _, phase := range []string{"warm", "hot"} {
			r, _ := load.Row("", phase)
			offered, sent = offered+r.Offered, sent+r.Sent
		}
		if offered != whole.Offered || sent != whole.Sent {
			t.Fatalf("the phases' sums: got %d offered, %d sent; want %d, %d", offered, sent, whole.Offered, whole.Sent)
		}
	})
}

// The samples of a tally make no garbage once its buckets are there.
func TestTallyAddAllocatesNothing(t *testing.T) {
	l := twoPhases()
	samples := answered(l, always(ms))
	tally := tallied(l, samples)
	last := samples[len(samples)-1:]
	if n := testing.AllocsPerRun(100, func() { tally.AddBatch(last) }); n > 0 {
		t.Errorf("got %v allocations per sample", n)
	}
}
