package reports

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// panel is a plot's data area, which is the canvas's rectangle, with its axes.
type panel struct {
	draw.Canvas
	x, y scale
}

// at gives the place of a value. Values beyond an axis lie on its end.
func (p panel) at(v point) vg.Point {
	return vg.Point{X: p.X(p.x.place(v.x)), Y: p.Y(p.y.place(v.y))}
}

// column gives the pixel column of an x value.
func (p panel) column(x float64) int { return int(p.X(p.x.place(x)) / pixel) }

// tickGap lies between an axis and its ticks' labels.
const tickGap vg.Length = 7

// gridY draws the light horizontal grid and names its lines.
func (p panel) gridY() {
	for _, t := range p.y.ticks {
		y := p.Y(p.y.place(t.at))
		p.StrokeLine2(gridLine, p.Min.X, y, p.Max.X, y)
		tickInk.write(p, vg.Point{X: p.Min.X - tickGap, Y: y - tickInk.middle()}, 1, t.label)
	}
}

// tickLength is how far a tick of the x axis reaches below the panel.
const tickLength vg.Length = 3

// axisX draws the ticks below the panel, and their labels and the axis's label
// when it has one: only the lowest of stacked panels names its axis.
func (p panel) axisX(label string) {
	p.ticksX(label != "")
	below := p.Min.Y - axisHeight + axisInk.size*0.3
	axisInk.write(p, vg.Point{X: p.Center().X, Y: below}, 0.5, label)
}

// ticksX draws the ticks below the panel, with their labels when named.
func (p panel) ticksX(named bool) {
	p.StrokeLine2(axisLine, p.Min.X, p.Min.Y, p.Max.X, p.Min.Y)
	for _, t := range p.x.ticks {
		x := p.X(p.x.place(t.at))
		p.StrokeLine2(axisLine, x, p.Min.Y, x, p.Min.Y-tickLength)
		if named {
			below := p.Min.Y - tickLength - tickInk.size - 1
			tickInk.write(p, vg.Point{X: x, Y: below}, 0.5, t.label)
		}
	}
}

// axisHeight is what an x axis with labels needs below its panel.
var axisHeight = tickLength + tickInk.line() + axisInk.line() + 4

// axisWidth is what a y axis needs left of its panel.
func axisWidth(s scale) vg.Length {
	var widest vg.Length
	for _, t := range s.ticks {
		widest = max(widest, tickInk.width(t.label))
	}
	return widest + tickGap
}

// line draws through points that come in the order of x, thinned.
func (p panel) line(style draw.LineStyle, points []point) {
	kept := thin(points, p.column)
	line := make([]vg.Point, len(kept))
	for i, v := range kept {
		line[i] = p.at(v)
	}
	p.StrokeLines(style, line)
}

// dots draws a marker on each of the points, which come in the order of x,
// thinned.
func (p panel) dots(style draw.GlyphStyle, points []point) {
	for _, v := range thin(points, p.column) {
		p.DrawGlyphNoClip(style, p.at(v))
	}
}

// area fills the rectangle between two values.
func (p panel) area(c color.Color, from, to point) {
	a, b := p.at(from), p.at(to)
	p.FillPolygon(c, []vg.Point{a, {X: b.X, Y: a.Y}, b, {X: a.X, Y: b.Y}})
}

// ribbon fills what lies between the spans' low and high ends.
func (p panel) ribbon(c color.Color, spans []span) {
	if len(spans) == 0 {
		return
	}
	outline := make([]vg.Point, 2*len(spans))
	for i, s := range spans {
		outline[i] = p.at(point{s.tail, s.low})
		outline[len(outline)-1-i] = p.at(point{s.tail, s.high})
	}
	p.FillPolygon(c, outline)
}

// key is one entry of the line above the panels that says what is drawn how.
type key struct {
	text string
	// draw draws the sign into a small rectangle.
	draw func(draw.Canvas)
}

const (
	keySign vg.Length = 20 // width of a sign
	keyGap  vg.Length = 5  // between a sign and its text
	keyNext vg.Length = 18 // between entries
)

// keyLine writes the keys into the top line of the canvas, ending at its
// right side, and what the y axis shows at its left.
func keyLine(c draw.Canvas, axis string, keys []key) {
	baseline := c.Max.Y - axisInk.size
	axisInk.write(c, vg.Point{X: c.Min.X, Y: baseline}, 0, axis)
	x := c.Max.X
	for i := len(keys) - 1; i >= 0; i-- {
		labelInk.write(c, vg.Point{X: x, Y: baseline}, 1, keys[i].text)
		x -= labelInk.width(keys[i].text) + keyGap
		sign := c
		sign.Rectangle = vg.Rectangle{
			Min: vg.Point{X: x - keySign, Y: baseline - 1},
			Max: vg.Point{X: x, Y: baseline + labelInk.size*0.8},
		}
		keys[i].draw(sign)
		x -= keySign + keyNext
	}
}

// lineSign and dotSign are the signs of a line and of a marker.
func lineSign(style draw.LineStyle) func(draw.Canvas) {
	return func(c draw.Canvas) {
		c.StrokeLine2(style, c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
	}
}

func dotSign(style draw.GlyphStyle) func(draw.Canvas) {
	return func(c draw.Canvas) {
		c.DrawGlyphNoClip(style, vg.Point{X: c.Max.X - style.Radius, Y: c.Center().Y})
	}
}

func areaSign(colour color.Color) func(draw.Canvas) {
	return func(c draw.Canvas) {
		c.SetColor(colour)
		c.Fill(c.Rectangle.Path())
	}
}
