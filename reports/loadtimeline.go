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

// loadTrack is what a timeline shows of one stream.
type loadTrack struct {
	good, bad []point // response time over intended send, nanoseconds
	lag       []point
	stalls    []stall // the longest first
	bands     phaseBands
}

// loadTimeline draws the streams' outlines over time, a panel each.
func loadTimeline(a Attack) (figure, error) {
	streams, note := a.shown()
	s := stack{
		xLabel: "time since the measured part began, at the intended send",
		each:   88,
	}
	tracks := make([]loadTrack, len(streams))
	for i, p := range streams {
		tracks[i] = a.track(i)
		s.panels = append(s.panels, stacked{
			name: plain(p.name), numbers: nonEmpty(append(a.loadNumbersText(p.row), tracks[i].phrase())), draw: tracks[i].draw,
		})
	}
	linear := tracksAreLinear(tracks)
	s.x, s.y = loadAxes(tracks, linear, a.Load.Span)
	s.yLabel, s.keys = a.timesLabel(linear), loadKeys(tracks, a.Load.Series.Window)
	s.strip = a.bands().strip(s.across())
	f := s.figure()
	f.title = a.finding()
	f.foot = strings.Join(nonEmpty([]string{note, a.bands().legend(s.across()), clampNote(tracks, linear)}), between)
	return f, nil
}

func (a Attack) timesLabel(linear bool) string {
	label := "response time (from the intended send)"
	if a.NoIntended {
		label = "service time (from the real send)"
	}
	if !linear {
		label += ", log scale"
	}
	return label
}

func (a Attack) track(stream int) loadTrack {
	t := loadTrack{bands: a.bands()}
	for _, o := range a.Load.Outlines[stream] {
		v := point{float64(o.At), float64(o.Response)}
		if o.Failed {
			t.bad = append(t.bad, v)
		} else {
			t.good = append(t.good, v)
		}
	}
	for _, s := range a.Load.Stalls {
		if s.Stream == a.Load.Layout.Streams[stream].Name && a.notable(s) {
			t.stalls = append(t.stalls, stall{from: s.Begins, to: s.Begins + s.Lasts, seen: true})
		}
	}
	t.lag = lagSteps(a.Load.Series)
	return t
}

// lagSteps gives the longest loop lag of each window as a line of steps; none
// when the target shows none.
func lagSteps(s analysis.Series) []point {
	if !slices.ContainsFunc(s.Windows, func(w analysis.Window) bool { return w.Lag > 0 }) {
		return nil
	}
	var steps []point
	for _, w := range s.Windows {
		steps = append(steps, point{float64(w.Begins), float64(w.Lag)}, point{float64(w.Begins + s.Window), float64(w.Lag)})
	}
	return steps
}

func (t loadTrack) phrase() string {
	switch len(t.stalls) {
	case 0:
		return ""
	case 1:
		return t.stalls[0].phrase()
	}
	return fmt.Sprintf("%s of %d", t.stalls[0].phrase(), len(t.stalls))
}

func (t loadTrack) highest() float64 {
	highest := 0.0
	for _, points := range [][]point{t.good, t.bad, t.lag} {
		for _, v := range points {
			highest = max(highest, v.y)
		}
	}
	return highest
}

// sawTeeth is the share of the longest response from which on a stall is what the
// picture is about.
const sawTeeth = 0.3

// tracksAreLinear says whether there are saw teeth, which only a linear axis
// shows as such: a stalled target answers late by what is left of the stall.
// Otherwise what is usual and what is rare are both seen on a log axis only.
func tracksAreLinear(tracks []loadTrack) bool {
	highest, longest := 0.0, 0.0
	for _, t := range tracks {
		highest = max(highest, t.highest())
		if len(t.stalls) > 0 {
			longest = max(longest, float64(t.stalls[0].to-t.stalls[0].from))
		}
	}
	return longest > 0 && longest >= sawTeeth*highest
}

// loadAxes are the scales that the tracks share, with room above for stalls.
func loadAxes(tracks []loadTrack, linear bool, span time.Duration) (x, y scale) {
	last, low, high := float64(span), 0.0, 0.0
	for _, t := range tracks {
		for _, points := range [][]point{t.good, t.bad} {
			for _, v := range points {
				last = max(last, v.x)
				if low == 0 || v.y < low {
					low = v.y
				}
			}
		}
		high = max(high, t.highest())
	}
	if linear {
		return linearTime(last, 12), linearTime(high*1.25, 4)
	}
	y = logTime(low, high*1.6)
	y.ticks = decades(y.ticks)
	return linearTime(last, 12), y
}

// clampNote says when the log axis had to lift times to its lowest value.
func clampNote(tracks []loadTrack, linear bool) string {
	low := func(v point) bool { return v.y < clockStep }
	for _, t := range tracks {
		if !linear && (slices.ContainsFunc(t.good, low) || slices.ContainsFunc(t.bad, low)) {
			return "times below 1 µs are drawn at 1 µs"
		}
	}
	return ""
}

var (
	goodMark   = draw.GlyphStyle{Color: responseColour, Radius: 1.6, Shape: draw.CircleGlyph{}}
	badMark    = draw.GlyphStyle{Color: failedColour, Radius: 2.4, Shape: cross{}}
	failedTick = draw.LineStyle{Color: failedColour, Width: 0.8}
)

// failedRug is the length of the marks at a panel's top where requests failed.
const failedRug vg.Length = 6

// draw draws the panel, from back to front.
func (t loadTrack) draw(p panel) {
	t.bands.draw(p)
	p.gridY()
	p.line(lagLine, t.lag)
	p.dots(goodMark, t.good)
	p.dots(badMark, t.bad)
	for _, v := range thin(t.bad, p.column) {
		x := p.at(v).X
		p.StrokeLine2(failedTick, x, p.Max.Y, x, p.Max.Y-failedRug)
	}
	if len(t.stalls) > 0 {
		t.stalls[0].draw(p, t.highest())
	}
}

// loadKeys names what the panels show, and nothing that they don't.
func loadKeys(tracks []loadTrack, window time.Duration) []key {
	has := func(any func(loadTrack) bool) bool { return slices.ContainsFunc(tracks, any) }
	var keys []key
	if has(func(t loadTrack) bool { return len(t.good) > 0 }) {
		keys = append(keys, key{"quickest and slowest per pixel", dotSign(draw.GlyphStyle{Color: responseColour, Radius: 2.2, Shape: draw.CircleGlyph{}})})
	}
	if has(func(t loadTrack) bool { return len(t.bad) > 0 }) {
		keys = append(keys, key{"failed, marked above too", dotSign(badMark)})
	}
	if has(func(t loadTrack) bool { return len(t.lag) > 0 }) {
		keys = append(keys, key{fmt.Sprintf("longest loop lag in %s", inWords(float64(window))), lineSign(lagLine)})
	}
	return keys
}
