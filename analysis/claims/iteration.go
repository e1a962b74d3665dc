package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// iteration proves the guide's ways through a list of heavy operations: a plain
// loop, against a yield before each item and batches on the pool. The guide's own
// batches, whose operations are plain calls, are no better than the loop, and
// that is part of the claim.
func iteration() Claim {
	return Claim{
		Name:   "iteration",
		Title:  "a loop over many items makes everyone wait; a yield for each item, or batches on the pool, don't",
		Proves: "a yield for each item, or batches of items on the pool, free the loop; Promise.all over work in the handler does not",
		Arms:   iterationArms,
		Judge:  judgeIteration,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, "loop", probeP99) - typicalTime(blocks, "yield", probeP99)
		},
		Extra: true,
	}
}

// iterated is the number of items, of about 1 ms each.
func iterated(s Settings) int { return shortLoad(s).steps / 1000 }

func iterationArms(s Settings) []attack.Arm {
	l := shortLoad(s)
	var arms []attack.Arm
	for _, mode := range []struct {
		name string
		look attack.Look
	}{{"loop", attack.LookBlock}, {"sync-batch", attack.LookBlock}, {"yield", attack.LookChunk}, {"batch", attack.LookPool}} {
		arms = append(arms, l.arm(s, mode.name, mode.look, fmt.Sprintf("/items?n=%d&mode=%s", iterated(s), mode.name)))
	}
	return arms
}

func judgeIteration(s Settings, blocks []analysis.Block) Judgement {
	v := analysis.Verdict{Findings: []analysis.Finding{
		better("probe p99", blocks, probeP99, "loop", "yield"),
		better("loop lag, longest", blocks, worstLag, "loop", "yield"),
		better("probe p99 beside batches", blocks, probeP99, "loop", "batch"),
		better("loop lag beside batches", blocks, worstLag, "loop", "batch"),
		stillBlocks(blocks), timeOf(blocks, "yield"), timeOf(blocks, "batch"),
	}}
	wait := func(arm string) string { return analysis.Human(typicalTime(blocks, arm, probeP99)) }
	v.Headline = fmt.Sprintf("probe p99 is %s beside a loop over %d items, %s with a yield for each, %s with batches on the pool",
		wait("loop"), iterated(s), wait("yield"), wait("batch"))
	v.Settle()
	return Judgement{Verdict: v, Charts: iterationCharts(s, blocks, v)}
}

// stillBlocks holds the guide's batches to being no real improvement. What is
// compared is no time, since a busy machine makes both take longer, each in turn.
func stillBlocks(blocks []analysis.Block) analysis.Finding {
	f := analysis.Compare("share of /items that the loop was held", blocks, heldShare, "loop", "sync-batch").Under(atLeast)
	share := func(arm string) float64 { return 100 * typical(blocks, arm, heldShare) / million }
	f.Statement = fmt.Sprintf("Promise.all over work in the handler gives nothing back: /items holds the loop for %.0f %% of its time with loop, for %.0f %% with sync-batch, %s",
		share("loop"), share("sync-batch"), analysis.TimesWithin(f.Effect))
	return f
}

const million = 1e6

// heldShare is for how much of the offender's longest request the loop was held
// at one go, in parts per million.
func heldShare(r attack.Run) float64 {
	longest := analysis.Describe(durations(r, attack.Offender, attack.Sample.Service)).Max
	return million * worstLag(r) / float64(max(longest, 1))
}

// timeOf is reported and not judged: it depends on the machine and its cores.
func timeOf(blocks []analysis.Block, arm string) analysis.Finding {
	f := analysis.Finding{Comparison: analysis.Compare("/items service time", blocks, offenderService, arm, "loop")}
	f.Statement = fmt.Sprintf("all items take %s with loop and %s with %s, %s", analysis.Human(typicalTime(blocks, "loop", offenderService)),
		analysis.Human(typicalTime(blocks, arm, offenderService)), arm, percent(f.Effect))
	return f
}

func iterationCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	arms := []string{"loop", "sync-batch", "yield", "batch"}
	subtitle := fmt.Sprintf("probe /ok at %g/s while /items works on %d items of about 1 ms · %d blocks", s.Rate, iterated(s), len(blocks))
	return []Chart{
		{
			Kind: Timeline, Name: "iteration-timeline", Arms: []string{"loop", "yield", "batch"}, Stream: attack.Probe,
			Outcome: v.Findings[0].Outcome,
			Title: fmt.Sprintf("during a loop over %d items probes typically wait up to %s; with a yield for each, up to %s",
				iterated(s), analysis.Human(typicalTime(blocks, "loop", worstProbe)), analysis.Human(typicalTime(blocks, "yield", worstProbe))),
			Subtitle: subtitle,
		},
		{
			Kind: Dots, Name: "iteration-dots", Title: v.Headline,
			Subtitle: subtitle + ", intervals over blocks",
			Measures: []Measure{
				waits("probe p99, ms", blocks, probeP99, arms...),
				milliseconds(fmt.Sprintf("time for %d items, ms", iterated(s)), blocks, offenderService, arms...),
			},
		},
	}
}
