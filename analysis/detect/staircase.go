package detect

import (
	"math"
	"time"
)

// steps is how a burst's answers come: in groups of width, height apart. A width
// of 0 says that there are none.
type steps struct {
	width  int
	height time.Duration
	misfit float64 // root of the mean squared distance from the steps, in heights
	next   float64 // the misfit of the width that fits second best
}

// fitSteps fits stairs to the bursts' answers: with capacity c the i-th of them is
// done at ⌈i/c⌉ heights. A height below most of what one suspect takes alone is
// none: nothing gets quicker in company.
func fitSteps(bursts []Burst, alone time.Duration) steps {
	best := steps{misfit: math.Inf(1), next: math.Inf(1)}
	all := fewest(bursts)
	for width := 1; width <= all; width++ {
		height, misfit := fitWidth(bursts, width)
		if float64(height) < leastHeight*float64(alone) {
			continue
		}
		if misfit < best.misfit {
			best.next = best.misfit
			best.width, best.height, best.misfit = width, height, misfit
		} else {
			best.next = min(best.next, misfit)
		}
	}
	if best.misfit > mostMisfit || best.width == all { // all at once is no step
		best.width, best.height = 0, 0
	}
	return best
}

const (
	leastHeight = 0.8
	// mostMisfit is from where on the answers come in no steps.
	mostMisfit = 0.25
)

// fewest is how many answers the burst with the fewest has.
func fewest(bursts []Burst) int {
	if len(bursts) == 0 {
		return 0
	}
	least := math.MaxInt
	for _, b := range bursts {
		least = min(least, len(b.Done))
	}
	return least
}

// fitWidth is the height by least squares, and how far the answers are from such
// steps, in heights.
func fitWidth(bursts []Burst, width int) (height time.Duration, misfit float64) {
	var products, squares float64
	n := 0
	for _, b := range bursts {
		for i, d := range b.Done {
			g := float64(i/width + 1)
			products += g * float64(d)
			squares += g * g
			n++
		}
	}
	if squares == 0 {
		return 0, math.Inf(1)
	}
	h := products / squares
	var sum float64
	for _, b := range bursts {
		for i, d := range b.Done {
			away := (float64(d) - h*float64(i/width+1)) / h
			sum += away * away
		}
	}
	return time.Duration(h), math.Sqrt(sum / float64(n))
}

// capacityBySteps is the width of the steps, with the widths that fit nearly as
// well.
func capacityBySteps(bursts []Burst, alone time.Duration) Capacity {
	best := fitSteps(bursts, alone)
	if best.width == 0 {
		c := Capacity{By: BySteps} // too blurred to tell
		if float64(newestLast(bursts)) < waitingStretch*float64(alone) {
			c.Low = fewest(bursts) // all of them at once
		}
		return c
	}
	c := Capacity{Value: best.width, Low: best.width, High: best.width, By: BySteps}
	for width := 1; width < fewest(bursts); width++ {
		height, misfit := fitWidth(bursts, width)
		if float64(height) >= leastHeight*float64(alone) && misfit <= nearly*best.misfit+0.02 {
			c.Low, c.High = min(c.Low, width), max(c.High, width)
		}
	}
	return c
}

// nearly is how much worse a width may fit to be still possible.
const nearly = 1.5
