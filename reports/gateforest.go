package reports

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/analysis/gate"
)

// gateForest draws the changes of all metrics with their intervals in multiples
// of each one's δ, so that what is too much lies right of one line for all.
func gateForest(g Gate) (figure, error) {
	f := gateRows{}
	for _, row := range g.measuredRows() {
		if e := deltasOf(row); e.known {
			f.rows = append(f.rows, e)
		}
	}
	if len(f.rows) == 0 {
		return figure{}, fmt.Errorf("%w: no metric was measured in both arms", ErrNothingToDraw)
	}
	slices.SortStableFunc(f.rows, func(a, b inDelta) int {
		return cmp.Or(cmp.Compare(aside(a), aside(b)), cmp.Compare(b.at, a.at))
	})
	f.layOut()
	return figure{title: g.forestTitle(), least: f.least(), body: f.draw, foot: f.note()}, nil
}

// aside puts what doesn't decide below the rest.
func aside(e inDelta) int { return min(1, rank(e.row)) }

func (g Gate) forestTitle() string {
	row, ok := g.lead(g.Verdict.Metrics)
	switch o := g.Outcome(); {
	case o == analysis.Invalid:
		return "invalid: " + g.finding()
	case !ok || row.Outcome != o:
		return g.answer() + ": " + g.reason()
	case o == analysis.Pass:
		return fmt.Sprintf("%s: every change is surely below its δ; most changed: %s", g.answer(), statement(row))
	}
	return fmt.Sprintf("%s: %s, δ %s", g.answer(), statement(row), deltaWords(row.Metric))
}

// inDelta is one row of the forest, its change in multiples of δ.
type inDelta struct {
	row           gate.MetricVerdict
	at, low, high float64
	known, ranged bool
}

func deltasOf(row gate.MetricVerdict) inDelta {
	e := inDelta{
		row: row, at: inDeltas(row.Metric, row.Change.Value),
		low: inDeltas(row.Metric, row.Change.Low), high: inDeltas(row.Metric, row.Change.High),
	}
	e.known = !math.IsNaN(e.at)
	e.ranged = !math.IsNaN(e.low) && !math.IsNaN(e.high)
	e.low, e.high = min(e.low, e.high), max(e.low, e.high)
	return e
}

// gateRows is the rows of a gate's forest, laid out.
type gateRows struct {
	rows  []inDelta
	x     scale
	names vg.Length // widths of the columns beside the plot
	words vg.Length
}

const (
	gateNamesWide vg.Length = 170
	gateWordsWide vg.Length = 185
	gateRowMost   vg.Length = 58
)

// gateLines is a row's words, broken into lines.
type gateLines struct{ name, values, change, within []string }

func (e inDelta) lines() gateLines {
	values := fmt.Sprintf("%s → %s", valueWords(e.row.Metric, e.row.Base), valueWords(e.row.Metric, e.row.Head))
	change := changeWords(e.row.Metric, e.row.Change.Value) + ", δ " + deltaWords(e.row.Metric)
	return gateLines{
		name:   nameInk.wrap(metricTitle(e.row.Metric), gateNamesWide),
		values: labelInk.wrap(values, gateNamesWide),
		change: nameInk.wrap(change, gateWordsWide),
		within: labelInk.wrapParts([]string{rangeWords(e.row), string(e.row.Outcome)}, gateWordsWide),
	}
}

func (l gateLines) height() vg.Length {
	return rowPad + max(tall(nameInk, l.name)+tall(labelInk, l.values), tall(nameInk, l.change)+tall(labelInk, l.within))
}

func (f *gateRows) layOut() {
	for _, e := range f.rows {
		l := e.lines()
		f.names = max(f.names, nameInk.widest(l.name), labelInk.widest(l.values))
		f.words = max(f.words, nameInk.widest(l.change), labelInk.widest(l.within))
	}
	f.x = deltaAxis(f.rows)
}

func (f *gateRows) row() vg.Length {
	var h vg.Length
	for _, e := range f.rows {
		h = max(h, e.lines().height())
	}
	return h
}

func (f *gateRows) least() vg.Length {
	return keyHeight + headingGap + axisHeight + f.row()*vg.Length(len(f.rows))
}

// The axis shows ±2 δ at least, and 12 δ at most: what lies beyond ends there in
// an arrow.
const (
	deltasLeast = 2.0
	deltasMost  = 12.0
)

// deltaAxis holds all points that it can, and of the intervals what doesn't dwarf
// those of the metrics that are gated.
func deltaAxis(rows []inDelta) scale {
	low, high := -deltasLeast, deltasLeast
	hold := func(v float64) {
		low, high = min(low, max(v, -deltasMost)), max(high, min(v, deltasMost))
	}
	for _, e := range rows {
		if !decides(e.row) && !e.row.Gated {
			continue
		}
		hold(e.at)
		if e.ranged {
			hold(max(e.low, e.at-2*deltasLeast))
			hold(min(e.high, e.at+2*deltasLeast))
		}
	}
	s := linear(low-0.15, high+0.15, 8, deltaName)
	return s
}

// note says when a change lies beyond the axis.
func (f *gateRows) note() string {
	for _, e := range f.rows {
		if e.at < f.x.low || e.at > f.x.high {
			return "changes beyond the axis are drawn at its end"
		}
	}
	return ""
}

func deltaName(v float64) string {
	if v == 0 {
		return "no change"
	}
	return minus(plus(v)+number(v)) + " δ"
}

var (
	gateKeyPass  = key{"up to δ: of no importance", areaSign(bandColour)}
	gateKeyRange = key{"one-sided bounds (exact signed-rank, Holm)", rangeSign}
)

func (f *gateRows) draw(c draw.Canvas) {
	keyLine(c, "", []key{gateKeyPass, gateKeyRange})
	p := panel{Canvas: c, x: f.x}
	p.Min.X, p.Max.X = c.Min.X+f.names+columnGap, c.Max.X-f.words-columnGap
	p.Max.Y -= keyHeight + headingGap
	each := min(max(gateRowMost, f.row()), (p.Max.Y-p.Min.Y-axisHeight)/vg.Length(len(f.rows)))
	p.Min.Y = p.Max.Y - each*vg.Length(len(f.rows))
	p.stripe(bandColour, -1, 1)
	for _, t := range p.x.ticks {
		x := p.X(p.x.place(t.at))
		p.StrokeLine2(gridLine, x, p.Min.Y, x, p.Max.Y)
	}
	even, limit := p.X(p.x.place(0)), p.X(p.x.place(1))
	p.StrokeLine2(evenLine, even, p.Min.Y, even, p.Max.Y)
	p.StrokeLine2(budgetLine, limit, p.Min.Y, limit, p.Max.Y)
	for i, e := range f.rows {
		y := p.Max.Y - each*(vg.Length(i)+0.5)
		line := gridLine
		if i > 0 && aside(e) != aside(f.rows[i-1]) {
			line = axisLine
		}
		c.StrokeLine2(line, c.Min.X, y+each/2, c.Max.X, y+each/2)
		e.draw(p, y)
		f.write(c, e, y)
	}
	p.axisX("head against base, in multiples of each metric's δ; right of the dashed line is too much")
}

// stripe fills the panel's height between two values of x.
func (p panel) stripe(c color.Color, from, to float64) {
	a, b := p.X(p.x.place(from)), p.X(p.x.place(to))
	p.FillPolygon(c, []vg.Point{{X: a, Y: p.Min.Y}, {X: b, Y: p.Min.Y}, {X: b, Y: p.Max.Y}, {X: a, Y: p.Max.Y}})
}

// write writes a row's words beside the plot, centred on its height. What doesn't
// decide is grey.
func (f *gateRows) write(c draw.Canvas, e inDelta, y vg.Length) {
	name := nameInk
	if !decides(e.row) {
		name = name.in(hue.darkGrey)
	}
	l := e.lines()
	column := func(x vg.Length, strong, weak []string) {
		corner := vg.Point{X: x, Y: y + (tall(nameInk, strong)+tall(labelInk, weak))/2}
		writeLines(c, labelInk, writeLines(c, name, corner, strong), weak)
	}
	column(c.Min.X, l.name, l.values)
	column(c.Max.X-f.words, l.change, l.within)
}

// draw draws a row's interval and point.
func (e inDelta) draw(p panel, y vg.Length) {
	colour := hue.black
	if !decides(e.row) {
		colour = hue.grey
	}
	if e.ranged {
		low, high := p.X(p.x.place(e.low)), p.X(p.x.place(e.high))
		p.StrokeLine2(rangeLine, low, y, high, y)
		rangeEnd(p, rangeLine, vg.Point{X: low, Y: y}, -1, e.low < p.x.low)
		rangeEnd(p, rangeLine, vg.Point{X: high, Y: y}, 1, e.high > p.x.high)
	}
	p.DrawGlyphNoClip(draw.GlyphStyle{Color: colour, Radius: ratioMark, Shape: gateStanding(e.row.Outcome)},
		vg.Point{X: p.X(p.x.place(e.at)), Y: y})
}

// gateStanding is how an outcome looks in a forest, as everywhere: a disc passes,
// a cross fails, and hollow shapes are open.
func gateStanding(o analysis.Outcome) draw.GlyphDrawer {
	return standing(claims.Word(o))
}
