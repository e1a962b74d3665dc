package reports

import (
	"cmp"
	"image/color"
	"io"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/target/loop"
	"github.com/looptest/looptest/target/programs"
)

// Swimlanes writes a program's trace as a picture in one of Formats: phases as
// lanes, callbacks as bars in time, a panel for each part.
func (t Trace) Swimlanes(w io.Writer, format string) error {
	x := swimScale(t.Pair.Trace)
	var panels []swimPanel
	for _, part := range t.Pair.Trace.Parts {
		panels = append(panels, newSwimPanel(part, x))
	}
	chart := swimChart{x: x, panels: panels, keys: swimKeys(panels)}
	return figure{
		title:    t.program().Finding(t.Pair.Trace),
		subtitle: t.program().Name + ": " + t.program().Shows,
		foot:     strings.Join(nonEmpty(t.swimFoot()), between),
		least:    chart.height(),
		body:     chart.draw,
	}.write(w, format)
}

func (t Trace) swimFoot() []string {
	e := t.Environment
	foot := []string{"target: looptest's own loop", timeOf(t.program())}
	if t.program().Real {
		foot = append(foot, e.OS, analysis.Count(e.CPUs, "core"), e.GoVersion)
	}
	if t.BesideNode {
		word := "the same order as Node "
		if t.Outcome() != analysis.Pass {
			word = "not the order of Node "
		}
		foot = append(foot, word+t.Pair.Node.Version)
	}
	return foot
}

// swimScale holds the longest part, so that all share it.
func swimScale(t programs.Trace) scale {
	var last time.Duration
	for _, p := range t.Parts {
		last = max(last, p.End())
	}
	return linearTime(float64(last)*1.04, 10)
}

// swimLane is a lane's kind: what is in it, its name and colour. Lanes are told
// apart by their names, so colour is no more than a hint.
type swimLane struct {
	name   string
	kind   string // for the keys
	colour color.RGBA
}

const (
	swimPhase = "callback of a phase"
	swimQueue = "tick or microtask, right after a callback"
	swimJob   = "job on a thread of the pool, off the loop"
)

// swimLanes are all lanes from the top down: the main program, what is drained
// after each callback, the phases in the loop's order, and the pool.
var swimLanes = []swimLane{
	{string(loop.PhaseMain), swimPhase, hue.sky},
	{"ticks", swimQueue, hue.orange},
	{"microtasks", swimQueue, hue.orange},
	{string(loop.PhaseTimers), swimPhase, hue.sky},
	{string(loop.PhasePending), swimPhase, hue.sky},
	{string(loop.PhaseIdle), swimPhase, hue.sky},
	{string(loop.PhasePrepare), swimPhase, hue.sky},
	{string(loop.PhasePoll), swimPhase, hue.sky},
	{string(loop.PhaseCheck), swimPhase, hue.sky},
	{string(loop.PhaseClose), swimPhase, hue.sky},
	{string(loop.PhaseBeforeExit), swimPhase, hue.sky},
	{"pool threads", swimJob, hue.purple},
}

// swimBar is a bar with its label, laid out: x counts from the panel's left.
type swimBar struct {
	from, to  vg.Length
	label     string
	labelAt   vg.Length // left end
	row       int
	left, end vg.Length // what the bar and its label take up
}

// swimRow is a lane of a panel with its bars, in as many rows as keep them from
// lying upon each other.
type swimRow struct {
	swimLane
	bars []swimBar
	rows int
}

// swimPanel is a panel: the lanes that a part uses.
type swimPanel struct {
	heading heading
	lanes   []swimRow
}

const (
	swimBarHigh  vg.Length = 15 // of a row
	swimBarInset vg.Length = 1.5
	swimLaneGap  vg.Length = 5 // above and below a lane's rows
	swimLeast    vg.Length = 2 // width of a bar, however short its time
	swimLabelGap vg.Length = 3 // between a bar and a label beside it
	swimApart    vg.Length = 4 // between a label beside its bar and what is next
)

// swimLeft is where the panels begin: all lanes' names fit beside.
func swimLeft() vg.Length {
	var names []string
	for _, l := range swimLanes {
		names = append(names, l.name)
	}
	return nameInk.widest(names) + tickGap
}

// swimRight keeps the last tick's label on the page.
const swimRight vg.Length = 20

func swimWidth() vg.Length { return bodyWidth - swimLeft() - swimRight }

func newSwimPanel(p programs.PartTrace, x scale) swimPanel {
	panel := swimPanel{heading: headingOf(p.Name, swimNumbers(p), bodyWidth)}
	for _, lane := range swimLanes {
		row := swimRow{swimLane: lane}
		for _, c := range p.Callbacks {
			if laneOf(c) == lane.name {
				row.add(x, c.Start, c.End, strings.Join(c.Lines, ", "))
			}
		}
		if lane.kind == swimJob {
			started := func(a, b programs.Job) int { return cmp.Compare(a.Start, b.Start) }
			for _, j := range slices.SortedStableFunc(slices.Values(p.OnPool), started) {
				row.add(x, j.Start, j.End, j.Name)
			}
		}
		if len(row.bars) > 0 {
			panel.lanes = append(panel.lanes, row)
		}
	}
	return panel
}

// laneOf names a callback's lane.
func laneOf(c programs.Callback) string {
	switch c.Queue {
	case programs.Tick:
		return "ticks"
	case programs.Microtask:
		return "microtasks"
	}
	return string(c.Phase)
}

// swimLinesShown is how many lines a heading repeats in their order.
const swimLinesShown = 8

func swimNumbers(p programs.PartTrace) []string {
	if len(p.Lines) > swimLinesShown {
		return []string{analysis.Count(len(p.Lines), "line"), "all done after " + inWords(significant(float64(p.End()), 3))}
	}
	return []string{"prints " + strings.Join(p.Texts(), ", ")}
}

// add lays out a bar in the first row that has room for it and its label: in
// the bar where it fits, else right of it, else left.
func (r *swimRow) add(x scale, start, end time.Duration, label string) {
	width := swimWidth()
	b := swimBar{from: width * vg.Length(x.place(float64(start))), to: width * vg.Length(x.place(float64(end)))}
	b.to = max(b.to, b.from+swimLeast)
	b.label = shortened(labelInk, label, max(b.from, b.to-b.from-swimLabelGap, width-b.to)-swimLabelGap)
	size := labelInk.width(b.label)
	b.left, b.end = b.from, b.to
	switch {
	case size == 0:
	case size+2*swimLabelGap <= b.to-b.from:
		b.labelAt = b.from + swimLabelGap
	case b.to+swimLabelGap+size <= width:
		b.labelAt = b.to + swimLabelGap
		b.end = b.labelAt + size + swimApart
	default:
		b.labelAt = b.from - swimLabelGap - size
		b.left = b.labelAt - swimApart
	}
	for ; r.taken(b); b.row++ {
	}
	r.rows = max(r.rows, b.row+1)
	r.bars = append(r.bars, b)
}

func (r *swimRow) taken(b swimBar) bool {
	for _, o := range r.bars {
		const touching = 0.01 // bars that follow each other share a row
		if o.row == b.row && b.left < o.end-touching && o.left < b.end-touching {
			return true
		}
	}
	return false
}

// shortened cuts a text that is wider than width.
func shortened(k ink, s string, width vg.Length) string {
	letters := []rune(s)
	for n := len(letters); n > 0 && k.width(s) > width; n-- {
		s = string(letters[:n-1]) + "…"
	}
	return s
}

func (r swimRow) height() vg.Length { return swimBarHigh*vg.Length(r.rows) + 2*swimLaneGap }

func (p swimPanel) height() vg.Length {
	h := p.heading.height()
	for _, lane := range p.lanes {
		h += lane.height()
	}
	return h
}

// swimChart is the panels above each other, with one time axis.
type swimChart struct {
	x      scale
	panels []swimPanel
	keys   []key
}

func (c swimChart) height() vg.Length {
	h := keyHeight + axisHeight + stackGap*vg.Length(len(c.panels)-1)
	for _, p := range c.panels {
		h += p.height()
	}
	return h
}

// swimStretch bounds how much higher rows become on an emptier page.
const swimStretch = 3

func (c swimChart) draw(page draw.Canvas) {
	keyLine(page, "phase", c.keys)
	stretch := c.stretch(page.Max.Y - page.Min.Y)
	top := page.Max.Y - keyHeight
	for i, p := range c.panels {
		p.heading.draw(page, top)
		top -= p.heading.height()
		area := panel{Canvas: page, x: c.x}
		area.Min.X += swimLeft()
		area.Max.X = area.Min.X + swimWidth()
		area.Max.Y = top
		area.Min.Y = top - stretch*(p.height()-p.heading.height())
		p.draw(area, stretch)
		label := ""
		if i == len(c.panels)-1 {
			label = "time since the program began"
		}
		area.axisX(label)
		top = area.Min.Y - stackGap
	}
}

// stretch shares out what the page has left.
func (c swimChart) stretch(room vg.Length) vg.Length {
	var lanes vg.Length
	for _, p := range c.panels {
		lanes += p.height() - p.heading.height()
	}
	return min(swimStretch, 1+max(0, room-c.height())/lanes)
}

func (p swimPanel) draw(area panel, stretch vg.Length) {
	for _, t := range area.x.ticks {
		x := area.X(area.x.place(t.at))
		area.StrokeLine2(gridLine, x, area.Min.Y, x, area.Max.Y)
	}
	top := area.Max.Y
	for _, lane := range p.lanes {
		bottom := top - stretch*lane.height()
		area.StrokeLine2(gridLine, area.Min.X, bottom, area.Max.X, bottom)
		middle := vg.Point{X: area.Min.X - tickGap, Y: (top+bottom)/2 - nameInk.middle()}
		nameInk.write(area, middle, 1, lane.name)
		lane.draw(area, top-stretch*swimLaneGap, stretch*swimBarHigh)
		top = bottom
	}
}

func (r swimRow) draw(area panel, top, high vg.Length) {
	for _, b := range r.bars {
		upper := top - high*vg.Length(b.row)
		bar := vg.Rectangle{
			Min: vg.Point{X: area.Min.X + b.from, Y: upper - high + swimBarInset},
			Max: vg.Point{X: area.Min.X + b.to, Y: upper - swimBarInset},
		}
		area.SetColor(pale(r.colour, 0.6))
		area.Fill(bar.Path())
		area.StrokeLine2(draw.LineStyle{Color: r.colour, Width: swimLeast}, bar.Min.X+swimLeast/2, bar.Min.Y, bar.Min.X+swimLeast/2, bar.Max.Y)
		baseline := (bar.Min.Y+bar.Max.Y)/2 - labelInk.middle()
		labelInk.in(hue.black).write(area, vg.Point{X: area.Min.X + b.labelAt, Y: baseline}, 0, b.label)
	}
}

// swimKeys explains the kinds of bars that there are.
func swimKeys(panels []swimPanel) []key {
	var keys []key
	for _, kind := range []string{swimPhase, swimQueue, swimJob} {
		for _, p := range panels {
			if lane, used := p.laneOfKind(kind); used {
				keys = append(keys, key{kind, areaSign(pale(lane.colour, 0.6))})
				break
			}
		}
	}
	return keys
}

func (p swimPanel) laneOfKind(kind string) (swimLane, bool) {
	for _, lane := range p.lanes {
		if lane.kind == kind {
			return lane.swimLane, true
		}
	}
	return swimLane{}, false
}
