package reports

import (
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/attack"
)

// stopLine is where the target was asked to end.
var stopLine = draw.LineStyle{Color: hue.darkGrey, Width: 1, Dashes: []vg.Length{3, 2}}

// awayMark is a request that found nobody any more, which is no loss.
var awayMark = draw.GlyphStyle{Color: pale(hue.grey, 0.6), Radius: 2.2, Shape: cross{}}

// drawStop marks the target's end, when there was one in the run.
func drawStop(p panel, s *attack.Stop) {
	if s == nil {
		return
	}
	x := p.at(point{x: float64(s.Asked)}).X
	p.StrokeLine2(stopLine, x, p.Min.Y, x, p.Max.Y)
	const text = "asked to end"
	at, share := beside(p, x, x, markInk.width(text)+markGap)
	markInk.writeClear(p, vg.Point{X: at, Y: p.Max.Y - markInk.size}, share, text)
}

// numbersOf says what a panel shows of the run in numbers. What a target's end
// has lost and turned away is no failure like others.
func numbersOf(r attack.Run, role attack.Role) []string {
	samples, count := r.Of(role), r.Count(role)
	if r.Stop == nil {
		return inNumbers(samples, count.Unsent)
	}
	samples = slices.DeleteFunc(samples, func(s attack.Sample) bool { return r.Stop.Lost(s) || r.Stop.TurnedAway(s) })
	return append(inNumbers(samples, count.Unsent), thousands(count.Lost)+" lost", thousands(count.TurnedAway)+" turned away")
}
