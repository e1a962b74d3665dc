package reports

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Formats are the picture formats that Draw writes.
var Formats = []string{"png", "svg"}

// figure is a picture that is laid out but not yet drawn: words around a body.
type figure struct {
	title, subtitle, foot string
	// least is the height the body needs; the page grows when that is more than
	// a page leaves.
	least vg.Length
	// body draws into the canvas's rectangle, and may use all of it.
	body func(draw.Canvas)
}

// canvas is what a format gives: a surface that can be written out.
type canvas interface {
	vg.CanvasSizer
	io.WriterTo
}

func newCanvas(format string, height vg.Length) (canvas, error) {
	switch format {
	case "png":
		c := vgimg.NewWith(vgimg.UseWH(pageWidth, height), vgimg.UseDPI(pageDPI))
		return vgimg.PngCanvas{Canvas: c}, nil
	case "svg":
		return svgCanvas{vgsvg.New(pageWidth, height)}, nil
	}
	return nil, unknownFormat(format)
}

func unknownFormat(format string) error {
	return fmt.Errorf("unknown picture format %q: use %s", format, strings.Join(Formats, " or "))
}

// svgCanvas names fonts of the same widths to fall back on, because Liberation
// is not installed everywhere and embedding it would make a picture 100 times
// larger.
type svgCanvas struct{ *vgsvg.Canvas }

func (c svgCanvas) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if _, err := c.Canvas.WriteTo(&b); err != nil {
		return 0, err
	}
	n, err := w.Write(bytes.ReplaceAll(b.Bytes(),
		[]byte("font-family:Liberation Sans;"),
		[]byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;")))
	return int64(n), err
}

// write renders the figure in a format of Formats.
func (f figure) write(w io.Writer, format string) error {
	if !slices.Contains(Formats, format) {
		return unknownFormat(format)
	}
	around := f.around()
	out, err := newCanvas(format, max(pageHeight, around.height()+f.least))
	if err != nil {
		return err
	}
	page := draw.New(out)
	page.SetColor(hue.white)
	page.Fill(page.Rectangle.Path())
	f.body(around.draw(page))
	_, err = out.WriteTo(w)
	return err
}

// around is the words above and below a body, broken into lines.
type around struct {
	title, subtitle, foot []string
	titleInk              ink
}

func (f figure) around() around {
	a := around{titleInk: inkForTitle(f.title, bodyWidth)}
	a.title = a.titleInk.wrap(f.title, bodyWidth)
	a.subtitle = subtitleInk.wrap(f.subtitle, bodyWidth)
	a.foot = footInk.wrap(f.foot, bodyWidth)
	return a
}

// inkForTitle sets a title in one line when it nearly fits, and in two
// otherwise.
func inkForTitle(title string, width vg.Length) ink {
	alone := titleInk.shrink(title, width, 1, titleLeastAlone)
	if len(alone.wrap(title, width)) <= 1 {
		return alone
	}
	return titleInk.shrink(title, width, 2, titleLeast)
}

// bodyGap lies between the words and the body.
const bodyGap vg.Length = 8

func (a around) above() vg.Length {
	return pageTop + a.titleInk.line()*vg.Length(len(a.title)) +
		subtitleInk.line()*vg.Length(len(a.subtitle)) + bodyGap
}

func (a around) below() vg.Length {
	return pageFoot + footInk.line()*vg.Length(len(a.foot)) + bodyGap
}

func (a around) height() vg.Length { return a.above() + a.below() }

// draw writes the words and gives what is left between them.
func (a around) draw(page draw.Canvas) draw.Canvas {
	at := vg.Point{X: page.Min.X + pageSide, Y: page.Max.Y - pageTop}
	at = writeLines(page, a.titleInk, at, a.title)
	writeLines(page, subtitleInk, at, a.subtitle)
	at.Y = page.Min.Y + pageFoot + footInk.line()*vg.Length(len(a.foot))
	writeLines(page, footInk, at, a.foot)
	return draw.Crop(page, pageSide, -pageSide, a.below(), -a.above())
}

// writeLines writes lines downwards from a top left corner and gives the
// corner below them.
func writeLines(c vg.Canvas, k ink, corner vg.Point, lines []string) vg.Point {
	for _, line := range lines {
		k.write(c, vg.Point{X: corner.X, Y: corner.Y - k.size}, 0, line)
		corner.Y -= k.line()
	}
	return corner
}
