package reports

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// nook finds places for short texts beside points of a crowded panel.
type nook struct {
	within vg.Rectangle
	taken  []vg.Rectangle // by texts: never written upon
	lines  [][2]vg.Point  // of what is drawn: kept clear where there is room
}

// How far a text may lie from its point. Farther off nobody could tell whose it
// is.
var nookSteps = []vg.Length{7, 11, 16, 22}

// What a place costs, in points of distance.
const (
	nookLine  vg.Length = 60 // for each line that the text lies upon
	nookWrong vg.Length = 45 // on the wrong side of its point
)

// put gives the lower left corner of a text of that size beside a point, above
// it when side is 1 and below when it is −1 where that can be, and takes the
// place; there is none when every place near the point is taken.
func (n *nook) put(at, size vg.Point, side vg.Length) (corner vg.Point, ok bool) {
	var best vg.Rectangle
	least := vg.Length(0)
	for _, step := range nookSteps {
		for i, way := range ways {
			r := way.from(at, size, step)
			if !n.free(r) {
				continue
			}
			cost := step + vg.Length(i)/2 + nookLine*vg.Length(n.crossed(r))
			if side != 0 && way.y != side {
				cost += nookWrong
			}
			if !ok || cost < least {
				best, least, ok = r, cost, true
			}
		}
	}
	if ok {
		n.taken = append(n.taken, best)
	}
	return best.Min, ok
}

// way is a direction from a point, −1, 0 or 1 along each axis.
type way struct{ x, y vg.Length }

// ways are in the order of preference: beside a point's upper right first.
var ways = []way{{1, 1}, {1, -1}, {-1, 1}, {-1, -1}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}}

// from gives the text's place in that direction.
func (w way) from(at, size vg.Point, step vg.Length) vg.Rectangle {
	middle := vg.Point{
		X: at.X + w.x*(step+size.X/2),
		Y: at.Y + w.y*(step+size.Y/2),
	}
	if w.x != 0 { // diagonals keep near the point's height
		middle.Y = at.Y + w.y*(step*0.6+size.Y/2)
	}
	half := vg.Point{X: size.X / 2, Y: size.Y / 2}
	return vg.Rectangle{Min: middle.Sub(half), Max: middle.Add(half)}
}

func (n *nook) free(r vg.Rectangle) bool {
	if r.Min.X < n.within.Min.X || r.Max.X > n.within.Max.X || r.Min.Y < n.within.Min.Y || r.Max.Y > n.within.Max.Y {
		return false
	}
	for _, t := range n.taken {
		if r.Min.X < t.Max.X && t.Min.X < r.Max.X && r.Min.Y < t.Max.Y && t.Min.Y < r.Max.Y {
			return false
		}
	}
	return true
}

// crossed counts the lines that run through the rectangle.
func (n *nook) crossed(r vg.Rectangle) int {
	clip := draw.Canvas{Rectangle: r}
	crossed := 0
	for _, l := range n.lines {
		if len(clip.ClipLinesXY(l[:])) > 0 {
			crossed++
		}
	}
	return crossed
}
