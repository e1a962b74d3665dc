package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
)

// flowTrack is what a throughput picture shows of a stream: steps of requests per
// second.
type flowTrack struct {
	offered, achieved, failed []point
	bands                     phaseBands
}

// loadThroughput draws what was asked for and what came back over time, of the
// whole and of each stream.
func loadThroughput(a Attack) (figure, error) {
	streams, note := a.shown()
	all, _ := a.parts()
	s := stack{
		xLabel: "time since the measured part began",
		yLabel: fmt.Sprintf("requests per second, counted over %s", inWords(float64(a.Load.Series.Window))),
		each:   80,
	}
	var tracks []flowTrack
	last := float64(a.Load.Span)
	add := func(name string, r analysis.LoadRow, series analysis.Series) {
		t := flowOf(series, a.Load.Span)
		t.bands = a.bands()
		tracks = append(tracks, t)
		high, end := t.bounds()
		last = max(last, end)
		y := linear(0, high*1.08, 4, number)
		s.panels = append(s.panels, stacked{name: name, numbers: a.flowNumbers(r), y: &y, draw: t.draw})
	}
	if len(streams) != 1 {
		add("all streams", all.row, a.Load.Series)
		note = strings.Join(nonEmpty([]string{note, "each panel has a scale of its own"}), between)
	}
	for i, p := range streams {
		add(plain(p.name), p.row, a.Load.StreamSeries[i])
	}
	s.x = linearTime(last, 12)
	s.keys, s.strip = flowKeys(tracks, a.asked()), a.bands().strip(s.across())
	f := s.figure()
	f.title = a.flowTitle()
	f.foot = strings.Join(nonEmpty([]string{note, a.bands().legend(s.across())}), between)
	return f, nil
}

// bounds are the highest rate, at least one in ten seconds, and the last moment.
func (t flowTrack) bounds() (high, end float64) {
	high = 0.1
	for _, steps := range [][]point{t.offered, t.achieved, t.failed} {
		for _, v := range steps {
			high, end = max(high, v.y), max(end, v.x)
		}
	}
	return high, end
}

// flowTitle is what came back of what was asked for, and when least did.
func (a Attack) flowTitle() string {
	title := a.ratePhrase()
	if a.all().Good == 0 {
		return title
	}
	if t := flowOf(a.Load.Series, a.Load.Span); len(t.offered) > 2 {
		worst, at := 1.0, time.Duration(0)
		for i := 0; i < len(t.offered); i += 2 {
			if share := t.achieved[i].y / t.offered[i].y; t.offered[i].y > 0 && share < worst {
				worst, at = share, time.Duration(t.offered[i].x)
			}
		}
		if worst < 0.9 {
			title += fmt.Sprintf("; least at %s: %s of what was %s then", moment(at), percentText(worst), a.asked())
		}
	}
	return title
}

func (a Attack) flowNumbers(r analysis.LoadRow) []string {
	parts := []string{a.asked() + " " + rateText(r.OfferedRate), "achieved " + rateText(r.AchievedRate)}
	if n := failed(r); n > 0 {
		parts = append(parts, thousands(n)+" failed")
	}
	if r.Unsent > 0 {
		parts = append(parts, thousands(r.Unsent)+" unsent")
	}
	return parts
}

// flowOf gives the rates of the windows. The last one's may be cut short by the
// load's end; when less than half of it is left it is counted with the one before.
func flowOf(s analysis.Series, span time.Duration) flowTrack {
	windows := slices.Clone(s.Windows)
	var t flowTrack
	for i := 0; i < len(windows); i++ {
		w, lasts := windows[i], s.Window
		if rest := span - w.Begins; i == len(windows)-1 && rest > 0 {
			lasts = min(lasts, rest)
		}
		if next := span - w.Begins - s.Window; i == len(windows)-2 && next > 0 && next < s.Window/2 {
			lasts += next
			w.Offered += windows[i+1].Offered
			w.Achieved += windows[i+1].Achieved
			w.Failed += windows[i+1].Failed
			i++
		}
		step := func(count int) []point {
			rate := float64(count) / lasts.Seconds()
			return []point{{float64(w.Begins), rate}, {float64(w.Begins + lasts), rate}}
		}
		t.offered = append(t.offered, step(w.Offered)...)
		t.achieved = append(t.achieved, step(w.Achieved)...)
		t.failed = append(t.failed, step(w.Failed)...)
	}
	return t
}

var (
	offeredLine  = draw.LineStyle{Color: pale(hue.grey, 0.7), Width: 3.2}
	achievedLine = draw.LineStyle{Color: responseColour, Width: 1.8}
	failedLine   = draw.LineStyle{Color: failedColour, Width: 1.6, Dashes: []vg.Length{4, 2}}
	missedColour = pale(hue.orange, 0.3)
)

// draw draws the panel, from back to front.
func (t flowTrack) draw(p panel) {
	t.bands.draw(p)
	for i := 0; i+1 < len(t.offered); i += 2 {
		if t.achieved[i].y < t.offered[i].y {
			p.area(missedColour, t.achieved[i], t.offered[i+1])
		}
	}
	p.gridY()
	p.line(offeredLine, t.offered)
	p.line(achievedLine, t.achieved)
	if t.fails() {
		p.line(failedLine, t.failed)
	}
}

func (t flowTrack) fails() bool {
	return slices.ContainsFunc(t.failed, func(v point) bool { return v.y > 0 })
}

// missed reports whether a window achieved less than was offered in it.
func (t flowTrack) missed() bool {
	for i := range t.offered {
		if t.achieved[i].y < t.offered[i].y {
			return true
		}
	}
	return false
}

func flowKeys(tracks []flowTrack, asked string) []key {
	keys := []key{{asked, lineSign(offeredLine)}, {"achieved (good answers as they came)", lineSign(achievedLine)}}
	if slices.ContainsFunc(tracks, flowTrack.missed) {
		keys = append(keys, key{"not achieved in time", areaSign(missedColour)})
	}
	if slices.ContainsFunc(tracks, flowTrack.fails) {
		keys = append(keys, key{"failed", lineSign(failedLine)})
	}
	return keys
}
