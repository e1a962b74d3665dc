package reports

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// corners is a filled marker with n corners, of which one lies in the
// direction of turn, in degrees from the right.
type corners struct {
	n    int
	turn float64
}

var _ draw.GlyphDrawer = corners{}

// DrawGlyph draws the marker around a point.
func (g corners) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	// A polygon looks smaller than a circle of its radius.
	r := style.Radius * 1.3
	outline := make([]vg.Point, g.n)
	for i := range outline {
		sin, cos := math.Sincos(g.turn*math.Pi/180 + 2*math.Pi*float64(i)/float64(g.n))
		outline[i] = vg.Point{X: at.X + r*vg.Length(cos), Y: at.Y + r*vg.Length(sin)}
	}
	c.FillPolygon(style.Color, outline)
}

// cross is a marker of two crossing lines.
type cross struct{}

var _ draw.GlyphDrawer = cross{}

// DrawGlyph draws the marker around a point.
func (cross) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	line := draw.LineStyle{Color: style.Color, Width: 1.5}
	r := style.Radius
	c.StrokeLine2(line, at.X-r, at.Y-r, at.X+r, at.Y+r)
	c.StrokeLine2(line, at.X-r, at.Y+r, at.X+r, at.Y-r)
}

// hollow is a marker like corners of which only the outline is drawn, on white.
type hollow corners

var _ draw.GlyphDrawer = hollow{}

// DrawGlyph draws the marker around a point.
func (g hollow) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	corners(g).DrawGlyph(c, style, at)
	style.Color, style.Radius = hue.white, style.Radius*0.58
	corners(g).DrawGlyph(c, style, at)
}
