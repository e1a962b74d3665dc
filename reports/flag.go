package reports

import (
	"cmp"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis/claims"
)

// flag is a mark's text. It stands above the panels at the right of its mark's
// line, which goes up to it like a pole.
type flag struct {
	x       vg.Length // of the pole, from the body's left side
	lines   []string
	ink     ink
	pole    draw.LineStyle
	foot    vg.Length // above the panel
	strong  bool
	setting float64
}

var (
	weakPole   = draw.LineStyle{Color: hue.darkGrey, Width: 0.9}
	strongPole = draw.LineStyle{Color: hue.black, Width: 2}
)

const (
	flagGap  vg.Length = 5 // between a pole and its text
	flagFoot vg.Length = 2 // between the panel and the lowest flag
)

// flagsOf makes the flags of marks at their places, so high that no flag lies
// upon another one or upon a pole. They lean right only, so it is enough that
// each stands above all those that begin where it flies.
func flagsOf(marks []claims.Mark, place func(x float64) vg.Length) []flag {
	flags := make([]flag, len(marks))
	for i, m := range marks {
		f := flag{x: place(m.X), ink: labelInk, pole: weakPole, foot: flagFoot, strong: m.Recommended, setting: m.X}
		if m.Recommended {
			f.ink, f.pole = markInk, strongPole
		}
		f.lines = f.ink.wrap(m.Text, bodyWidth-f.x-flagGap)
		flags[i] = f
	}
	slices.SortStableFunc(flags, func(a, b flag) int { return cmp.Compare(a.x, b.x) })
	for i := len(flags) - 1; i >= 0; i-- {
		for _, right := range flags[i+1:] {
			if right.x <= flags[i].right()+flagGap {
				flags[i].foot = max(flags[i].foot, right.top())
			}
		}
	}
	return flags
}

func (f flag) right() vg.Length { return f.x + flagGap + f.ink.widest(f.lines) }

// top is the pole's end, above the panel.
func (f flag) top() vg.Length { return f.foot + f.ink.line()*vg.Length(len(f.lines)) }

// draw draws the text and its pole down to the panel's top.
func (f flag) draw(c draw.Canvas, panelTop vg.Length) {
	x := c.Min.X + f.x
	if len(f.lines) > 0 {
		c.StrokeLine2(f.pole, x, panelTop, x, panelTop+f.top())
	}
	writeLines(c, f.ink, vg.Point{X: x + flagGap, Y: panelTop + f.top()}, f.lines)
}

// flagsHeight is what flags need above a panel.
func flagsHeight(flags []flag) vg.Length {
	var h vg.Length
	for _, f := range flags {
		if len(f.lines) > 0 {
			h = max(h, f.top())
		}
	}
	return h
}
