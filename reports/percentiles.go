package reports

import (
	"fmt"
	"image/color"
	"math"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// tail is one curve of a percentile chart, as of the samples of all blocks of an
// arm.
type tail struct {
	name    string
	numbers []string
	line    draw.LineStyle
	mark    draw.GlyphStyle
	ink     color.RGBA // of its name
	n       int        // samples
	least   time.Duration
	at      func(tail float64) time.Duration // the quantile 1 − tail
	curve   []point
	band    []span
}

// percentiles draws the latency distributions of all arms into one panel.
func percentiles(c claims.Chart, runs []attack.Run) (figure, error) {
	arms, err := gather(c, runs, attack.Probe)
	if err != nil {
		return figure{}, err
	}
	ts := make(tailSet, len(arms))
	for i, a := range arms {
		if ts[i], err = tailOf(i, a); err != nil {
			return figure{}, err
		}
	}
	return figure{least: ts.least(), body: ts.draw, foot: ts.note()}, nil
}

func tailOf(i int, a arm) (tail, error) {
	samples, blocks := a.pooled()
	sorted := responses(samples)
	if len(sorted) == 0 {
		return tail{}, fmt.Errorf("no request of arm %q was answered", a.name)
	}
	return tail{
		name:    a.name,
		numbers: inNumbers(samples, a.unsent()),
		line:    armLine(i, a.look),
		mark:    armMarker(i, a.look),
		ink:     lookColour(a.look),
		n:       len(sorted),
		least:   sorted[0],
		at:      func(tail float64) time.Duration { return atTail(sorted, tail) },
		curve:   curve(sorted),
		band:    band(blocks),
	}, nil
}

// tailSet is the arms of one percentile chart.
type tailSet []tail

// axes are the scales that hold all curves.
func (ts tailSet) axes() (x, y scale) {
	most, low, high := 1, math.Inf(1), 0.0
	for _, t := range ts {
		most = max(most, t.n)
		for _, v := range t.curve {
			low, high = min(low, v.y), max(high, v.y)
		}
		for _, s := range t.band {
			low, high = min(low, s.low), max(high, s.high)
		}
	}
	return tails(1 / float64(most)), logTime(low, high)
}

// note says when the log axis had to lift times to its lowest value.
func (ts tailSet) note() string {
	for _, t := range ts {
		if float64(t.least) < clockStep {
			return "times below 1 µs are drawn at 1 µs"
		}
	}
	return ""
}

const (
	tailLabelGap  vg.Length = 16 // between the panel and the labels, for their leaders
	tailLabelWide vg.Length = 190
	tailLeast     vg.Length = 240 // height of the data area
)

// tailLabel is a curve's name and numbers, broken into lines.
type tailLabel struct {
	name, numbers []string
}

func (t tail) label() tailLabel {
	return tailLabel{nameInk.wrap(t.name, tailLabelWide), labelInk.wrapParts(t.numbers, tailLabelWide)}
}

func (l tailLabel) height() vg.Length {
	return nameInk.line()*vg.Length(len(l.name)) + labelInk.line()*vg.Length(len(l.numbers)) + 3
}

// least is the height of the body in which all labels find room.
func (ts tailSet) least() vg.Length {
	return keyHeight + axisHeight + max(tailLeast, ts.labelsHeight())
}

func (ts tailSet) labelsHeight() vg.Length {
	var h vg.Length
	for _, t := range ts {
		h += t.label().height()
	}
	return h
}

const (
	tailsYLabel = "response time (from the intended send), log scale"
	tailsXLabel = "percentile of requests (1 − quantile, log scale); a line ends where its samples end"
)

func (ts tailSet) draw(c draw.Canvas) {
	x, y := ts.axes()
	keyLine(c, tailsYLabel, ts.keys())
	p := panel{Canvas: c, x: x, y: y}
	p.Min.X += axisWidth(y)
	p.Min.Y += axisHeight
	p.Max.X -= tailLabelGap + tailLabelWide
	p.Max.Y -= keyHeight + headingGap
	ts.drawIn(p)
	p.axisX(tailsXLabel)
}

// drawIn draws the curves into a panel, and their labels right of it.
func (ts tailSet) drawIn(p panel) {
	p.gridY()
	for _, t := range ts {
		p.ribbon(veil(t.ink, 0.18), t.band)
	}
	for _, t := range ts {
		t.draw(p)
	}
	ts.labels(p)
}

func (ts tailSet) keys() []key {
	for _, t := range ts {
		if len(t.band) > 0 {
			return []key{{"lowest to highest of the blocks", areaSign(pale(hue.grey, 0.3))}}
		}
	}
	return nil
}

// draw draws the curve, with markers at the quantiles that the axis names.
func (t tail) draw(p panel) {
	p.line(t.line, t.curve)
	end := t.curve[len(t.curve)-1]
	for _, tick := range p.x.ticks {
		if tick.at > end.x {
			p.DrawGlyphNoClip(t.mark, p.at(point{tick.at, float64(t.at(tick.at))}))
		}
	}
	p.DrawGlyphNoClip(t.mark, p.at(end))
}

// tailEnd is where a curve ends, and what is written of it there.
type tailEnd struct {
	tailLabel
	at  point
	ink color.RGBA
}

func (ts tailSet) labels(p panel) {
	ends := make([]tailEnd, len(ts))
	for i, t := range ts {
		ends[i] = tailEnd{t.label(), t.curve[len(t.curve)-1], t.ink}
	}
	p.nameEnds(ends)
}

// nameEnds writes each curve's name right of the panel, as near to the curve's
// end as the others allow, and leads a thin line there.
func (p panel) nameEnds(ends []tailEnd) {
	slots := make([]slot, len(ends))
	for i, e := range ends {
		slots[i] = slot{wish: p.at(e.at).Y, height: e.height()}
	}
	spread(slots, p.Min.Y, p.Max.Y)
	for i, e := range ends {
		end := p.at(e.at)
		corner := vg.Point{X: p.Max.X + tailLabelGap, Y: slots[i].middle + e.height()/2}
		p.StrokeLines(leaderLine, []vg.Point{
			end, {X: max(end.X, p.Max.X), Y: end.Y}, {X: corner.X - 4, Y: corner.Y - nameInk.size*0.6},
		})
		corner = writeLines(p, nameInk.in(e.ink), corner, e.name)
		writeLines(p, labelInk, corner, e.numbers)
	}
}
