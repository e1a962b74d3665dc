package reports

import (
	"bytes"
	"errors"
	"image/png"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

func loadDrawn(t *testing.T, format string, a Attack, chart LoadChart) string {
	t.Helper()
	var b bytes.Buffer
	if err := a.Draw(&b, format, chart); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var everyLoad = map[string]func() analysis.Load{
	"stall": StalledLoad, "ramp": RampLoad, "refused": RefusedLoad, "unsent": UnsentLoad,
	"four": func() analysis.Load { return FourStreams(1, 1) },
}

// lengthened gives the load with other names.
func lengthened(l analysis.Load, to func(string) string) analysis.Load {
	l.Layout.Streams, l.Layout.Phases = slices.Clone(l.Layout.Streams), slices.Clone(l.Layout.Phases)
	for i := range l.Layout.Streams {
		l.Layout.Streams[i].Name = to(l.Layout.Streams[i].Name)
	}
	for i := range l.Layout.Phases {
		l.Layout.Phases[i].Name = to(l.Layout.Phases[i].Name)
	}
	l.Stalls = slices.Clone(l.Stalls)
	for i := range l.Stalls {
		l.Stalls[i].Stream = to(l.Stalls[i].Stream)
	}
	return l
}

func TestLoadPicturesHaveRoomForTheirWords(t *testing.T) {
	for name, load := range everyLoad {
		for _, long := range []int{1, 3, 40} {
			lengthen := func(s string) string { return strings.Repeat(s+" with a long name", long-1) + s }
			a := AttackOn(lengthened(load(), lengthen))
			a.Title, a.Environment.Target = lengthen(a.Title), lengthen(a.Environment.Target)
			a.NoIntended = long == 3
			for _, chart := range LoadCharts {
				if a.all().Response.N() == 0 && chart == LoadPercentiles {
					continue
				}
				t.Run(name+" "+string(chart)+" × "+strconv.Itoa(long), func(t *testing.T) {
					checkLayout(t, loadDrawn(t, "svg", a, chart))
				})
			}
		}
	}
}

func TestLoadPicturesSayWhatTheyShow(t *testing.T) {
	for _, c := range []struct {
		load  analysis.Load
		chart LoadChart
		want  []string
	}{
		{StalledLoad(), LoadTimeline, []string{
			"1.0 s stall at 2 s made about 500 requests wait; response p99 941 ms, p50 1.2 ms", // 500/s for 1 s; 60th longest of 3,000 on the ramp from 1 s to 0: 1 s · (1 − 30/500) = 940 ms
			"1.0 s stall", "longest loop lag in 1 s", "response time (from the intended send)", "0 s", "1 s",
		}},
		{StalledLoad(), LoadThroughput, []string{
			"500/s achieved of 500/s offered (100 %); least at 2 s: 0 % of what was offered then", "offered", "not achieved in time",
		}},
		{UnsentLoad(), LoadPercentiles, []string{
			"response", "service", "p50", "p99.9", "n 2,600 · 400 unsent",
		}},
		{UnsentLoad(), LoadTimeline, []string{"response time (from the intended send), log scale"}},
		{RampLoad(), LoadTimeline, []string{"warm", "ramp", "after", "failed, marked above too"}},
		{RampLoad(), LoadThroughput, []string{"warm", "ramp", "after", "failed", "requests per second, counted over 1 s"}},
		{RefusedLoad(), LoadTimeline, []string{"all 100 requests failed: refused 100", "n 0 · 100 failed (refused 100)"}},
		{FourStreams(1, 1), LoadPercentiles, []string{"GET /ok", "search", "checkout", "report", "n 1,200 · 24 of them given up at their timeout"}},
		{FourStreams(1, 1), LoadThroughput, []string{"all streams", "GET /ok", "report"}},
	} {
		all := texts(t, loadDrawn(t, "svg", AttackOn(c.load), c.chart))
		for _, want := range c.want {
			if !holds(all, want) {
				t.Errorf("%s lacks %q", c.chart, want)
			}
		}
	}
}

func TestManyStreamsAndPhasesFindRoom(t *testing.T) {
	l := analysis.Layout{}
	for i := range 30 {
		l.Streams = append(l.Streams, analysis.LayoutStream{Name: "stream " + strconv.Itoa(i)})
	}
	for i := range 200 {
		l.Phases = append(l.Phases, attack.Phase{Name: "phase " + strconv.Itoa(i), Begins: time.Duration(i) * time.Second, Lasts: time.Second})
	}
	tally := analysis.NewTally(l)
	for i := range 600 {
		at := time.Duration(i) * 333 * ms
		tally.Add(attack.Sample{Stream: i % 30, Intended: at, Sent: at, Done: at + time.Duration(i)*ms, Code: 200})
	}
	for _, chart := range LoadCharts {
		svg := loadDrawn(t, "svg", AttackOn(tally.Load(nil)), chart)
		checkLayout(t, svg)
		if !strings.Contains(svg, "the first 8 of 30 streams") {
			t.Errorf("%s doesn't say that streams are left out", chart)
		}
	}
}

func TestComparisonPicture(t *testing.T) {
	base, head := AttackOn(FourStreams(1, 1)), AttackOn(FourStreams(1.3, 2))
	for _, long := range []int{1, 30} {
		c := Compare(strings.Repeat("runs/old ", long), base, strings.Repeat("runs/new ", long), head)
		var b bytes.Buffer
		if err := c.Draw(&b, "svg"); err != nil {
			t.Fatal(err)
		}
		checkLayout(t, b.String())
		for _, want := range []string{"base", "head", "GET /ok", "checkout", "report"} {
			if !holds(texts(t, b.String()), want) {
				t.Errorf("the picture lacks %q", want)
			}
		}
	}
	none := Compare("a", AttackOn(StalledLoad()), "b", base)
	if err := none.Draw(nil, "svg"); !errors.Is(err, ErrNothingToDraw) {
		t.Errorf("runs without a common stream give %v", err)
	}
}

func TestLoadPNGHasItsSizeAndRepeats(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	a := AttackOn(RampLoad())
	for _, chart := range LoadCharts {
		first := loadDrawn(t, "png", a, chart)
		img, err := png.Decode(strings.NewReader(first))
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Bounds().Size(); size.X != 1600 || size.Y < 900 {
			t.Errorf("%s is %v", chart, size)
		}
		if loadDrawn(t, "png", a, chart) != first {
			t.Errorf("%s differs from itself", chart)
		}
	}
}

func TestLoadPictureErrors(t *testing.T) {
	for _, c := range []struct {
		attack Attack
		format string
		chart  LoadChart
		want   string
	}{
		{AttackOn(StalledLoad()), "gif", LoadTimeline, `unknown picture format "gif": use png or svg`},
		{AttackOn(StalledLoad()), "png", "pie", `unknown chart "pie" of a load`},
		{AttackOn(EmptyLoad()), "png", LoadTimeline, `chart "timeline": there is nothing to draw: nothing was sent`},
		{AttackOn(RefusedLoad()), "svg", LoadPercentiles, `chart "percentiles": there is nothing to draw: no request was answered`},
	} {
		var b bytes.Buffer
		err := c.attack.Draw(&b, c.format, c.chart)
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
		if b.Len() > 0 {
			t.Errorf("%s: wrote %d bytes", c.want, b.Len())
		}
	}
}

// Of exact buckets the curve is the one of the samples themselves.
func TestHistogramCurveIsTheSamplesCurve(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 99, 100, 101, 1000} {
		var h analysis.Histogram
		var sorted []time.Duration
		for i := range n {
			d := time.Duration(i * i % 1999) // up to 2,048 ns buckets are exact
			h.Add(d)
			sorted = append(sorted, d)
		}
		slices.Sort(sorted)
		got, want := histogramCurve(h), curve(sorted)
		for i := range min(len(got), len(want)) {
			if diff := got[i].x - want[i].x; diff > 1e-12 || diff < -1e-12 || got[i].y != want[i].y {
				t.Fatalf("%d samples: point %d is %v, want %v", n, i, got[i], want[i])
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d samples: %d points, want %d", n, len(got), len(want))
		}
	}
}

func TestFlowCountsTheLastWindowByWhatItCovers(t *testing.T) {
	window := func(begins time.Duration, n int) analysis.Window {
		return analysis.Window{Begins: begins, Offered: n, Achieved: n}
	}
	s := analysis.Series{Window: time.Second, Windows: []analysis.Window{window(0, 100), window(time.Second, 75)}}
	for _, c := range []struct {
		span time.Duration
		want []point // of the offered line
	}{
		{1750 * ms, []point{{0, 100}, {1e9, 100}, {1e9, 100}, {1.75e9, 100}}}, // 75 in 0.75 s
		{2 * time.Second, []point{{0, 100}, {1e9, 100}, {1e9, 75}, {2e9, 75}}},
		{1250 * ms, []point{{0, 140}, {1.25e9, 140}}},                      // 175 in 1.25 s: a quarter of a window is too little
		{time.Second, []point{{0, 100}, {1e9, 100}, {1e9, 75}, {2e9, 75}}}, // answers after the end
	} {
		if got := flowOf(s, c.span).offered; !slices.Equal(got, c.want) {
			t.Errorf("span %v: got %v, want %v", c.span, got, c.want)
		}
	}
}

func TestPhasesWithoutRoomAreNumbered(t *testing.T) {
	b := phaseBands{
		{Name: "warm", Lasts: 50 * time.Second},
		{Name: "a spike of extraordinary length", Begins: 50 * time.Second, Lasts: 2 * time.Second},
		{Name: "after", Begins: 52 * time.Second, Lasts: 48 * time.Second},
	}
	p := panel{x: linearTime(100e9, 10)}
	p.Max.X = 700
	var got []string
	for i := range b {
		lines, _ := b.label(p, i)
		got = append(got, strings.Join(lines, " "))
	}
	if want := []string{"warm", "2", "after"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := b.legend(p), "phases: 2 a spike of extraordinary length"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMeasuredNeverRoundsOntoItsBound(t *testing.T) {
	for _, c := range []struct{ v, bound, want float64 }{
		{41.234, 50, 41.2}, {50.04, 50, 50.04}, {49.9996, 50, 49.9996}, {50, 50, 50}, {0.00101, 0.001, 0.00101},
	} {
		if got := asPrecise(c.v, c.bound); got != c.want {
			t.Errorf("%v against %v is written as %v, want %v", c.v, c.bound, got, c.want)
		}
	}
}

func TestSharesAreNeverWrittenAsNothingOrAll(t *testing.T) {
	for share, want := range map[float64]string{
		0: "0 %", 1: "100 %", 0.5: "50 %", 0.00004: "under 0.01 %", 0.99999: "over 99.9 %", 0.00148: "0.148 %", 2: "200 %",
	} {
		if got := percentText(share); got != want {
			t.Errorf("%v is %q, want %q", share, got, want)
		}
	}
}
