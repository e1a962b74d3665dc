package reports

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/attack"
)

// A page is 1600 × 900 pixels; charts of many panels make it taller, never wider.
const (
	pageWidth  vg.Length = 800 // points
	pageHeight vg.Length = 450
	pageDPI              = 144

	pageSide vg.Length = 20 // margin left and right
	pageTop  vg.Length = 16
	pageFoot vg.Length = 12

	bodyWidth = pageWidth - 2*pageSide // of what lies between a page's margins

	// pixel is the finest that a PNG shows, and so the column of thinning.
	pixel vg.Length = 72.0 / pageDPI
)

// hue is Okabe and Ito's colours, which people with any colour vision tell
// apart, and the greys.
var hue = struct {
	white, black, orange, sky, green, blue, vermilion, purple color.RGBA
	grey, darkGrey, lightGrey                                 color.RGBA
}{
	white:     color.RGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff},
	black:     color.RGBA{A: 0xff},
	orange:    color.RGBA{R: 0xe6, G: 0x9f, A: 0xff},
	sky:       color.RGBA{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff},
	green:     color.RGBA{G: 0x9e, B: 0x73, A: 0xff},
	blue:      color.RGBA{G: 0x72, B: 0xb2, A: 0xff},
	vermilion: color.RGBA{R: 0xd5, G: 0x5e, A: 0xff},
	purple:    color.RGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff},

	grey:      color.RGBA{R: 0x7f, G: 0x7f, B: 0x7f, A: 0xff},
	darkGrey:  color.RGBA{R: 0x44, G: 0x44, B: 0x44, A: 0xff},
	lightGrey: color.RGBA{R: 0xdd, G: 0xdd, B: 0xdd, A: 0xff},
}

var lookColours = map[attack.Look]color.RGBA{
	attack.LookIdle:   hue.grey,
	attack.LookBlock:  hue.vermilion,
	attack.LookChunk:  hue.blue,
	attack.LookWorker: hue.green,
	attack.LookPool:   hue.purple,
	attack.LookBase:   hue.grey,
	attack.LookHead:   hue.blue,
}

// lookColour gives a look its one colour; a look that no chart knows is sky.
func lookColour(l attack.Look) color.RGBA {
	if c, ok := lookColours[l]; ok {
		return c
	}
	return hue.sky
}

// pale mixes c with white: share 1 is c itself, 0 is white.
func pale(c color.RGBA, share float64) color.RGBA {
	mix := func(v uint8) uint8 { return uint8(255 - share*(255-float64(v)) + 0.5) }
	return color.RGBA{R: mix(c.R), G: mix(c.G), B: mix(c.B), A: 0xff}
}

// deep mixes c with black, for words: share 1 is c itself, 0 is black.
func deep(c color.RGBA, share float64) color.RGBA {
	mix := func(v uint8) uint8 { return uint8(share*float64(v) + 0.5) }
	return color.RGBA{R: mix(c.R), G: mix(c.G), B: mix(c.B), A: 0xff}
}

// veil is c made transparent, for areas that may lie upon each other.
func veil(c color.RGBA, share float64) color.NRGBA {
	return color.NRGBA{R: c.R, G: c.G, B: c.B, A: uint8(share*255 + 0.5)}
}

// The lines that charts have in common. A budget is dashed black everywhere.
var (
	axisLine   = draw.LineStyle{Color: hue.grey, Width: 0.8}
	gridLine   = draw.LineStyle{Color: hue.lightGrey, Width: 0.6}
	lagLine    = draw.LineStyle{Color: hue.darkGrey, Width: 0.8}
	leaderLine = draw.LineStyle{Color: hue.grey, Width: 0.7, Dashes: []vg.Length{1.5, 2}}
	markLine   = draw.LineStyle{Color: hue.black, Width: 1}
	budgetLine = draw.LineStyle{Color: hue.black, Width: 1.2, Dashes: []vg.Length{6, 4}}
)

// dashes and markers tell apart what colour alone must not: arm i of a chart
// takes the i-th of each, and begins anew when they run out.
var (
	dashes = [][]vg.Length{
		nil, {7, 3}, {2, 2.5}, {9, 3, 2, 3}, {4, 2}, {12, 3, 2, 3, 2, 3},
	}
	markers = []draw.GlyphDrawer{
		draw.CircleGlyph{}, corners{4, 45}, corners{3, 90}, corners{4, 0}, corners{3, -90}, cross{},
	}
)

func armLine(i int, l attack.Look) draw.LineStyle {
	return draw.LineStyle{Color: lookColour(l), Width: 2, Dashes: dashes[i%len(dashes)]}
}

func armMarker(i int, l attack.Look) draw.GlyphStyle {
	return draw.GlyphStyle{Color: lookColour(l), Radius: 3.2, Shape: markers[i%len(markers)]}
}
