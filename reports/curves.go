package reports

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// measure is what one panel of curves shows, in what its y axis counts.
type measure struct {
	label    string
	quantity quantity
	y        scale
	limit    *claims.Limit // its value scaled
	curves   []measured
}

// measured is one line of a measure.
type measured struct {
	name   string // written at the line's end
	look   attack.Look
	style  int // of its dashes and markers
	points []estimate
}

// estimate is a point with its interval, when it has one.
type estimate struct {
	point
	low, high float64
	ranged    bool
}

// curves draws measures against one setting, a panel a measure, from the
// chart's own numbers.
func curves(c claims.Chart, _ []attack.Run) (figure, error) {
	if len(c.Panels) == 0 {
		return figure{}, errors.New("there are no panels to draw")
	}
	b := board{xLabel: cmp.Or(c.Setting, "setting"), bars: barsOf(estimatesOf(c.Panels))}
	var looks []attack.Look
	for _, p := range c.Panels {
		m, err := measureOf(p)
		if err != nil {
			return figure{}, err
		}
		looks = m.dress(looks)
		b.measures = append(b.measures, m)
	}
	b.marks = slices.DeleteFunc(slices.Clone(c.Marks), func(m claims.Mark) bool { return !placeable(m.X) })
	b.x = settings(c.Panels, b.marks)
	b.layOut()
	return figure{least: b.least(), body: b.draw, foot: strings.Join(curvesNotes(c, b), between)}, nil
}

func estimatesOf(panels []claims.Panel) []analysis.Estimate {
	var all []analysis.Estimate
	for _, p := range panels {
		for _, l := range p.Lines {
			for _, v := range l.Points {
				all = append(all, v.Y)
			}
		}
	}
	return all
}

// barsOf says what error bars stand for, and nothing when there are none.
func barsOf(all []analysis.Estimate) string {
	least, any := 1.0, false
	for _, e := range all {
		if e.N > 0 {
			least, any = min(least, e.Confidence), true
		}
	}
	switch {
	case !any:
		return ""
	case !(least > 0): // not told
		return "interval over blocks"
	}
	// An exact interval holds a little more than was asked for.
	return fmt.Sprintf("%.0f %% interval over blocks", 100*min(least, analysis.Confidence))
}

func measureOf(p claims.Panel) (measure, error) {
	if len(p.Lines) == 0 {
		return measure{}, fmt.Errorf("panel %q has no lines", p.Label)
	}
	m := measure{label: p.Label, quantity: quantity(p.Unit)}
	if p.Limit != nil && placeable(p.Limit.Value) {
		m.limit = &claims.Limit{Value: m.quantity.scaled(p.Limit.Value), Text: p.Limit.Text}
	}
	drawn := 0
	for _, l := range p.Lines {
		c := measured{name: l.Name, look: l.Look, points: m.quantity.estimates(l.Points)}
		if len(p.Lines) == 1 && strings.Contains(strings.ToLower(p.Label), strings.ToLower(l.Name)) {
			c.name = "" // the panel's label says it
		}
		drawn += len(c.points)
		m.curves = append(m.curves, c)
	}
	if drawn == 0 {
		return measure{}, fmt.Errorf("panel %q has no points", p.Label)
	}
	m.y = m.axis(p.Log)
	return m, nil
}

// estimates gives the points that an axis can hold, in the order of x.
func (q quantity) estimates(points []claims.Point) []estimate {
	var of []estimate
	for _, p := range points {
		if !drawable(p) {
			continue
		}
		e := estimate{
			point: point{p.X, q.scaled(p.Y.Value)},
			low:   q.scaled(p.Y.Low), high: q.scaled(p.Y.High),
			ranged: p.Y.N > 0 && !math.IsNaN(p.Y.Low) && !math.IsNaN(p.Y.High),
		}
		of = append(of, e)
	}
	slices.SortStableFunc(of, func(a, b estimate) int { return cmp.Compare(a.x, b.x) })
	return of
}

func drawable(p claims.Point) bool { return placeable(p.X) && placeable(p.Y.Value) }

// dress gives each curve its dashes and markers: those of its look, in the order
// in which the chart shows looks, and others when the panel has them already.
func (m measure) dress(looks []attack.Look) []attack.Look {
	taken := map[int]bool{}
	for i, c := range m.curves {
		style := slices.Index(looks, c.look)
		if style < 0 {
			style = len(looks)
			looks = append(looks, c.look)
		}
		for taken[style] {
			style++
		}
		taken[style] = true
		m.curves[i].style = style
	}
	return looks
}

// shown gives all that the axis is to hold.
func (m measure) shown() []float64 {
	var of []float64
	for _, c := range m.curves {
		for _, e := range c.points {
			of = append(of, e.y)
			if e.ranged {
				of = append(of, e.low, e.high)
			}
		}
	}
	if m.limit != nil {
		of = append(of, m.limit.Value)
	}
	return slices.DeleteFunc(of, func(v float64) bool { return !placeable(v / m.quantity.scaled(1)) })
}

const curveTicks = 5 // of a linear y axis, at most about that many

// axis is the scale that holds all of the measure, with a little room.
func (m measure) axis(log bool) scale {
	shown := m.shown()
	if log {
		return m.logAxis(shown)
	}
	low, high := min(0, slices.Min(shown)), max(0, slices.Max(shown))
	if low == high {
		high = m.quantity.scaled(1)
	}
	room := (high - low) * 0.1
	if low < 0 {
		low -= room
	}
	if high > 0 {
		high += room
	}
	return m.quantity.linear(low, high, curveTicks)
}

// logTicksMost is how many labels a panel's log axis has room for.
const logTicksMost = 8

// logAxis ends below the least value above zero, or at the clock's step when
// there are shorter times. Intervals that reach zero don't stretch it.
func (m measure) logAxis(shown []float64) scale {
	least := m.least(shown)
	low, high := math.Inf(1), least
	for _, v := range shown {
		high = max(high, v)
		if v >= least {
			low = min(low, v)
		}
	}
	for _, c := range m.curves {
		for _, e := range c.points {
			low = min(low, max(e.y, least))
		}
	}
	s := logarithmic(min(low, high)/1.1, high*1.1, least, m.quantity.tick)
	s.ticks = every(s.ticks, (len(s.ticks)+logTicksMost-1)/logTicksMost)
	return s
}

// least is what a log axis draws zero at.
func (m measure) least(shown []float64) float64 {
	if m.quantity == inMilliseconds {
		return clockStep
	}
	least := math.Inf(1)
	for _, v := range shown {
		if v > 0 {
			least = min(least, v)
		}
	}
	if math.IsInf(least, 1) {
		return 1
	}
	return least / 1.1
}

// every gives each n-th of the ticks.
func every(ticks []tick, n int) []tick {
	var kept []tick
	for i := 0; i < len(ticks); i += n {
		kept = append(kept, ticks[i])
	}
	return kept
}

// Settings lie on a log axis from this ratio between the largest and the least.
const settingsLog = 8

// settings is the x axis: a tick at every setting that was measured.
func settings(panels []claims.Panel, marks []claims.Mark) scale {
	var at, all []float64
	for _, p := range panels {
		for _, l := range p.Lines {
			for _, v := range l.Points {
				if drawable(v) {
					at = append(at, v.X)
				}
			}
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	all = slices.Clone(at)
	for _, m := range marks {
		all = append(all, m.X)
	}
	s := scale{low: slices.Min(all), high: slices.Max(all)}
	s.log = s.low > 0 && s.high/s.low >= settingsLog
	s.pad(0.05)
	for _, v := range at {
		s.ticks = append(s.ticks, tick{v, minus(number(v))})
	}
	return s
}

// pad makes room of that share of the axis at both of its ends.
func (s *scale) pad(share float64) {
	if s.log {
		room := math.Pow(s.high/s.low, share)
		s.low, s.high = s.low/room, s.high*room
		return
	}
	room := (s.high - s.low) * share
	if room == 0 {
		room = max(1, math.Abs(s.low)/2)
	}
	s.low, s.high = s.low-room, s.high+room
}

// curvesNotes says what the picture had to leave out or to lift.
func curvesNotes(c claims.Chart, b board) []string {
	var notes []string
	for _, m := range b.measures {
		if note := m.lifted(); note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	out := 0
	for _, p := range c.Panels {
		for _, l := range p.Lines {
			for _, v := range l.Points {
				if !drawable(v) {
					out++
				}
			}
		}
	}
	if out > 0 {
		notes = append(notes, fmt.Sprintf("%d without a finite value left out", out))
	}
	return notes
}

// lifted says when a log axis had to lift values to its lowest one.
func (m measure) lifted() string {
	if !m.y.log {
		return ""
	}
	for _, c := range m.curves {
		for _, e := range c.points {
			if e.y < m.y.low || e.ranged && e.low < m.y.low {
				low := m.quantity.tick(m.y.low)
				return fmt.Sprintf("%s: below %s is drawn at %s", m.label, low, low)
			}
		}
	}
	return ""
}
