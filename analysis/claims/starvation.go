package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// starvation proves the guide's caution about process.nextTick: a callback that
// schedules itself as a tick or a microtask, against one that does so with
// setImmediate.
func starvation() Claim {
	return Claim{
		Name:   "starvation",
		Title:  "ticks and microtasks that schedule themselves let nothing else run; immediates do",
		Proves: "a callback that schedules itself as a tick or a microtask freezes the loop until it ends, and with setImmediate does not",
		Arms:   starvationArms,
		Judge:  judgeStarvation,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, "tick", probeP99) - typicalTime(blocks, "immediate", probeP99)
		},
		Extra: true,
	}
}

func starvationArms(s Settings) []attack.Arm {
	l := shortLoad(s)
	arms := []attack.Arm{l.arm(s, "idle", attack.LookIdle, "")}
	for _, by := range []struct {
		name string
		look attack.Look
	}{{"tick", attack.LookBlock}, {"microtask", attack.LookBlock}, {"immediate", attack.LookChunk}} {
		arms = append(arms, l.arm(s, by.name, by.look, fmt.Sprintf("/starve?ms=%d&by=%s", l.steps/1000, by.name)))
	}
	return arms
}

func judgeStarvation(s Settings, blocks []analysis.Block) Judgement {
	v := analysis.Verdict{Findings: []analysis.Finding{
		better("loop lag, longest", blocks, worstLag, "tick", "immediate"),
		better("probe p99", blocks, probeP99, "tick", "immediate"),
		better("loop lag by microtasks", blocks, worstLag, "microtask", "immediate"),
		better("probe p99 by microtasks", blocks, probeP99, "microtask", "immediate"),
		costOfImmediates(blocks),
	}}
	v.Headline = fmt.Sprintf("a recursive tick freezes the loop for %s, a recursive immediate for %s",
		analysis.Human(typicalTime(blocks, "tick", worstLag)), analysis.Human(typicalTime(blocks, "immediate", worstLag)))
	v.Settle()
	return Judgement{Verdict: v, Charts: starvationCharts(s, blocks, v)}
}

// costOfImmediates is reported and not judged: it depends on the machine.
func costOfImmediates(blocks []analysis.Block) analysis.Finding {
	f := analysis.Finding{Comparison: analysis.Compare("probe p99", blocks, probeP99, "immediate", "idle")}
	f.Statement = fmt.Sprintf("with immediates the loop goes round without a rest: probes wait p99 %s, %s in idle, %s",
		analysis.Human(typicalTime(blocks, "immediate", probeP99)), analysis.Human(typicalTime(blocks, "idle", probeP99)), analysis.TimesWithin(f.Effect))
	return f
}

func starvationCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	subtitle := fmt.Sprintf("probe /ok at %g/s while a callback schedules itself for %d ms · %d blocks", s.Rate, shortLoad(s).steps/1000, len(blocks))
	arms := []string{"idle", "tick", "microtask", "immediate"}
	return []Chart{
		{
			Kind: Timeline, Name: "starvation-timeline", Arms: []string{"tick", "immediate"}, Stream: attack.Probe,
			Outcome: v.Findings[1].Outcome,
			Title: fmt.Sprintf("while a tick schedules itself, probes typically wait up to %s; with an immediate, up to %s",
				analysis.Human(typicalTime(blocks, "tick", worstProbe)), analysis.Human(typicalTime(blocks, "immediate", worstProbe))),
			Subtitle: subtitle,
		},
		{
			Kind: Dots, Name: "starvation-dots", Title: v.Headline,
			Subtitle: subtitle + ", intervals over blocks",
			Measures: []Measure{
				waits("longest loop lag, ms", blocks, worstLag, arms...),
				waits("probe p99, ms", blocks, probeP99, arms...),
			},
		},
	}
}
