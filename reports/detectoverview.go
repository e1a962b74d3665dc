package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/target"
)

// mostOverview is how many endpoints the overview shows.
const mostOverview = 40

// overview draws a row for each endpoint, the most harmful on top: how long it holds
// the loop, with the interval.
func (d Detect) overview() (figure, error) {
	ranked := d.ranked()
	if len(ranked) == 0 {
		return figure{}, fmt.Errorf("%w: nothing was judged", ErrNothingToDraw)
	}
	note := ""
	if left := len(ranked) - mostOverview; left > 0 {
		note = fmt.Sprintf("the %d most harmful of %d endpoints", mostOverview, len(ranked))
		ranked = ranked[:mostOverview]
	}
	o := stallRows{}
	for _, f := range ranked {
		o.rows = append(o.rows, d.stallRow(f))
	}
	o.layOut()
	return figure{
		title: d.finding(), subtitle: strings.Join(nonEmpty([]string{plain(d.Target), analysis.Count(len(d.Findings), "endpoint"), d.probeText(), d.cutText()}), between),
		foot: strings.Join(nonEmpty([]string{d.foot(), note}), between), least: o.least(), body: o.draw,
	}, nil
}

func (d Detect) cutText() string {
	if d.Partial || d.Error != "" {
		return "cut short"
	}
	return ""
}

// stallRow is one row of the overview.
type stallRow struct {
	look             kindLook
	name, kind       []string // broken into lines
	words, beside    []string
	known            bool // there is a stall to draw
	ranged           bool
	untold           bool // it can't be told whether there is one
	value, low, high float64
	unseen           float64 // up to which a stall could have been missed; 0 when that isn't known
}

const (
	stallNamesWide vg.Length = 230
	stallWordsWide vg.Length = 170
	stallRowMost   vg.Length = 58
)

func (d Detect) stallRow(f detect.Finding) stallRow {
	r := stallRow{look: lookOf(f), known: f.Held() > 0, value: float64(f.Held())}
	words := "no stall is seen"
	switch most, ok := f.Stall.Unseen(); {
	case f.Stall.Found:
		r.ranged, r.low, r.high = true, f.Stall.Length.Low, f.Stall.Length.High
		words = stallWords(f.Stall.Length)
	case r.known:
		words = analysis.Human(f.Held()) + " or more"
	case f.Kind == target.Unsure:
		words, r.untold = "not told", true
	case ok:
		r.unseen = float64(most)
	}
	beside := []string{worksBy(f)}
	if f.Service.N > 0 {
		beside = append(beside, "takes "+analysis.Human(f.Service.P50))
	}
	if d.Rates && f.Endpoint.Often > 0 {
		beside = append(beside, "asked for "+perSecond(f.Endpoint.Often))
	}
	r.name, r.kind = nameInk.wrap(label(f), stallNamesWide), labelInk.wrap(string(f.Kind), stallNamesWide)
	r.words, r.beside = nameInk.wrap(words, stallWordsWide), labelInk.wrapParts(nonEmpty(beside), stallWordsWide)
	return r
}

func (r stallRow) height() vg.Length {
	return rowPad + max(tall(nameInk, r.name)+tall(labelInk, r.kind), tall(nameInk, r.words)+tall(labelInk, r.beside))
}

// stallRows is the rows of an overview, laid out.
type stallRows struct {
	rows         []stallRow
	x            scale
	names, words vg.Length // widths of the columns beside the plot
}

func (o *stallRows) layOut() {
	for _, r := range o.rows {
		o.names = max(o.names, nameInk.widest(r.name), labelInk.widest(r.kind))
		o.words = max(o.words, nameInk.widest(r.words), labelInk.widest(r.beside))
	}
	o.x = stallAxis(o.rows)
	order := make([]int, len(o.x.ticks))
	for i := range order {
		order[i] = i
	}
	width := bodyWidth - o.names - o.words - 2*columnGap
	o.x.ticks = thinned(o.x.ticks, order, func(v float64) vg.Length { return vg.Length(o.x.place(v)) * width })
}

// stallAxis is a log axis that holds all stalls, from 0.1 ms or less up to 10 ms or
// more, so that short ones look short.
func stallAxis(rows []stallRow) scale {
	low, high := float64(100*time.Microsecond), float64(10*time.Millisecond)
	for _, r := range rows {
		if r.known {
			low, high = min(low, r.value), max(high, r.value)
		}
		if r.ranged {
			high = max(high, min(r.high, r.value*ratiosBeyond))
		}
		high = max(high, r.unseen)
	}
	return logTime(low, high*1.1)
}

func (o *stallRows) row() vg.Length {
	var h vg.Length
	for _, r := range o.rows {
		h = max(h, r.height())
	}
	return h
}

func (o *stallRows) least() vg.Length {
	return keyHeight + headingGap + axisHeight + o.row()*vg.Length(len(o.rows))
}

func (o *stallRows) keys() []key {
	keys := []key{{"95 % interval", rangeSign}}
	if slices.ContainsFunc(o.rows, func(r stallRow) bool { return r.unseen > 0 }) {
		keys = append(keys, key{"a stall that short could be missed", areaSign(bandColour)})
	}
	return keys
}

func (o *stallRows) draw(c draw.Canvas) {
	keyLine(c, "", o.keys())
	p := panel{Canvas: c, x: o.x}
	p.Min.X, p.Max.X = c.Min.X+o.names+columnGap, c.Max.X-o.words-columnGap
	p.Max.Y -= keyHeight + headingGap
	each := min(max(stallRowMost, o.row()), (p.Max.Y-p.Min.Y-axisHeight)/vg.Length(len(o.rows)))
	p.Min.Y = p.Max.Y - each*vg.Length(len(o.rows))
	p.gridX()
	for i, r := range o.rows {
		y := p.Max.Y - each*(vg.Length(i)+0.5)
		c.StrokeLine2(gridLine, c.Min.X, y+each/2, c.Max.X, y+each/2)
		r.draw(p, y)
		corner := vg.Point{X: c.Min.X, Y: y + (tall(nameInk, r.name)+tall(labelInk, r.kind))/2}
		writeLines(c, labelInk.in(deep(r.look.colour(), 0.75)), writeLines(c, nameInk, corner, r.name), r.kind)
		corner = vg.Point{X: c.Max.X - o.words, Y: y + (tall(nameInk, r.words)+tall(labelInk, r.beside))/2}
		writeLines(c, labelInk, writeLines(c, nameInk, corner, r.words), r.beside)
	}
	p.axisX("how long one request holds the loop, log scale")
}

// draw draws a row's stall, or what could be missed of one.
func (r stallRow) draw(p panel, y vg.Length) {
	at := func(v float64) vg.Length { return p.X(p.x.place(v)) }
	if r.unseen > 0 {
		p.FillPolygon(bandColour, []vg.Point{{X: p.Min.X, Y: y - 4}, {X: at(r.unseen), Y: y - 4}, {X: at(r.unseen), Y: y + 4}, {X: p.Min.X, Y: y + 4}})
	}
	mark := draw.GlyphStyle{Color: r.look.colour(), Radius: ratioMark, Shape: r.look.shape}
	switch {
	case r.untold:
		return
	case !r.known:
		p.DrawGlyphNoClip(mark, vg.Point{X: p.Min.X, Y: y})
		return
	}
	if r.ranged {
		p.StrokeLine2(rangeLine, at(r.low), y, at(r.high), y)
		rangeEnd(p, rangeLine, vg.Point{X: at(r.low), Y: y}, -1, r.low < p.x.low)
		rangeEnd(p, rangeLine, vg.Point{X: at(r.high), Y: y}, 1, r.high > p.x.high)
	}
	p.DrawGlyphNoClip(mark, vg.Point{X: at(r.value), Y: y})
	if !r.ranged { // at least that
		rangeEnd(p, rangeLine, vg.Point{X: p.Max.X, Y: y}, 1, true)
		p.StrokeLine2(rangeLine, at(r.value), y, p.Max.X, y)
	}
}
