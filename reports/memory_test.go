package reports

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// recalled makes a run with these readings.
func recalled(arm string, readings ...target.MemoryReading) attack.Run {
	return attack.Run{Arm: arm, Look: attack.LookChunk, Streams: []attack.StreamCount{{}}, Target: &target.Usage{Memory: readings}}
}

func TestOddMemoriesAreDrawn(t *testing.T) {
	const tib = 1 << 40
	cases := map[string][]attack.Run{
		"one reading":     {recalled("a", target.MemoryReading{At: ms, Heap: mib, Resident: 2 * mib})},
		"at zero":         {recalled("a", target.MemoryReading{Heap: mib})},
		"nothing held":    {recalled("a", target.MemoryReading{At: ms}, target.MemoryReading{At: 2 * ms})},
		"some bytes":      {recalled("a", target.MemoryReading{At: ms, Heap: 7, Resident: 9})},
		"largest":         {recalled("a", target.MemoryReading{At: time.Hour, Heap: tib, Resident: 2 * tib})},
		"heap alone":      {recalled("a", target.MemoryReading{At: ms, Heap: mib}), recalled("b", target.MemoryReading{At: ms, Heap: mib, Resident: 3 * mib})},
		"of equal height": {recalled("a", target.MemoryReading{At: ms, Heap: mib}), recalled("b", target.MemoryReading{At: ms, Heap: mib})},
	}
	for i := range 10 {
		cases["many"] = append(cases["many"], recalled("arm "+strconv.Itoa(i), target.MemoryReading{At: ms, Heap: mib, Resident: int64(i) * mib}))
	}
	for name, runs := range cases {
		t.Run(name, func(t *testing.T) {
			svg := drawn(t, "svg", chartOf(claims.Memory), runs)
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Error("a place in the picture is no number")
			}
			checkLayout(t, svg)
		})
	}
	all := texts(t, drawn(t, "svg", chartOf(claims.Memory), cases["of equal height"]))
	if !holds(all, "heap of the target") || holds(all, "resident") {
		t.Error("a heap alone is not called one")
	}
}

// The run shown is the one whose peak is the median, and the line keeps its peak.
func TestTheTypicalMemoryIsShown(t *testing.T) {
	var runs []attack.Run
	for block, peak := range []int64{900, 20, 40, 30, 10} { // the median is in block 4
		var readings []target.MemoryReading
		for i := range 5000 { // more than there are pixels
			r := target.MemoryReading{At: time.Duration(i) * ms, Heap: mib, Resident: 5 * mib}
			if i == 2501 {
				r.Resident = peak * mib
			}
			readings = append(readings, r)
		}
		r := recalled("a", readings...)
		r.Block = block
		runs = append(runs, r)
	}
	svg := drawn(t, "svg", chartOf(claims.Memory), runs)
	if !holds(texts(t, svg), "peak 30 MiB · block 4, the median of 5") {
		t.Error("not the block in the middle is shown")
	}
	highest := func(of []stroke) float64 {
		most := 0.0
		for _, s := range of {
			most = max(most, float64(s.from.Y), float64(s.to.Y))
		}
		return most
	}
	line := styled(strokes(t, svg), svgChunk+";stroke-width:2")
	grid := styled(strokes(t, svg), svgGrid) // its highest line is 30 MiB
	if len(line) == 0 || highest(line)-highest(grid) > 0.01 || highest(grid)-highest(line) > 0.01 {
		t.Errorf("the line's highest point lies at %v, 30 MiB at %v", highest(line), highest(grid))
	}
}

// Partial blocks and runs that show no memory are left out.
func TestMemoryOfWholeBlocks(t *testing.T) {
	hidden, partial := recalled("a"), recalled("a", target.MemoryReading{At: ms, Heap: 99 * mib})
	hidden.Block, partial.Block, partial.Partial = 1, 2, true
	runs := []attack.Run{recalled("a", target.MemoryReading{At: ms, Heap: 3 * mib}), hidden, partial}
	all := texts(t, drawn(t, "svg", chartOf(claims.Memory), runs))
	if !holds(all, "peak 3 MiB") || slices.ContainsFunc(all, func(w written) bool { return strings.Contains(w.text, "median") }) {
		t.Errorf("%v", all)
	}
}
