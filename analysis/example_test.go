package analysis_test

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// The depression scores of nine patients before and after a tranquilizer
// (Hollander and Wolfe 1973).
func ExampleHodgesLehmann() {
	before := []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	after := []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	change := make([]float64, len(before))
	for i := range change {
		change[i] = after[i] - before[i]
	}
	e := analysis.HodgesLehmann(change, 0.95)
	fmt.Printf("%.2f, %.1f %% interval %.3f to %.3f\n", e.Value, 100*e.Confidence, e.Low, e.High)
	// Output: -0.46, 96.1 % interval -0.786 to -0.010
}

// Six blocks, each with a request that took so many ms on either arm.
func ExampleCompare() {
	took := []struct{ old, new time.Duration }{{410, 8}, {396, 9}, {402, 8}, {430, 8}, {388, 7}, {405, 9}}
	var runs []attack.Run
	for block, t := range took {
		runs = append(runs,
			attack.Run{Block: block, Arm: "old", Samples: []attack.Sample{{Done: t.old * time.Millisecond}}},
			attack.Run{Block: block, Arm: "new", Samples: []attack.Sample{{Done: t.new * time.Millisecond}}})
	}
	response := func(r attack.Run) float64 { return float64(r.Samples[0].Response()) }

	c := analysis.Compare("response", analysis.Blocks(runs, "old", "new"), response, "old", "new")
	fmt.Println(analysis.TimesWithin(c.Effect), "better")
	fmt.Println("twice as good?", c.Above(2).Outcome)
	// Output:
	// 50× (44–55×) better
	// twice as good? pass
}
