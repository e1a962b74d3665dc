package claims

import (
	"fmt"
	"math"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// chunking proves the guide's second fix: the same sum in chunks that give the
// loop back, against in one go.
func chunking() Claim {
	return Claim{
		Name:   "chunking",
		Title:  "a blocked loop makes everyone wait; chunks give it back",
		Proves: "CPU work cut into chunks with setImmediate no longer makes other requests wait for its end, and costs the work itself little",
		Arms:   chunkingArms,
		Judge:  judgeChunking,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, "block", probeP99) - typicalTime(blocks, "chunk", probeP99)
		},
	}
}

// chunkSteps is the chunk that the claim is about, in steps of about 1 µs.
const chunkSteps = 5_000

func chunkingArms(s Settings) []attack.Arm {
	return []attack.Arm{
		slowArm(s, "idle", attack.LookIdle, ""),
		slowArm(s, "block", attack.LookBlock, "mode=block"),
		slowArm(s, "chunk", attack.LookChunk, chunkQuery(chunkSteps)),
	}
}

// atLeast is how many times better the fixed arm must be, with its whole
// interval, for a claim about waiting to be proven.
const atLeast = 2

// little is how many times longer the work itself may take for a fix.
const little = 1.25

func judgeChunking(s Settings, blocks []analysis.Block) Judgement {
	p99 := better("probe p99", blocks, probeP99, "block", "chunk")
	mean := better("probe mean", blocks, probeMean, "block", "chunk")
	lag := better("loop lag, longest", blocks, worstLag, "block", "chunk")
	cost := analysis.Compare("/slow service time", blocks, offenderService, "chunk", "block").Under(little)
	cost.Statement = fmt.Sprintf("/slow itself takes %s in one go and %s in chunks, %s",
		analysis.Human(typicalTime(blocks, "block", offenderService)),
		analysis.Human(typicalTime(blocks, "chunk", offenderService)), percent(cost.Effect))

	v := analysis.Verdict{Findings: []analysis.Finding{p99, mean, lag, cost}}
	v.Headline = improves("chunking", p99, blocks, probeP99)
	v.Settle()
	return Judgement{Verdict: v, Charts: chunkingCharts(s, blocks, v)}
}

// better compares a metric of the bad arm with that of the good one: the fix
// has to be worth at least atLeast.
func better(name string, blocks []analysis.Block, m analysis.Metric, bad, good string) analysis.Finding {
	f := analysis.Compare(name, blocks, m, bad, good).Above(atLeast)
	f.Statement = fmt.Sprintf("%s: %s with %s, %s with %s, %s", name, analysis.Human(typicalTime(blocks, bad, m)), bad,
		analysis.Human(typicalTime(blocks, good, m)), good, analysis.TimesWithin(f.Effect))
	return f
}

// improves says what a fix does to a finding's metric, and no more than that.
func improves(fix string, f analysis.Finding, blocks []analysis.Block, m analysis.Metric) string {
	verb := fix + " cuts"
	if f.Outcome != analysis.Pass {
		verb = "with " + fix + ","
	}
	return fmt.Sprintf("%s %s %s → %s, %s", verb, f.Metric, analysis.Human(typicalTime(blocks, f.Base, m)),
		analysis.Human(typicalTime(blocks, f.Head, m)), analysis.Times(f.Effect.Value))
}

// percent writes a ratio near 1 as a change with its interval.
func percent(e analysis.Estimate) string {
	return fmt.Sprintf("%+d %% (%+d to %+d %%)", change(e.Value), change(e.Low), change(e.High))
}

// change is a ratio as a whole number of percent: a number that has no −0.
func change(ratio float64) int { return int(math.Round(100 * (ratio - 1))) }

func chunkingCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	arms := []string{"idle", "block", "chunk"}
	subtitle := fmt.Sprintf("probe /ok at %g/s while /slow runs: not at all, in one go, in chunks of about %d ms · %d blocks",
		s.Rate, chunkSteps/1000, len(blocks))
	return []Chart{
		{
			Kind: Timeline, Name: "chunking-timeline", Arms: arms, Stream: attack.Probe,
			Outcome: v.Findings[0].Outcome,
			Title: fmt.Sprintf("while /slow blocks the loop, probes typically wait up to %s; in chunks, up to %s",
				analysis.Human(typicalTime(blocks, "block", worstProbe)), analysis.Human(typicalTime(blocks, "chunk", worstProbe))),
			Subtitle: subtitle,
		},
		{
			Kind: Percentiles, Name: "chunking-percentiles", Arms: arms, Stream: attack.Probe,
			Title: v.Headline, Outcome: v.Findings[0].Outcome,
			Subtitle: fmt.Sprintf("%s · n = %d per arm", subtitle, samples(blocks, "block", attack.Probe)),
		},
	}
}

func worstProbe(r attack.Run) float64 {
	return float64(analysis.Describe(responses(r, attack.Probe)).Max)
}

// samples is the number of an arm's answered requests over all blocks.
func samples(blocks []analysis.Block, arm string, role attack.Role) int {
	n := 0
	for _, b := range blocks {
		n += len(responses(b[arm], role))
	}
	return n
}
