package claims

import (
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// iterationRuns are blocks in which the slow probes wait so long beside each way
// through the items, in some blocks a little longer, and the items take so long.
func iterationRuns(blocks int, waits, takes map[string]time.Duration) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		for _, mode := range []string{"loop", "sync-batch", "yield", "batch"} {
			more := time.Duration(b) * ms / 100
			runs = append(runs, synthetic(mode, b, probes{ms, waits[mode] + more}, takes[mode]))
		}
	}
	return withLag(runs)
}

func TestIteration(t *testing.T) {
	takes := map[string]time.Duration{"loop": 250 * ms, "sync-batch": 250 * ms, "yield": 255 * ms, "batch": 150 * ms}
	waits := func(loop, syncBatch, yield, batch time.Duration) map[string]time.Duration {
		return map[string]time.Duration{"loop": loop, "sync-batch": syncBatch, "yield": yield, "batch": batch}
	}
	for _, c := range []struct {
		name   string
		blocks int
		waits  map[string]time.Duration
		expect
	}{
		{"proven", 6, waits(250*ms, 250*ms, 3*ms, 5*ms), expect{
			outcome: analysis.Pass, blocks: 6,
			headline: "probe p99 is 250 ms beside a loop over 250 items, 3.0 ms with a yield for each, 5.0 ms with batches on the pool",
		}},
		{"yields don't help", 6, waits(250*ms, 250*ms, 240*ms, 5*ms), expect{outcome: analysis.Fail, blocks: 6, headline: "240 ms with a yield"}},
		{"batches don't help", 6, waits(250*ms, 250*ms, 3*ms, 240*ms), expect{outcome: analysis.Fail, blocks: 6, headline: "240 ms with batches"}},
		// 80 of 250 ms: a third of the plain loop's share.
		{"the guide's batches help", 6, waits(250*ms, 80*ms, 3*ms, 5*ms), expect{outcome: analysis.Fail, blocks: 6}},
		{"five blocks settle nothing", 5, waits(250*ms, 250*ms, 3*ms, 5*ms), expect{outcome: analysis.Inconclusive, blocks: 5, warnings: tooFew(5)}},
		{"nothing run", 0, waits(0, 0, 0, 0), expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.expect.check(t, iteration().judge(settings(2), iterationRuns(c.blocks, c.waits, takes)))
		})
	}
	r := iteration().judge(settings(2), iterationRuns(6, waits(250*ms, 250*ms, 3*ms, 5*ms), takes))
	for i, want := range map[int]string{
		// The heartbeat was as late as the slowest probe, and the items took 250 ms.
		4: "Promise.all over work in the handler gives nothing back: /items holds the loop for 100 % of its time with loop, for 100 % with sync-batch, 1.00× (1.00–1.00×)",
		5: "all items take 250 ms with loop and 255 ms with yield, +2 % (+2 to +2 %)",
		6: "all items take 250 ms with loop and 150 ms with batch, -40 % (-40 to -40 %)",
	} {
		if got := r.Verdict.Findings[i].Statement; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	dots := r.Charts[1].Measures
	for i, want := range [][]float64{{250.025, 250.025, 3.025, 5.025}, {250, 250, 255, 150}} {
		for k, v := range dots[i].Values {
			if d := v.Y.Value - want[k]; d > 1e-6 || d < -1e-6 || v.Y.N != 6 {
				t.Errorf("%s, %s: drawn at %+v, want %v", dots[i].Label, v.Arm, v.Y, want[k])
			}
		}
	}
}
