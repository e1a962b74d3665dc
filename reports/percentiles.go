package reports

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// tail is what a percentile chart shows of one arm.
type tail struct {
	name    string
	numbers []string
	look    attack.Look
	sorted  []time.Duration // responses of all blocks
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
		if ts[i], err = tailOf(a); err != nil {
			return figure{}, err
		}
	}
	return figure{least: ts.least(), body: ts.draw, foot: ts.note()}, nil
}

func tailOf(a arm) (tail, error) {
	samples, blocks := a.pooled()
	sorted := responses(samples)
	if len(sorted) == 0 {
		return tail{}, fmt.Errorf("no request of arm %q was answered", a.name)
	}
	return tail{
		name:    a.name,
		numbers: inNumbers(samples, a.unsent()),
		look:    a.look,
		sorted:  sorted,
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
		most = max(most, len(t.sorted))
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
		if float64(t.sorted[0]) < clockStep {
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
	var labels vg.Length
	for _, t := range ts {
		labels += t.label().height()
	}
	return keyHeight + axisHeight + max(tailLeast, labels)
}

func (ts tailSet) draw(c draw.Canvas) {
	x, y := ts.axes()
	keyLine(c, "response time (from the intended send), log scale", ts.keys())
	p := panel{Canvas: c, x: x, y: y}
	p.Min.X += axisWidth(y)
	p.Min.Y += axisHeight
	p.Max.X -= tailLabelGap + tailLabelWide
	p.Max.Y -= keyHeight + headingGap
	p.gridY()
	for _, t := range ts {
		p.ribbon(veil(lookColour(t.look), 0.18), t.band)
	}
	for i, t := range ts {
		t.draw(p, i)
	}
	p.axisX("percentile of requests (1 − quantile, log scale); a line ends where its samples end")
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
func (t tail) draw(p panel, i int) {
	p.line(armLine(i, t.look), t.curve)
	end := t.curve[len(t.curve)-1]
	for _, tick := range p.x.ticks {
		if tick.at > end.x {
			p.DrawGlyphNoClip(armMarker(i, t.look), p.at(point{tick.at, float64(atTail(t.sorted, tick.at))}))
		}
	}
	p.DrawGlyphNoClip(armMarker(i, t.look), p.at(end))
}

// labels writes each curve's name right of the panel, as near to the curve's
// end as the others allow, and leads a thin line there.
func (ts tailSet) labels(p panel) {
	slots := make([]slot, len(ts))
	for i, t := range ts {
		slots[i] = slot{wish: p.at(t.curve[len(t.curve)-1]).Y, height: t.label().height()}
	}
	spread(slots, p.Min.Y, p.Max.Y)
	for i, t := range ts {
		end := p.at(t.curve[len(t.curve)-1])
		label := t.label()
		corner := vg.Point{X: p.Max.X + tailLabelGap, Y: slots[i].middle + label.height()/2}
		p.StrokeLines(leaderLine, []vg.Point{
			end, {X: max(end.X, p.Max.X), Y: end.Y}, {X: corner.X - 4, Y: corner.Y - nameInk.size*0.6},
		})
		corner = writeLines(p, nameInk.in(lookColour(t.look)), corner, label.name)
		writeLines(p, labelInk, corner, label.numbers)
	}
}
