package claims

import (
	"fmt"
	"strconv"
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

// The offender's work, in steps of about a microsecond.
const (
	chunkSteps      = 5_000
	offenderSteps   = 400_000
	offenderQuick   = 200_000
	offenderTimeout = 60 * time.Second
)

func chunkingArms(s Settings) []attack.Arm {
	lasts, every, times, steps := 2600*time.Millisecond, 1200*time.Millisecond, 2, offenderSteps
	warmup := attack.Warmup{Lasts: 300 * time.Millisecond}
	if s.Quick {
		lasts, every, times, steps = 700*time.Millisecond, 700*time.Millisecond, 1, offenderQuick
		warmup.Lasts = 100 * time.Millisecond
	}
	arm := func(name string, look attack.Look, offender ...attack.Stream) attack.Arm {
		return attack.Arm{
			Name: name, Look: look, Target: s.Target, Warmup: warmup, Takes: lasts,
			Streams: append([]attack.Stream{probe(s, lasts)}, offender...),
		}
	}
	slow := func(query string) attack.Stream {
		return attack.Stream{
			Name: "/slow", Role: attack.Offender, Timeout: offenderTimeout,
			Requests: []attack.Request{{URL: fmt.Sprintf("/slow?n=%d&%s", steps, query)}},
			Schedule: attack.Bursts{Size: 1, Every: every, Times: times, Offset: 150 * time.Millisecond},
		}
	}
	return []attack.Arm{
		arm("idle", attack.LookIdle),
		arm("block", attack.LookBlock, slow("mode=block")),
		arm("chunk", attack.LookChunk, slow("mode=chunk&chunk="+strconv.Itoa(chunkSteps))),
	}
}

// probe is the steady, cheap request that feels the loop's stalls.
func probe(s Settings, lasts time.Duration) attack.Stream {
	return attack.Stream{
		Name: "/ok", Role: attack.Probe,
		Requests: []attack.Request{{URL: "/ok"}},
		Schedule: attack.Constant{Rate: s.Rate, Lasts: lasts},
	}
}

// atLeast is how many times better the fixed arm must be, with its whole
// interval, for a claim about waiting to be proven.
const atLeast = 2

func judgeChunking(s Settings, blocks []analysis.Block) Judgement {
	p99 := better("probe p99", blocks, probeP99, "block", "chunk")
	mean := better("probe mean", blocks, probeMean, "block", "chunk")
	lag := better("loop lag, longest", blocks, worstLag, "block", "chunk")
	cost := analysis.Finding{Comparison: analysis.Compare("/slow service time", blocks, offenderService, "chunk", "block"), Outcome: analysis.Pass}
	cost.Statement = fmt.Sprintf("/slow itself takes %s in one go and %s in chunks, %s",
		analysis.Human(typicalTime(blocks, "block", offenderService)),
		analysis.Human(typicalTime(blocks, "chunk", offenderService)), percent(cost.Effect))

	v := analysis.Verdict{Findings: []analysis.Finding{p99, mean, lag, cost}}
	v.Outcome = analysis.Worst(p99.Outcome, mean.Outcome, lag.Outcome)
	v.Headline = fmt.Sprintf("chunking cuts probe p99 %s → %s, %s",
		analysis.Human(typicalTime(blocks, "block", probeP99)),
		analysis.Human(typicalTime(blocks, "chunk", probeP99)), analysis.Times(p99.Effect.Value))
	for _, f := range v.Findings {
		v.Warnings = append(v.Warnings, f.Warnings...)
	}
	return Judgement{Verdict: v, Charts: chunkingCharts(s, blocks, v)}
}

// better compares a metric of the bad arm with that of the good one: the fix
// has to be worth at least atLeast.
func better(name string, blocks []analysis.Block, m analysis.Metric, bad, good string) analysis.Finding {
	f := analysis.Finding{Comparison: analysis.Compare(name, blocks, m, bad, good), Threshold: atLeast}
	f.Outcome = f.Judge(atLeast)
	f.Statement = fmt.Sprintf("%s %s lower with %s than with %s: %s → %s", name, analysis.TimesWithin(f.Effect), good, bad,
		analysis.Human(typicalTime(blocks, bad, m)), analysis.Human(typicalTime(blocks, good, m)))
	return f
}

// percent writes a ratio near 1 as a change with its interval.
func percent(e analysis.Estimate) string {
	return fmt.Sprintf("%+.0f %% (%+.0f to %+.0f %%)", 100*(e.Value-1), 100*(e.Low-1), 100*(e.High-1))
}

func chunkingCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	arms := []string{"idle", "block", "chunk"}
	subtitle := fmt.Sprintf("probe /ok at %g/s while /slow runs: not at all, in one go, in chunks of about %d ms · %d blocks",
		s.Rate, chunkSteps/1000, len(blocks))
	return []Chart{
		{
			Kind: Timeline, Name: "chunking-timeline", Arms: arms, Stream: attack.Probe,
			Title: fmt.Sprintf("while /slow blocks the loop, probes wait up to %s; in chunks, up to %s",
				analysis.Human(typicalTime(blocks, "block", worstProbe)), analysis.Human(typicalTime(blocks, "chunk", worstProbe))),
			Subtitle: subtitle,
		},
		{
			Kind: Percentiles, Name: "chunking-percentiles", Arms: arms, Stream: attack.Probe,
			Title:    v.Headline,
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
