package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
)

// slopesMost is how many metrics a picture of blocks shows.
const slopesMost = 6

// gateSlopes draws each block's base and head as a line between them, a panel for
// each metric that decides: parallel lines are what the arms share, and their
// slope is the change.
func gateSlopes(g Gate) (figure, error) {
	var s slopes
	var still []string
	for _, row := range g.slopeRows() {
		one := slopeOf(row)
		if one.still() {
			still = append(still, fmt.Sprintf("%s: %s in every block of both arms", metricTitle(row.Metric), valueWords(row.Metric, row.Base)))
			continue
		}
		s = append(s, one)
	}
	if len(s) == 0 {
		return figure{}, fmt.Errorf("%w: no metric that decides differs between blocks", ErrNothingToDraw)
	}
	if left := len(s) - slopesMost; left > 0 {
		s = s[:slopesMost]
		still = append(still, fmt.Sprintf("%d less changed metrics left out", left))
	}
	return figure{title: g.slopesTitle(s[0]), least: s.least(), body: s.draw, foot: strings.Join(still, between)}, nil
}

// slopeRows are the metrics that decide or left the outcome open, or all when none
// does, the most changed of those that the outcome is about first.
func (g Gate) slopeRows() []gate.MetricVerdict {
	rows := slices.DeleteFunc(g.measuredRows(), func(row gate.MetricVerdict) bool { return !decides(row) && !g.open(row) })
	if len(rows) == 0 {
		rows = g.measuredRows()
	}
	outside := func(row gate.MetricVerdict) int {
		if g.about(row) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(rows, func(a, b gate.MetricVerdict) int {
		return cmp.Or(cmp.Compare(outside(a), outside(b)),
			cmp.Compare(inDeltas(b.Metric, b.Change.Value), inDeltas(a.Metric, a.Change.Value)))
	})
	return rows
}

func (g Gate) slopesTitle(first slope) string {
	if g.Outcome() == analysis.Invalid {
		return "invalid: " + g.finding()
	}
	return fmt.Sprintf("%s: %s %s, higher in %d of %s", g.answer(), plain(first.row.Name),
		changeWords(first.row.Metric, first.row.Change.Value), first.higher, analysis.Count(len(first.row.Pairs), "block"))
}

// slope is a metric's panel.
type slope struct {
	row    gate.MetricVerdict
	pairs  []gate.Pair // that an axis can place, in its unit
	higher int         // blocks in which the head is
	y      scale
}

func slopeOf(row gate.MetricVerdict) slope {
	s := slope{row: row}
	shown := slopeUnit(row.Metric)
	for _, p := range row.Pairs {
		if !placeable(p.Base) || !placeable(p.Head) {
			continue
		}
		s.pairs = append(s.pairs, gate.Pair{Block: p.Block, Base: shown.of(p.Base), Head: shown.of(p.Head)})
		if p.Head > p.Base {
			s.higher++
		}
	}
	if len(s.pairs) > 0 {
		s.y = slopeAxis(append(slices.Clone(s.pairs), s.tooMuch()...), shown)
	}
	return s
}

// tooMuch is the base's median and what a change by δ would make of it, in the
// axis's unit; nothing where an axis can't place it.
func (s slope) tooMuch() []gate.Pair {
	head := s.row.Base * (1 + s.row.Delta)
	if s.row.Absolute {
		head = s.row.Base + s.row.Delta
	}
	if !placeable(s.row.Base) || !placeable(head) {
		return nil
	}
	u := slopeUnit(s.row.Metric)
	return []gate.Pair{{Base: u.of(s.row.Base), Head: u.of(head)}}
}

// still reports whether nothing ever differs, as when no request ever fails.
func (s slope) still() bool {
	for _, p := range s.pairs {
		if p.Base != s.pairs[0].Base || p.Head != s.pairs[0].Base {
			return false
		}
	}
	return true
}

// unitOnAxis is how an axis counts and writes a metric's values.
type unitOnAxis struct {
	times float64
	ticks func(low, high float64) func(float64) string
}

func (u unitOnAxis) of(v float64) float64 { return v * u.times }

func slopeUnit(m gate.Metric) unitOnAxis {
	named := func(unit string) func(low, high float64) func(float64) string {
		return func(_, _ float64) func(float64) string {
			return func(v float64) string { return minus(strings.TrimSpace(number(v) + " " + unit)) }
		}
	}
	switch m.Unit {
	case "ms":
		return unitOnAxis{milliseconds.ns, func(_, high float64) func(float64) string { return unitOf(high).write }}
	case "bytes":
		return unitOnAxis{1. / (1 << 20), named("MiB")}
	case "share":
		return unitOnAxis{100, named("%")}
	}
	return unitOnAxis{1, named(plain(m.Unit))}
}

// An axis is a log one from the ratio slopesLog on between the largest and the
// least value, and holds no more than slopesFar.
const (
	slopesLog = 8
	slopesFar = 1e9
)

const slopeTicks = 6 // of a linear axis, at most about that many

// slopeAxis doesn't begin at zero: what counts is the slope, beside that of a
// change by δ, which the axis holds too.
func slopeAxis(pairs []gate.Pair, u unitOnAxis) scale {
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range pairs {
		low, high = min(low, p.Base, p.Head), max(high, p.Base, p.Head)
	}
	if low > 0 && high/low >= slopesLog && high > 1/slopesFar {
		least := max(low, high/slopesFar) // what is less lies at the axis's end
		s := logarithmic(least, high, least/2, func(v float64) string { return u.ticks(v, v)(v) })
		s.ticks = decades(s.ticks)
		return s
	}
	room := max(high-low, math.Abs(high)*0.02, 1e-9) * 0.08
	return linear(low-room, high+room, slopeTicks, u.ticks(low, high))
}

// slopes is the panels of one picture.
type slopes []slope

const (
	slopesAcross              = 3
	slopeGap        vg.Length = 26
	slopeLeast      vg.Length = 96
	slopeSide       vg.Length = 34 // from a panel's side to its arms
	slopeMedianWide vg.Length = 2.6
	slopesThin                = 40 // from more blocks on, their lines are thinner
)

func (s slopes) columns() int { return min(slopesAcross, len(s)) }
func (s slopes) lines() int   { return (len(s) + s.columns() - 1) / s.columns() }

func (s slopes) wide() vg.Length {
	return (bodyWidth - slopeGap*vg.Length(s.columns()-1)) / vg.Length(s.columns())
}

func (s slopes) heading(one slope) heading {
	return heading{
		name: nameInk.wrap(metricTitle(one.row.Metric), s.wide()),
		numbers: labelInk.wrapParts([]string{
			changeWords(one.row.Metric, one.row.Change.Value) + ", " + string(one.row.Outcome),
			fmt.Sprintf("higher in %d of %d", one.higher, len(one.row.Pairs)),
		}, s.wide()),
	}
}

// headingHeight is that of the tallest heading, so that panels stand in line.
func (s slopes) headingHeight() vg.Length {
	var h vg.Length
	for _, one := range s {
		h = max(h, s.heading(one).height()+boardHead)
	}
	return h
}

// armsHeight is what the names of the arms and their medians need below a panel.
var armsHeight = tickLength + 2*tickInk.line() + 2

func (s slopes) around() vg.Length {
	n := vg.Length(s.lines())
	return keyHeight + n*(s.headingHeight()+armsHeight) + (n-1)*stackGap
}

func (s slopes) least() vg.Length { return s.around() + slopeLeast*vg.Length(s.lines()) }

// A block's line has the colour of the arm that is worse in it.
var (
	risingLine  = draw.LineStyle{Color: lookColour(attack.LookHead), Width: 0.9}
	fallingLine = draw.LineStyle{Color: lookColour(attack.LookBase), Width: 0.9, Dashes: []vg.Length{4, 2.5}}
	medianLine  = draw.LineStyle{Color: hue.black, Width: slopeMedianWide}
)

func (s slopes) draw(c draw.Canvas) {
	keyLine(c, "each line is a block", []key{
		{"head higher (worse)", lineSign(risingLine)}, {"head lower or equal", lineSign(fallingLine)}, {"medians", lineSign(medianLine)}, {"a change by δ", lineSign(budgetLine)},
	})
	each := (c.Max.Y - c.Min.Y - s.around()) / vg.Length(s.lines())
	top := c.Max.Y - keyHeight
	for i, one := range s {
		column := i % s.columns()
		if column == 0 && i > 0 {
			top -= s.headingHeight() + each + armsHeight + stackGap
		}
		cell := c
		cell.Min.X = c.Min.X + vg.Length(column)*(s.wide()+slopeGap)
		cell.Max.X = cell.Min.X + s.wide()
		s.heading(one).draw(cell, top)
		area := panel{Canvas: cell, y: one.y, x: scale{low: 0, high: 1}}
		area.Min.X += axisWidth(one.y)
		area.Max.Y = top - s.headingHeight()
		area.Min.Y = area.Max.Y - each
		one.draw(area)
	}
}

// draw draws the blocks' lines, the medians upon them, and names the arms.
func (s slope) draw(p panel) {
	p.gridY()
	base, head := p.Min.X+slopeSide, p.Max.X-slopeSide
	for _, x := range []vg.Length{base, head} {
		p.StrokeLine2(axisLine, x, p.Min.Y, x, p.Max.Y)
	}
	join := func(style draw.LineStyle, from, to float64) {
		p.StrokeLine2(style, base, p.Y(p.y.place(from)), head, p.Y(p.y.place(to)))
	}
	for _, v := range s.pairs {
		style := fallingLine
		if v.Head > v.Base {
			style = risingLine
		}
		if len(s.pairs) > slopesThin {
			style.Width *= 0.6
		}
		join(style, v.Base, v.Head)
	}
	for _, v := range s.tooMuch() {
		join(budgetLine, v.Base, v.Head)
	}
	unit := slopeUnit(s.row.Metric)
	if placeable(s.row.Base) && placeable(s.row.Head) {
		join(medianLine, unit.of(s.row.Base), unit.of(s.row.Head))
	}
	s.nameArm(p, base, "base", s.row.Base, attack.LookBase)
	s.nameArm(p, head, "head", s.row.Head, attack.LookHead)
}

func (s slope) nameArm(p panel, x vg.Length, name string, median float64, look attack.Look) {
	y := p.Min.Y - tickLength - tickInk.size - 1
	tickInk.in(deep(lookColour(look), 0.8)).write(p, vg.Point{X: x, Y: y}, 0.5, name)
	tickInk.write(p, vg.Point{X: x, Y: y - tickInk.line()}, 0.5, valueWords(s.row.Metric, median))
}
