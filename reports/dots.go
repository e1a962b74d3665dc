package reports

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// dots draws measures side by side, each with a row for every arm, from the
// chart's own numbers.
func dots(c claims.Chart, _ []attack.Run) (figure, error) {
	if len(c.Measures) == 0 {
		return figure{}, errors.New("there are no measures to draw")
	}
	b := dotBoard{arms: dotArms(c.Measures)}
	var all []analysis.Estimate
	var notes []string
	for _, given := range c.Measures {
		m, err := dottedOf(given, b.arms)
		if err != nil {
			return figure{}, err
		}
		b.measures = append(b.measures, m)
		for _, v := range given.Values {
			all = append(all, v.Y)
		}
		notes = append(notes, m.lifted())
	}
	if bars := barsOf(all); bars != "" {
		b.bars = bars + ", where wider than the dot"
	}
	b.layOut()
	return figure{least: b.least(), body: b.draw, foot: strings.Join(nonEmpty(notes), between)}, nil
}

// dotArm is one row: an arm, and how its dots look.
type dotArm struct {
	name  string
	look  attack.Look
	style int // of its marker
}

// dotArms gives the arms of all measures, in the order of their first appearance.
func dotArms(measures []claims.Measure) []dotArm {
	var arms []dotArm
	for _, m := range measures {
		for _, v := range m.Values {
			if !slices.ContainsFunc(arms, func(a dotArm) bool { return a.name == v.Arm }) {
				arms = append(arms, dotArm{v.Arm, v.Look, len(arms)})
			}
		}
	}
	return arms
}

// dottedOf gives a measure with a curve for each of the arms, of one point, or of
// none where the arm has no value that an axis can place.
func dottedOf(given claims.Measure, arms []dotArm) (measure, error) {
	q := quantity(given.Unit)
	if q == inPercent {
		q = inShare // what an arm has is no change
	}
	m := measure{label: given.Label, quantity: q}
	if given.Limit != nil && placeable(given.Limit.Value) {
		m.limit = &claims.Limit{Value: q.scaled(given.Limit.Value), Text: given.Limit.Text}
	}
	drawn := 0
	for _, a := range arms {
		c := measured{name: a.name, look: a.look, style: a.style}
		for _, v := range given.Values {
			if v.Arm == a.name {
				c.points = q.estimates([]claims.Point{{Y: v.Y}})
			}
		}
		drawn += len(c.points)
		m.curves = append(m.curves, c)
	}
	if drawn == 0 {
		return measure{}, fmt.Errorf("measure %q has no values", given.Label)
	}
	m.y = m.axis(given.Log)
	return m, nil
}

// dotBoard is the measures of one picture, in one or more lines of panels beside
// each other; each line has a row for every arm.
type dotBoard struct {
	arms     []dotArm
	measures []measure
	bars     string // what the intervals are, when there are any

	// Laid out:
	left   vg.Length // of the panels, from the body's left side
	across int       // panels in a line
}

const (
	dotNamesWide  vg.Length = 160
	dotPanelGap   vg.Length = 24
	dotScaleLeast vg.Length = 95 // width of a scale
	dotRowLeast   vg.Length = 25
	dotLineGap    vg.Length = 14 // between lines of panels
	dotValueGap   vg.Length = 7  // between a dot or its interval and its value
)

// layOut puts as many panels beside each other as stay readable, in lines of about
// equal length.
func (b *dotBoard) layOut() {
	for _, a := range b.arms {
		b.left = max(b.left, nameInk.widest(a.lines())+columnGap)
	}
	for b.across = len(b.measures); b.across > 1 && b.narrowest() < dotScaleLeast; {
		b.across--
	}
	lines := b.lines()
	b.across = (len(b.measures) + lines - 1) / lines
}

func (b *dotBoard) lines() int { return (len(b.measures) + b.across - 1) / b.across }

// line gives the measures of one line of panels.
func (b *dotBoard) line(i int) []measure {
	return b.measures[i*b.across : min((i+1)*b.across, len(b.measures))]
}

// wide is a panel's width, the room for values at its right included.
func (b *dotBoard) wide() vg.Length {
	return (bodyWidth - b.left - dotPanelGap*vg.Length(b.across-1)) / vg.Length(b.across)
}

// narrowest is the least width that any scale has.
func (b *dotBoard) narrowest() vg.Length {
	least := bodyWidth
	for _, m := range b.measures {
		least = min(least, b.wide()-m.valueRoom())
	}
	return least
}

func (a dotArm) lines() []string { return nameInk.wrap(a.name, dotNamesWide) }

// valueWords writes a value beside its dot: a rate without what it counts, which
// the panel's heading names.
func (m measure) valueWords(v float64) string {
	if s := string(m.quantity); strings.HasSuffix(s, "/s") {
		return minus(digits(v) + "/s")
	}
	return m.quantity.write(v)
}

// valueRoom is what the values need right of the scale.
func (m measure) valueRoom() vg.Length {
	var widest vg.Length
	for _, c := range m.curves {
		for _, e := range c.points {
			widest = max(widest, markInk.width(m.valueWords(e.y)))
		}
	}
	return dotValueGap + widest
}

// limitLines are the words above a panel that say what its dashed line is.
func (b *dotBoard) limitLines(m measure) []string {
	if m.limit == nil {
		return nil
	}
	text := m.limit.Text
	if text == "" {
		text = m.quantity.write(m.limit.Value)
	}
	return labelInk.wrap(text, b.wide())
}

func (b *dotBoard) heading(m measure) heading {
	var how []string
	if m.y.log {
		how = []string{"log scale"}
	}
	return headingOf(m.label, how, b.wide())
}

// head is the height above the rows of a line of panels, which stand level.
func (b *dotBoard) head(line []measure) (headings, limits vg.Length) {
	for _, m := range line {
		headings = max(headings, b.heading(m).height())
		limits = max(limits, tall(labelInk, b.limitLines(m)))
	}
	return headings, limits
}

// dotTicks is the height of the ticks and their names below a panel.
var dotTicks = tickLength + tickInk.line() + 2

// around is the height of everything but the rows.
func (b *dotBoard) around() vg.Length {
	h := keyHeight + dotLineGap*vg.Length(b.lines()-1)
	for i := range b.lines() {
		headings, limits := b.head(b.line(i))
		h += headings + limits + boardHead + dotTicks
	}
	return h
}

// row is the least height in which every arm's name fits.
func (b *dotBoard) row() vg.Length {
	h := dotRowLeast
	for _, a := range b.arms {
		h = max(h, tall(nameInk, a.lines())+rowPad)
	}
	return h
}

func (b *dotBoard) least() vg.Length {
	return b.around() + b.row()*vg.Length(len(b.arms)*b.lines())
}
