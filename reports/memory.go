package reports

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// memoryTrack is what a memory chart shows of one arm: the run whose peak is the median
// over the arm's blocks.
type memoryTrack struct {
	tailLabel
	line draw.LineStyle
	mark draw.GlyphStyle
	ink  color.RGBA // of its name
	held []point    // what was resident, or the heap where that isn't known
	heap []point    // beside what was resident
}

// memory draws what the target held over time, a line an arm.
func memory(c claims.Chart, runs []attack.Run) (figure, error) {
	arms, err := gatherWith(c, runs, "readings of the target's memory", func(r attack.Run) bool {
		return r.Target != nil && len(r.Target.Memory) > 0
	})
	if err != nil {
		return figure{}, err
	}
	ts := make(memoryTracks, len(arms))
	for i, a := range arms {
		ts[i] = memoryTrackOf(i, a)
	}
	return figure{least: ts.least(), body: ts.draw}, nil
}

func memoryTrackOf(i int, a arm) memoryTrack {
	r := a.median(func(r attack.Run) int64 { return peakOf(r.Target.Memory) })
	peak := "peak " + analysis.Bytes(float64(peakOf(r.Target.Memory)))
	t := memoryTrack{
		tailLabel: tailLabel{
			name:    nameInk.wrap(a.name, tailLabelWide),
			numbers: labelInk.wrapParts(nonEmpty([]string{peak, a.shown(r)}), tailLabelWide),
		},
		line: armLine(i, a.look), mark: armMarker(i, a.look), ink: lookColour(a.look),
	}
	for _, m := range r.Target.Memory {
		t.held = append(t.held, memoryPoint(m, m.Held()))
		if m.Resident > 0 {
			t.heap = append(t.heap, memoryPoint(m, m.Heap))
		}
	}
	return t
}

func peakOf(readings []target.MemoryReading) int64 {
	var peak int64
	for _, m := range readings {
		peak = max(peak, m.Held())
	}
	return peak
}

func memoryPoint(m target.MemoryReading, bytes int64) point {
	return point{float64(m.At), inBytes.scaled(float64(bytes))}
}

// memoryTracks is the arms of one memory chart.
type memoryTracks []memoryTrack

// axes are the scales that hold all lines.
func (ts memoryTracks) axes() (x, y scale) {
	last, most := 0.0, 1.0
	for _, t := range ts {
		for _, points := range [][]point{t.held, t.heap} {
			for _, v := range points {
				last, most = max(last, v.x), max(most, v.y)
			}
		}
	}
	return linearTime(last, 10), inBytes.linear(0, most*1.08, curveTicks)
}

func (ts memoryTracks) least() vg.Length {
	var labels vg.Length
	for _, t := range ts {
		labels += t.height()
	}
	return keyHeight + headingGap + axisHeight + max(tailLeast, labels)
}

// The line and the marker of a heap are smaller than those of what is resident.
const (
	heapWide   vg.Length = 0.8
	heapRadius vg.Length = 2
)

func (t memoryTrack) heapLine() draw.LineStyle {
	return draw.LineStyle{Color: t.line.Color, Width: heapWide}
}

// keys says which line is which, where there are both.
func (ts memoryTracks) keys() (axis string, keys []key) {
	if !slices.ContainsFunc(ts, func(t memoryTrack) bool { return len(t.heap) > 0 }) {
		return "heap of the target", nil
	}
	thick, thin := draw.LineStyle{Color: hue.darkGrey, Width: 2}, draw.LineStyle{Color: hue.darkGrey, Width: heapWide}
	return "memory of the target", []key{{"resident", lineSign(thick)}, {"heap, with what is to be collected", lineSign(thin)}}
}

func (ts memoryTracks) draw(c draw.Canvas) {
	axis, keys := ts.keys()
	keyLine(c, axis, keys)
	x, y := ts.axes()
	p := panel{Canvas: c, x: x, y: y}
	p.Min.X += axisWidth(y)
	p.Min.Y += axisHeight
	p.Max.X -= tailLabelGap + tailLabelWide
	p.Max.Y -= keyHeight + headingGap
	p.gridY()
	for _, t := range ts {
		small := t.mark
		small.Radius = heapRadius
		p.ended(t.heapLine(), small, t.heap)
	}
	ends := make([]tailEnd, len(ts))
	for i, t := range ts {
		p.ended(t.line, t.mark, t.held)
		ends[i] = tailEnd{t.tailLabel, t.held[len(t.held)-1], t.ink}
	}
	p.nameEnds(ends)
	p.axisX("time since the measured part began")
}

// ended draws a line with a marker at its end.
func (p panel) ended(line draw.LineStyle, mark draw.GlyphStyle, points []point) {
	if len(points) == 0 {
		return
	}
	p.line(line, points)
	p.DrawGlyphNoClip(mark, p.at(points[len(points)-1]))
}
