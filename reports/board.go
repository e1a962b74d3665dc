package reports

import (
	"cmp"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis/claims"
)

// board is measures above each other that share the x axis, with marks through
// all of them.
type board struct {
	x        scale
	xLabel   string
	bars     string // what the error bars are, when there are any
	measures []measure
	marks    []claims.Mark

	// Laid out:
	left, right vg.Length // of the panels, from the body's sides
	flags       []flag
}

const (
	boardLeast    vg.Length = 104 // height of a panel
	boardGap      vg.Length = 10  // between panels
	boardHead     vg.Length = 4   // below a heading, for the highest tick's label
	boardSide     vg.Length = 16  // right of the panels
	flagWide      vg.Length = 195
	errorCap      vg.Length = 2.5
	pointedRadius vg.Length = 4.6
	pointedRim    vg.Length = 1.4
)

// layOut settles what depends on widths: the panels' sides, the flags, and
// which settings are named.
func (b *board) layOut() {
	for _, m := range b.measures {
		b.left = max(b.left, axisWidth(m.y))
	}
	b.right = boardSide
	for _, m := range b.measures {
		if labels := m.endLabels(); len(labels) > 0 {
			b.right = max(b.right, tailLabelGap+widestLabel(labels))
		}
	}
	for _, m := range b.marks {
		b.right = max(b.right, b.rightFor(m))
	}
	b.flags = flagsOf(b.marks, b.place)
	b.nameSettings()
}

// rightFor is the room right of the panels in which a mark's text fits.
func (b *board) rightFor(m claims.Mark) vg.Length {
	wide := min(markInk.width(m.Text), flagWide) + flagGap + 1
	at := vg.Length(b.x.place(m.X))
	return bodyWidth - b.left - (bodyWidth-b.left-wide)/max(at, 0.01)
}

// place gives where a setting lies, from the body's left side.
func (b *board) place(x float64) vg.Length {
	return b.left + vg.Length(b.x.place(x))*(bodyWidth-b.left-b.right)
}

// nameSettings names the settings that are marked, then the others, as long as
// no name lies upon another.
func (b *board) nameSettings() {
	order := make([]int, 0, len(b.x.ticks))
	for _, marked := range []bool{true, false} {
		for i, t := range b.x.ticks {
			if b.marked(t.at) == marked {
				order = append(order, i)
			}
		}
	}
	b.x.ticks = thinned(b.x.ticks, order, b.place)
}

func (b *board) marked(x float64) bool {
	return slices.ContainsFunc(b.marks, func(m claims.Mark) bool { return m.X == x })
}

// tickApart is the least distance of two ticks' names on an x axis.
const tickApart vg.Length = 7

// thinned takes the names from ticks that come too near to those before them
// in the order.
func thinned(ticks []tick, order []int, place func(float64) vg.Length) []tick {
	named := make([]tick, len(ticks))
	var taken [][2]vg.Length
	for _, i := range order {
		t := ticks[i]
		at, half := place(t.at), tickInk.width(t.label)/2
		left, right := at-half, at+half
		if slices.ContainsFunc(taken, func(o [2]vg.Length) bool { return left < o[1]+tickApart && o[0] < right+tickApart }) {
			t.label = ""
		} else {
			taken = append(taken, [2]vg.Length{left, right})
		}
		named[i] = t
	}
	return named
}

// keys says what the error bars are.
func (b *board) keys() []key {
	if b.bars == "" {
		return nil
	}
	return []key{{b.bars, barSign}}
}

func barSign(c draw.Canvas) {
	bar(c, draw.LineStyle{Color: hue.darkGrey, Width: 1}, vg.Point{X: c.Max.X - 4, Y: c.Min.Y}, vg.Point{X: c.Max.X - 4, Y: c.Max.Y})
}

// bar draws an upright error bar.
func bar(c draw.Canvas, style draw.LineStyle, low, high vg.Point) {
	c.StrokeLine2(style, low.X, low.Y, high.X, high.Y)
	for _, end := range []vg.Point{low, high} {
		c.StrokeLine2(style, end.X-errorCap, end.Y, end.X+errorCap, end.Y)
	}
}

// heading is the words above measure i. The key stands beside the first one.
func (b *board) heading(i int) heading {
	width := bodyWidth
	if i == 0 && b.bars != "" {
		width -= labelInk.width(b.bars) + keySign + keyGap + keyNext
	}
	m := b.measures[i]
	var how []string
	if m.y.log {
		how = []string{"log scale"}
	}
	return headingOf(m.label, how, width)
}

func (b *board) xLines() []string { return axisInk.wrap(b.xLabel, bodyWidth) }

// around is the height of everything but the panels.
func (b *board) around() vg.Length {
	h := flagsHeight(b.flags) + axisHeight + axisInk.line()*vg.Length(len(b.xLines())-1)
	for i := range b.measures {
		h += b.heading(i).height() + boardHead
	}
	return h + boardGap*vg.Length(len(b.measures)-1)
}

// least is the height of the body in which all panels and labels find room.
func (b *board) least() vg.Length {
	each := boardLeast
	for _, m := range b.measures {
		var labels vg.Length
		for _, l := range m.endLabels() {
			labels += l.height()
		}
		each = max(each, labels)
	}
	return b.around() + each*vg.Length(len(b.measures))
}

func (b *board) draw(c draw.Canvas) {
	each := (c.Max.Y - c.Min.Y - b.around()) / vg.Length(len(b.measures))
	keyLine(c, "", b.keys())
	top := c.Max.Y
	for i, m := range b.measures {
		h := b.heading(i)
		h.draw(c, top)
		top -= h.height() + boardHead
		if i == 0 {
			top -= flagsHeight(b.flags)
			for _, f := range b.flags {
				f.draw(c, top)
			}
		}
		area := panel{Canvas: c, x: b.x, y: m.y}
		area.Min.X, area.Max.X = c.Min.X+b.left, c.Max.X-b.right
		area.Max.Y, area.Min.Y = top, top-each
		last := i == len(b.measures)-1
		b.panel(area, m)
		area.ticksX(last)
		if last {
			b.nameX(area, c)
		}
		top -= each + boardGap
	}
}

// nameX writes the x axis's label below the lowest panel, or across the whole
// body when it is wider than the panel.
func (b *board) nameX(p panel, c draw.Canvas) {
	lines, middle := b.xLines(), p.Center().X
	if axisInk.widest(lines) > p.Max.X-p.Min.X {
		middle = c.Center().X
	}
	y := p.Min.Y - axisHeight + axisInk.size*0.3
	for _, line := range lines {
		axisInk.write(p, vg.Point{X: middle, Y: y}, 0.5, line)
		y -= axisInk.line()
	}
}

// panel draws one measure, from back to front.
func (b *board) panel(p panel, m measure) {
	p.gridY()
	if m.y.low < 0 && !m.y.log {
		p.StrokeLine2(axisLine, p.Min.X, p.at(point{0, 0}).Y, p.Max.X, p.at(point{0, 0}).Y)
	}
	for _, strong := range []bool{false, true} {
		for _, f := range b.flags {
			if f.strong == strong {
				x := p.X(p.x.place(f.setting))
				p.StrokeLine2(f.pole, x, p.Min.Y, x, p.Max.Y)
			}
		}
	}
	if m.limit != nil {
		y := p.Y(p.y.place(m.limit.Value))
		p.StrokeLine2(budgetLine, p.Min.X, y, p.Max.X, y)
	}
	m.nameCurves(p)
	for _, c := range m.curves {
		c.draw(p)
	}
	b.emphasise(p, m)
}

func (c measured) draw(p panel) {
	thin := draw.LineStyle{Color: lookColour(c.look), Width: 1}
	line := make([]vg.Point, len(c.points))
	for i, e := range c.points {
		if e.ranged {
			bar(p.Canvas, thin, p.at(point{e.x, e.low}), p.at(point{e.x, e.high}))
		}
		line[i] = p.at(e.point)
	}
	if len(line) > 1 {
		p.StrokeLines(armLine(c.style, c.look), line)
	}
	for _, at := range line {
		p.DrawGlyphNoClip(armMarker(c.style, c.look), at)
	}
}

// pointed is a point at a recommended setting.
type pointed struct {
	estimate
	curve measured
}

// emphasise makes the points at recommended settings stand out, with their values.
func (b *board) emphasise(p panel, m measure) {
	points := b.pointed(m)
	for _, v := range points {
		style := armMarker(v.curve.style, v.curve.look)
		style.Color, style.Radius = hue.black, pointedRadius+pointedRim
		p.DrawGlyphNoClip(style, p.at(v.point))
		style.Color, style.Radius = lookColour(v.curve.look), pointedRadius
		p.DrawGlyphNoClip(style, p.at(v.point))
	}
	n := nook{within: p.Rectangle, lines: b.drawnLines(p, m)}
	for i, v := range points {
		// Of points above each other the highest is named above, the lowest below.
		var side vg.Length
		if i+1 < len(points) && points[i+1].x == v.x {
			side = 1
		} else if i > 0 && points[i-1].x == v.x {
			side = -1
		}
		text, ink := m.quantity.write(v.y), markInk.in(deep(lookColour(v.curve.look), 0.75))
		size := vg.Point{X: ink.width(text) + 4, Y: ink.size}
		if corner, ok := n.put(p.at(v.point), size, side); ok {
			ink.writeClear(p, vg.Point{X: corner.X + 2, Y: corner.Y + ink.size*0.15}, 0, text)
		}
	}
}

// pointed gives the points at recommended settings, from the top down at each.
func (b *board) pointed(m measure) []pointed {
	var points []pointed
	for _, c := range m.curves {
		for _, e := range c.points {
			if b.recommended(e.x) {
				points = append(points, pointed{e, c})
			}
		}
	}
	slices.SortStableFunc(points, func(a, b pointed) int {
		return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(b.y, a.y))
	})
	return points
}

func (b *board) recommended(x float64) bool {
	return slices.ContainsFunc(b.marks, func(m claims.Mark) bool { return m.Recommended && m.X == x })
}

// drawnLines gives the lines and the markers of a panel, for texts to avoid.
func (b *board) drawnLines(p panel, m measure) [][2]vg.Point {
	var lines [][2]vg.Point
	for _, f := range b.flags {
		x := p.X(p.x.place(f.setting))
		lines = append(lines, [2]vg.Point{{X: x, Y: p.Min.Y}, {X: x, Y: p.Max.Y}})
	}
	if m.limit != nil {
		y := p.Y(p.y.place(m.limit.Value))
		lines = append(lines, [2]vg.Point{{X: p.Min.X, Y: y}, {X: p.Max.X, Y: y}})
	}
	for _, c := range m.curves {
		for i, e := range c.points {
			at := p.at(e.point)
			lines = append(lines, [2]vg.Point{{X: at.X - pointedRadius, Y: at.Y}, {X: at.X + pointedRadius, Y: at.Y}})
			if e.ranged {
				lines = append(lines, [2]vg.Point{p.at(point{e.x, e.low}), p.at(point{e.x, e.high})})
			}
			if i > 0 {
				lines = append(lines, [2]vg.Point{p.at(c.points[i-1].point), at})
			}
		}
	}
	return lines
}
