package reports

import (
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func (b *dotBoard) draw(c draw.Canvas) {
	if b.bars != "" {
		keyLine(c, "", []key{{b.bars, rangeSign}})
	}
	rows := vg.Length(len(b.arms) * b.lines())
	each := min(max(rowMost, b.row()), (c.Max.Y-c.Min.Y-b.around())/rows)
	top := c.Max.Y - keyHeight
	for i := range b.lines() {
		line := b.line(i)
		headings, limits := b.head(line)
		rowsTop := top - headings - limits - boardHead
		b.names(c, rowsTop, each)
		for k, m := range line {
			p := panel{Canvas: c}
			p.Min.X = c.Min.X + b.left + vg.Length(k)*(b.wide()+dotPanelGap)
			p.Max.X = p.Min.X + b.wide()
			b.heading(m).draw(p.Canvas, top)
			p.Max.Y, p.Min.Y = rowsTop, rowsTop-each*vg.Length(len(b.arms))
			b.panel(p, m, each)
		}
		top = rowsTop - each*vg.Length(len(b.arms)) - dotTicks - dotLineGap
	}
}

// names writes the arms at the left of their rows, which thin lines part.
func (b *dotBoard) names(c draw.Canvas, top, each vg.Length) {
	for i, a := range b.arms {
		lines, middle := a.lines(), top-each*(vg.Length(i)+0.5)
		writeLines(c, nameInk.in(deep(lookColour(a.look), 0.85)), vg.Point{X: c.Min.X, Y: middle + tall(nameInk, lines)/2}, lines)
		if i > 0 {
			c.StrokeLine2(gridLine, c.Min.X, middle+each/2, c.Max.X, middle+each/2)
		}
	}
}

// panel draws one measure into the panel, whose right side is kept for values.
func (b *dotBoard) panel(p panel, m measure, each vg.Length) {
	whole := p.Rectangle
	p.Max.X -= m.valueRoom()
	p.x = m.dotAxis(p)
	for _, t := range p.x.ticks {
		x := p.X(p.x.place(t.at))
		p.StrokeLine2(gridLine, x, p.Min.Y, x, p.Max.Y)
	}
	p.ticksX(true)
	if m.limit != nil {
		b.limit(p, whole, m, each)
	}
	for i, c := range m.curves {
		c.dot(p, m, p.Max.Y-each*(vg.Length(i)+0.5))
	}
}

// dotAxis is the measure's scale with as many named ticks as there is room for; on
// a log axis decades come first.
func (m measure) dotAxis(p panel) scale {
	s := m.y
	var order, others []int
	if s.log {
		s.ticks = logTicks(s.low, s.high, m.quantity.tick)
	}
	for i, t := range s.ticks {
		if !s.log || t.decade() {
			order = append(order, i)
		} else {
			others = append(others, i)
		}
	}
	if len(order) < decadesEnough {
		order = append(order, others...)
	}
	s.ticks = thinned(s.ticks, order, func(v float64) vg.Length { return p.X(s.place(v)) })
	s.ticks = slices.DeleteFunc(s.ticks, func(t tick) bool { return t.label == "" })
	return s
}

// decadesEnough is how many decades are enough to read a log axis by.
const decadesEnough = 3

// limit draws the dashed line and its words above; where it would run through a
// row's value it gives way.
func (b *dotBoard) limit(p panel, whole vg.Rectangle, m measure, each vg.Length) {
	x, from := p.X(p.x.place(m.limit.Value)), p.Max.Y+boardHead/2
	for i, c := range m.curves {
		box, ok := c.valueBox(p, m, p.Max.Y-each*(vg.Length(i)+0.5))
		if ok && box.Min.X-2 < x && x < box.Max.X+2 {
			p.StrokeLine2(budgetLine, x, from, x, box.Max.Y)
			from = box.Min.Y
		}
	}
	p.StrokeLine2(budgetLine, x, from, x, p.Min.Y)
	lines := b.limitLines(m)
	half := labelInk.widest(lines) / 2
	middle := min(max(x, whole.Min.X+half), whole.Max.X-half)
	y := p.Max.Y + boardHead + tall(labelInk, lines)
	for _, line := range lines {
		labelInk.in(hue.black).write(p, vg.Point{X: middle, Y: y - labelInk.size}, 0.5, line)
		y -= labelInk.line()
	}
}

// valueBox is where a row's value is written: right of the dot and its interval.
func (c measured) valueBox(p panel, m measure, y vg.Length) (box vg.Rectangle, ok bool) {
	if len(c.points) == 0 {
		return box, false
	}
	e := c.points[0]
	right := p.X(p.x.place(e.y)) + pointedRadius
	if e.ranged {
		right = max(right, p.X(p.x.place(e.high)))
	}
	box.Min = vg.Point{X: right + dotValueGap, Y: y - markInk.size*0.6}
	box.Max = vg.Point{X: box.Min.X + markInk.width(m.valueWords(e.y)), Y: y + markInk.size*0.6}
	return box, true
}

// dot draws a row's interval and dot, and its value in words.
func (c measured) dot(p panel, m measure, y vg.Length) {
	box, ok := c.valueBox(p, m, y)
	if !ok {
		labelInk.writeClear(p, vg.Point{X: p.Min.X + dotValueGap, Y: y - labelInk.middle()}, 0, "no value")
		return
	}
	e, colour := c.points[0], lookColour(c.look)
	at := vg.Point{X: p.X(p.x.place(e.y)), Y: y}
	if e.ranged {
		style := draw.LineStyle{Color: colour, Width: rangeLine.Width}
		dotRange(p, style, at, e.low, -1, e.low < p.x.low)
		dotRange(p, style, at, e.high, 1, e.high > p.x.high)
	}
	mark := armMarker(c.style, c.look)
	mark.Radius = pointedRadius
	p.DrawGlyphNoClip(mark, at)
	value := vg.Point{X: box.Min.X, Y: y - markInk.middle()}
	markInk.in(deep(colour, 0.75)).writeClear(p, value, 0, m.valueWords(e.y))
}

// dotRange draws one side of a dot's interval, unless the dot hides it.
func dotRange(p panel, style draw.LineStyle, at vg.Point, end float64, way vg.Length, beyond bool) {
	to := vg.Point{X: p.X(p.x.place(end)), Y: at.Y}
	if (to.X-at.X)*way <= pointedRadius+1 && !beyond {
		return
	}
	p.StrokeLine2(style, at.X, at.Y, to.X, at.Y)
	rangeEnd(p, style, to, way, beyond)
}
