package reports

import (
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// stack is panels above each other that share their axes: small multiples.
type stack struct {
	x, y   scale
	xLabel string
	yLabel string
	keys   []key
	each   vg.Length // least height of a panel's data area
	margin vg.Length // right of the panels, for labels
	strip  strip
	panels []stacked
}

// strip is what lies between the first panel and its heading, such as names of
// what the panels' x axis goes through.
type strip struct {
	height vg.Length
	draw   func(panel) // of the panel below
}

// stacked is one panel of a stack: who it is, its numbers, and its drawing.
type stacked struct {
	name    string
	numbers []string
	y       *scale // its own, where the panels don't share theirs
	x       *scale // its own, which then has a label of its own too
	xLabel  string
	draw    func(panel)
}

// The heights and gaps of a stack, besides its panels.
var (
	keyHeight            = axisInk.line() + 2
	headingGap           = vg.Length(4)  // between a heading and its panel
	stackGap             = vg.Length(10) // between panels
	nameGap    vg.Length = 14            // between a panel's name and its numbers
)

func (s stack) figure() figure {
	return figure{
		least: s.around() + s.each*vg.Length(len(s.panels)),
		body:  s.draw,
	}
}

// around is the height of everything but the panels' data areas.
func (s stack) around() vg.Length {
	h := keyHeight + axisHeight + s.strip.height + stackGap*vg.Length(len(s.panels)-1)
	for i, p := range s.panels {
		h += s.heading(p).height()
		if i > 0 && s.label(i-1) != "" {
			h += axisHeight
		}
	}
	return h
}

func (s stack) draw(c draw.Canvas) {
	keyLine(c, s.yLabel, s.keys)
	each := (c.Max.Y - c.Min.Y - s.around()) / vg.Length(len(s.panels))
	top := c.Max.Y - keyHeight
	for i, p := range s.panels {
		h := s.heading(p)
		h.draw(c, top)
		top -= h.height()
		if i == 0 {
			top -= s.strip.height
		}
		area := panel{Canvas: c, x: s.xOf(p), y: s.yOf(p)}
		area.Min.X += s.left()
		area.Max.X -= s.right()
		area.Max.Y, area.Min.Y = top, top-each
		if i == 0 && s.strip.draw != nil {
			s.strip.draw(area)
		}
		p.draw(area)
		area.axisX(s.label(i))
		top -= each + stackGap
		if s.label(i) != "" {
			top -= axisHeight
		}
	}
}

func (s stack) xOf(p stacked) scale {
	if p.x != nil {
		return *p.x
	}
	return s.x
}

func (s stack) yOf(p stacked) scale {
	if p.y != nil {
		return *p.y
	}
	return s.y
}

// left is the room that the y axes' labels need.
func (s stack) left() vg.Length {
	var widest vg.Length
	for _, p := range s.panels {
		widest = max(widest, axisWidth(s.yOf(p)))
	}
	return widest
}

// across is a panel's width and x axis, before its height is known.
func (s stack) across() panel {
	p := panel{x: s.x, y: s.y}
	p.Min.X, p.Max.X = s.left(), bodyWidth-s.right()
	return p
}

// label gives the x axis's label: to the lowest panel alone where they share the
// axis.
func (s stack) label(i int) string {
	switch {
	case s.panels[i].x != nil:
		return s.panels[i].xLabel
	case i == len(s.panels)-1:
		return s.xLabel
	}
	return ""
}

// right is the room beyond the panels that the last ticks' labels need, or the
// margin.
func (s stack) right() vg.Length {
	room := s.margin
	for _, p := range s.panels {
		if ticks := s.xOf(p).ticks; len(ticks) > 0 {
			room = max(room, tickInk.width(ticks[len(ticks)-1].label)/2)
		}
	}
	return room
}

// heading is the words above a panel: its name, and its numbers after it or,
// where they don't fit, below.
type heading struct {
	name    []string
	numbers []string
	beside  bool
}

func (s stack) heading(p stacked) heading { return headingOf(p.name, p.numbers, bodyWidth) }

func headingOf(name string, numbers []string, width vg.Length) heading {
	line := strings.Join(numbers, between)
	if nameInk.width(name)+nameGap+labelInk.width(line) <= width {
		return heading{[]string{name}, []string{line}, true}
	}
	return heading{name: nameInk.wrap(name, width), numbers: labelInk.wrapParts(numbers, width)}
}

func (h heading) height() vg.Length {
	if h.beside {
		return nameInk.line() + headingGap
	}
	return nameInk.line()*vg.Length(len(h.name)) + labelInk.line()*vg.Length(len(h.numbers)) + headingGap
}

func (h heading) draw(c draw.Canvas, top vg.Length) {
	corner := vg.Point{X: c.Min.X, Y: top}
	if h.beside {
		baseline := top - nameInk.size
		nameInk.write(c, vg.Point{X: c.Min.X, Y: baseline}, 0, h.name[0])
		x := c.Min.X + nameInk.width(h.name[0]) + nameGap
		labelInk.write(c, vg.Point{X: x, Y: baseline}, 0, h.numbers[0])
		return
	}
	corner = writeLines(c, nameInk, corner, h.name)
	writeLines(c, labelInk, corner, h.numbers)
}
