package reports

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// responses gives the response times of the served samples, sorted.
func responses(samples []attack.Sample) []time.Duration {
	var of []time.Duration
	for _, s := range samples {
		if s.Served() {
			of = append(of, s.Response())
		}
	}
	slices.Sort(of)
	return of
}

// atTail gives the quantile 1 − tail.
func atTail(sorted []time.Duration, tail float64) time.Duration {
	return analysis.Quantile(sorted, 1-tail)
}

// curve gives the steps of the quantile function from p50 on: x is the tail
// 1 − quantile, y nanoseconds. It ends at 1/n with the largest value, because
// n samples tell nothing beyond it.
func curve(sorted []time.Duration) []point {
	n := len(sorted)
	y := float64(atTail(sorted, tailsBegin))
	points := []point{{tailsBegin, y}}
	for i, v := range sorted {
		// Value i of the sorted ones holds from the tail (n−i)/n on.
		from := float64(n-i) / float64(n)
		if from > tailsBegin || float64(v) == y {
			continue
		}
		points = append(points, point{from, y}, point{from, float64(v)})
		y = float64(v)
	}
	if end := 1 / float64(n); end < points[len(points)-1].x {
		points = append(points, point{end, y})
	}
	return points
}

// span is the lowest and the highest of several curves at one tail.
type span struct {
	tail, low, high float64
}

// bandSteps is how many tails a band is drawn with: finer than the pixels of a
// page's width would show.
const bandSteps = 400

// band gives the range of the blocks' quantiles from p50 to the tail that the
// smallest block still supports. A single block has no range.
func band(blocks [][]time.Duration) []span {
	if len(blocks) < 2 {
		return nil
	}
	fewest := len(slices.MinFunc(blocks, func(a, b []time.Duration) int { return len(a) - len(b) }))
	if fewest < 2 {
		return nil
	}
	end := min(1/float64(fewest), tailsBegin)
	spans := make([]span, bandSteps+1)
	for i := range spans {
		tail := tailsBegin * math.Pow(end/tailsBegin, float64(i)/bandSteps)
		spans[i] = spanAt(blocks, tail)
	}
	return spans
}

func spanAt(blocks [][]time.Duration, tail float64) span {
	s := span{tail: tail, low: math.Inf(1), high: math.Inf(-1)}
	for _, b := range blocks {
		v := float64(atTail(b, tail))
		s.low, s.high = min(s.low, v), max(s.high, v)
	}
	return s
}

// inNumbers says what a panel or a curve shows in numbers. It names p99 only
// when there are samples enough to know it.
func inNumbers(samples []attack.Sample, unsent int) []string {
	sorted := responses(samples)
	var parts []string
	if len(sorted) > 0 {
		parts = append(parts, "p50 "+analysis.Human(atTail(sorted, 0.5)))
		if len(sorted) >= 100 {
			parts = append(parts, "p99 "+analysis.Human(atTail(sorted, 0.01)))
		}
		parts = append(parts, "max "+analysis.Human(sorted[len(sorted)-1]))
	}
	parts = append(parts, "n "+thousands(len(sorted)))
	shed := turnedAway(samples)
	if shed > 0 {
		parts = append(parts, thousands(shed)+" turned away")
	}
	return append(parts, losses(len(samples)-len(sorted)-shed, unsent)...)
}

func turnedAway(samples []attack.Sample) (n int) {
	for _, s := range samples {
		if s.Shed() {
			n++
		}
	}
	return n
}

// losses names the requests that no curve shows, because leaving them out
// silently flatters.
func losses(unanswered, unsent int) []string {
	var parts []string
	if unanswered > 0 {
		parts = append(parts, fmt.Sprintf("%s unanswered", thousands(unanswered)))
	}
	if unsent > 0 {
		parts = append(parts, fmt.Sprintf("%s unsent", thousands(unsent)))
	}
	return parts
}
