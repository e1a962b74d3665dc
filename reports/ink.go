package reports

import (
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
)

// The hands that charts write in. Ten points stay readable at half size.
var (
	titleInk    = ink{size: 15, bold: true, colour: hue.black}
	subtitleInk = ink{size: 11, colour: hue.darkGrey}
	footInk     = ink{size: 9, colour: hue.grey}
	axisInk     = ink{size: 10.5, colour: hue.darkGrey}
	tickInk     = ink{size: 10, colour: hue.darkGrey}
	nameInk     = ink{size: 11.5, bold: true, colour: hue.black}
	labelInk    = ink{size: 10.5, colour: hue.darkGrey}
	markInk     = ink{size: 11, bold: true, colour: hue.black}
)

// How small a title may become rather than take a second line, or a third.
const (
	titleLeastAlone vg.Length = 13
	titleLeast      vg.Length = 12
)

var fonts = font.NewCache(liberation.Collection())

// ink is a way of writing: size in points, weight and colour.
type ink struct {
	size   vg.Length
	bold   bool
	colour color.Color
}

func (k ink) face() font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if k.bold {
		f.Weight = xfont.WeightBold
	}
	return fonts.Lookup(f, k.size)
}

func (k ink) width(s string) vg.Length {
	f := k.face()
	return f.Width(s)
}

// widest is the width of the widest line.
func (k ink) widest(lines []string) vg.Length {
	var most vg.Length
	for _, line := range lines {
		most = max(most, k.width(line))
	}
	return most
}

// line is the distance from one line's baseline to the next one's.
func (k ink) line() vg.Length { return k.size * 1.3 }

// middle is how far below a point the baseline lies when capitals and digits
// are to be centred on it.
func (k ink) middle() vg.Length { return k.size * 0.36 }

func (k ink) in(c color.Color) ink { k.colour = c; return k }

// write puts s with its baseline at the point; share says which part of its
// width lies left of the point: 0 begins there, 1 ends there.
func (k ink) write(c vg.Canvas, at vg.Point, share float64, s string) {
	if s == "" {
		return
	}
	c.SetColor(k.colour)
	at.X -= k.width(s) * vg.Length(share)
	c.FillString(k.face(), at, s)
}

// writeClear writes like write, on a white ground that keeps grid lines off.
func (k ink) writeClear(c vg.Canvas, at vg.Point, share float64, s string) {
	left := at.X - k.width(s)*vg.Length(share)
	ground := vg.Rectangle{
		Min: vg.Point{X: left - 2, Y: at.Y - 1},
		Max: vg.Point{X: left + k.width(s) + 2, Y: at.Y + k.size*0.8},
	}
	c.SetColor(veil(hue.white, 0.85))
	c.Fill(ground.Path())
	k.write(c, at, share, s)
}
