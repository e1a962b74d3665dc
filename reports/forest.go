package reports

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// forest draws effects with their intervals around 1×, a row each, the largest
// on top, from the chart's own numbers.
func forest(c claims.Chart, _ []attack.Run) (figure, error) {
	if len(c.Rows) == 0 {
		return figure{}, errors.New("there are no rows to draw")
	}
	es := effects{}
	var all []analysis.Estimate
	for _, r := range c.Rows {
		es.rows = append(es.rows, effectOf(r))
		all = append(all, r.Effect)
	}
	slices.SortStableFunc(es.rows, func(a, b effect) int { return -cmp.Compare(a.rank(), b.rank()) })
	es.bars = barsOf(all)
	es.layOut()
	return figure{least: es.least(), body: es.draw}, nil
}

// effect is one row: a ratio as the axis can show it, and its words.
type effect struct {
	claims.Row
	known     bool // there is a ratio to draw
	ratio     float64
	ranged    bool // and an interval
	low, high float64
	threshold float64 // 0 for none
}

// ratioMost is the largest ratio that is drawn, and the inverse of the least.
// What lies beyond comes of a division by next to nothing.
const ratioMost = 1e9

func effectOf(r claims.Row) effect {
	e := effect{Row: r, ratio: r.Effect.Value}
	e.known = r.Effect.N > 0 && e.ratio >= 1/ratioMost && e.ratio <= ratioMost
	if low, high := r.Effect.Low, r.Effect.High; e.known && !math.IsNaN(low) && !math.IsNaN(high) {
		e.ranged, e.low, e.high = true, min(low, high), max(low, high)
	}
	if r.Threshold >= 1/ratioMost && r.Threshold <= ratioMost {
		e.threshold = r.Threshold
	}
	return e
}

// rank orders rows: what has no ratio comes last.
func (e effect) rank() float64 {
	if !e.known {
		return 0
	}
	return e.ratio
}

// words is the effect in words.
func (e effect) words() string {
	switch {
	case e.Effect.N <= 0:
		return "not measured"
	case !e.known:
		return "no finite ratio"
	case !e.ranged:
		return analysis.Times(e.ratio)
	}
	told := e.Effect
	told.Low, told.High = max(e.low, 0), e.high
	if told.High > ratioMost {
		told.High = math.Inf(1)
	}
	return strings.ReplaceAll(analysis.TimesWithin(told), "+Inf", "∞")
}

// standing is how a row's outcome looks, told apart by shape: a disc is proven,
// a cross is not, and hollow shapes are open.
func standing(outcome string) draw.GlyphDrawer {
	switch outcome {
	case claims.Word(analysis.Pass):
		return draw.CircleGlyph{}
	case claims.Word(analysis.Fail):
		return cross{}
	case claims.Word(analysis.Inconclusive):
		return hollow{n: 4}
	case claims.Word(analysis.Invalid):
		return hollow{3, 90}
	}
	return hollow{4, 45}
}

// effects is the rows of a forest, laid out.
type effects struct {
	rows []effect
	bars string
	x    scale

	names, texts, words vg.Length // widths of the columns beside the plot
}

const (
	namesWide vg.Length = 120
	textsWide vg.Length = 205
	wordsWide vg.Length = 130
	columnGap vg.Length = 12
	rowPad    vg.Length = 9 // of a row, besides its words
	rowMost   vg.Length = 120
	ratioMark vg.Length = 4.6 // radius
)

// layOut makes the columns as wide as their words, the plot taking the rest.
func (es *effects) layOut() {
	for _, e := range es.rows {
		l := e.lines()
		es.names = max(es.names, nameInk.widest(l.name))
		es.texts = max(es.texts, labelInk.widest(l.text))
		es.words = max(es.words, nameInk.widest(l.words), labelInk.widest(l.outcome))
	}
	left, right := es.sides()
	es.x = ratios(es.rows, bodyWidth-left-right)
}

// sides are what the columns take left and right of the plot.
func (es *effects) sides() (left, right vg.Length) {
	return es.names + columnGap + es.texts + columnGap, columnGap + es.words
}

// rowLines is a row's words, broken into lines.
type rowLines struct {
	name, text, words, outcome []string
}

func (e effect) lines() rowLines {
	return rowLines{
		name:    nameInk.wrap(e.Name, namesWide),
		text:    labelInk.wrap(e.Text, textsWide),
		words:   nameInk.wrap(e.words(), wordsWide),
		outcome: labelInk.wrap(e.Outcome, wordsWide),
	}
}

func tall(k ink, lines []string) vg.Length { return k.line() * vg.Length(len(lines)) }

func (l rowLines) height() vg.Length {
	return rowPad + max(tall(nameInk, l.name), tall(labelInk, l.text), tall(nameInk, l.words)+tall(labelInk, l.outcome))
}

// row is the least height in which any row's words fit.
func (es *effects) row() vg.Length {
	var h vg.Length
	for _, e := range es.rows {
		h = max(h, e.lines().height())
	}
	return h
}

func (es *effects) least() vg.Length {
	return keyHeight + headingGap + axisHeight + es.row()*vg.Length(len(es.rows))
}

func (es *effects) keys() []key {
	var keys []key
	if slices.ContainsFunc(es.rows, func(e effect) bool { return e.threshold > 0 && e.threshold != 1 }) {
		keys = append(keys, key{"band of no importance, up to the threshold", bandSign})
	}
	if es.bars != "" {
		keys = append(keys, key{es.bars, rangeSign})
	}
	return keys
}

var (
	bandColour    = pale(hue.grey, 0.28)
	evenLine      = draw.LineStyle{Color: hue.black, Width: 1.4}
	rangeLine     = draw.LineStyle{Color: hue.darkGrey, Width: 1.8}
	thresholdLine = draw.LineStyle{Color: hue.black, Width: 1.2, Dashes: []vg.Length{3, 2}}
)

func bandSign(c draw.Canvas) {
	areaSign(bandColour)(c)
	c.StrokeLine2(thresholdLine, c.Max.X, c.Min.Y-1, c.Max.X, c.Max.Y+1)
}

func rangeSign(c draw.Canvas) {
	lineSign(rangeLine)(c)
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: hue.black, Radius: 3.4, Shape: draw.CircleGlyph{}}, c.Center())
}

func (es *effects) draw(c draw.Canvas) {
	keyLine(c, "", es.keys())
	left, right := es.sides()
	p := panel{Canvas: c, x: es.x}
	p.Min.X, p.Max.X = c.Min.X+left, c.Max.X-right
	p.Max.Y -= keyHeight + headingGap
	each := min(max(rowMost, es.row()), (p.Max.Y-p.Min.Y-axisHeight)/vg.Length(len(es.rows)))
	p.Min.Y = p.Max.Y - each*vg.Length(len(es.rows))
	rowsAt := func(i int) vg.Length { return p.Max.Y - each*(vg.Length(i)+0.5) }
	for i, e := range es.rows {
		e.drawBand(p, rowsAt(i), each)
	}
	for _, t := range p.x.ticks {
		x := p.X(p.x.place(t.at))
		p.StrokeLine2(gridLine, x, p.Min.Y, x, p.Max.Y)
	}
	for i := range es.rows {
		y := rowsAt(i) + each/2
		c.StrokeLine2(gridLine, c.Min.X, y, c.Max.X, y)
	}
	even := p.X(p.x.place(1))
	p.StrokeLine2(evenLine, even, p.Min.Y, even, p.Max.Y)
	for i, e := range es.rows {
		e.draw(p, rowsAt(i), each)
		es.write(c, e, rowsAt(i))
	}
	p.axisX("effect as a ratio, log scale; 1× is no difference")
}

// write writes a row's words beside the plot, centred on its height.
func (es *effects) write(c draw.Canvas, e effect, y vg.Length) {
	l := e.lines()
	writeLines(c, nameInk, vg.Point{X: c.Min.X, Y: y + tall(nameInk, l.name)/2}, l.name)
	writeLines(c, labelInk, vg.Point{X: c.Min.X + es.names + columnGap, Y: y + tall(labelInk, l.text)/2}, l.text)
	corner := vg.Point{X: c.Max.X - es.words, Y: y + (tall(nameInk, l.words)+tall(labelInk, l.outcome))/2}
	corner = writeLines(c, nameInk, corner, l.words)
	writeLines(c, labelInk, corner, l.outcome)
}

// drawBand draws how far an effect is from mattering.
func (e effect) drawBand(p panel, y, height vg.Length) {
	if e.threshold == 0 {
		return
	}
	a, b := p.X(p.x.place(1)), p.X(p.x.place(e.threshold))
	low, high := y-height/2, y+height/2
	p.FillPolygon(bandColour, []vg.Point{{X: a, Y: low}, {X: b, Y: low}, {X: b, Y: high}, {X: a, Y: high}})
}

// draw draws a row's threshold, interval and point.
func (e effect) draw(p panel, y, height vg.Length) {
	if e.threshold > 0 {
		x, half := p.X(p.x.place(e.threshold)), height*0.4
		p.StrokeLine2(thresholdLine, x, y-half, x, y+half)
	}
	if !e.known {
		return
	}
	if e.ranged {
		low, high := p.X(p.x.place(e.low)), p.X(p.x.place(e.high))
		p.StrokeLine2(rangeLine, low, y, high, y)
		rangeEnd(p, rangeLine, vg.Point{X: low, Y: y}, -1, e.low < p.x.low)
		rangeEnd(p, rangeLine, vg.Point{X: high, Y: y}, 1, e.high > p.x.high)
	}
	p.DrawGlyphNoClip(draw.GlyphStyle{Color: hue.black, Radius: ratioMark, Shape: standing(e.Outcome)},
		vg.Point{X: p.X(p.x.place(e.ratio)), Y: y})
}

// rangeEnd closes an interval, or shows with an arrow that it goes on beyond
// the axis.
func rangeEnd(p panel, style draw.LineStyle, at vg.Point, way vg.Length, beyond bool) {
	const size = 4
	if beyond {
		p.StrokeLines(style, []vg.Point{
			{X: at.X - way*size, Y: at.Y - size}, at, {X: at.X - way*size, Y: at.Y + size},
		})
		return
	}
	p.StrokeLine2(style, at.X, at.Y-size*0.8, at.X, at.Y+size*0.8)
}

// ratiosBeyond is how far the axis follows an interval beyond the points and
// the thresholds.
const ratiosBeyond = 8

// ratios is the log axis that holds 1×, all points and thresholds, and of the
// intervals what doesn't dwarf those.
func ratios(rows []effect, width vg.Length) scale {
	low, high := 1.0, 1.0
	hold := func(v float64) { low, high = min(low, v), max(high, v) }
	for _, e := range rows {
		if e.known {
			hold(e.ratio)
		}
		if e.threshold > 0 {
			hold(e.threshold)
		}
	}
	least, most := low/ratiosBeyond, high*ratiosBeyond
	for _, e := range rows {
		if e.ranged {
			hold(max(e.low, least))
			hold(min(e.high, most))
		}
	}
	s := scale{low: min(low, 1/ratiosLeast), high: max(high, ratiosLeast), log: true}
	s.pad(0.05)
	s.ticks = ratioTicks(s, width)
	return s
}

// ratiosLeast is what the axis reaches both ways at least, so that small
// differences look small.
const ratiosLeast = 2.0

// ratioTicks names 1×, then the decades around it, then 2× and 5× and their
// inverses, as far as there is room.
func ratioTicks(s scale, width vg.Length) []tick {
	var ticks []tick
	add := func(at float64) {
		if at >= s.low && at <= s.high {
			ticks = append(ticks, tick{at, ratioName(at)})
		}
	}
	add(1)
	for e := 1; e <= 10; e++ {
		add(math.Pow10(e))
		add(math.Pow10(-e))
	}
	for _, m := range []float64{2, 5} {
		add(m)
		add(1 / m)
	}
	order := make([]int, len(ticks))
	for i := range order {
		order[i] = i
	}
	ticks = thinned(ticks, order, func(v float64) vg.Length { return vg.Length(s.place(v)) * width })
	ticks = slices.DeleteFunc(ticks, func(t tick) bool { return t.label == "" })
	slices.SortFunc(ticks, func(a, b tick) int { return cmp.Compare(a.at, b.at) })
	return ticks
}

func ratioName(at float64) string { return fmt.Sprintf("%s×", number(at)) }
