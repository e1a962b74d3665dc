package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// watching measures what the guide's own monitoring costs: a line for every
// request, and a timer that watches the loop's lag.
func watching() Claim {
	return Claim{
		Name:   "watching",
		Title:  "a line for every request and a watch over the lag cost little",
		Proves: "logging every request with its duration and watching the loop's lag adds less than half to the CPU time of a trivial request",
		Arms:   watchingArms,
		Judge:  judgeWatching,
		Extra:  true,
		// CPU time is counted over a whole run: what is sent late in it costs the same.
		Effect: func(blocks []analysis.Block) time.Duration { return typicalTime(blocks, plainArm, span) },
	}
}

const (
	plainArm   = "plain"
	watchedArm = "watched"
	// watchedRate keeps a core busy with a few times what the process does anyway.
	watchedRate = 1000
	// watchingCosts is how many times more CPU time a request may take. A trivial one
	// is the hardest case: any other does more beside the line.
	watchingCosts = 1.5
)

func watchingArms(s Settings) []attack.Arm {
	watched := s.Target
	watched.Options = "--log-requests --watch-lag"
	return []attack.Arm{
		watchingArm(s, plainArm, attack.LookBase, s.Target),
		watchingArm(s, watchedArm, attack.LookHead, watched),
	}
}

func watchingArm(s Settings, name string, look attack.Look, server target.Reference) attack.Arm {
	lasts := 1500 * time.Millisecond
	if s.Quick {
		lasts = 700 * time.Millisecond
	}
	load := probe(s, lasts)
	load.Schedule = attack.Constant{Rate: watchedRate, Lasts: lasts}
	return attack.Arm{
		Name: name, Look: look, Target: server, Takes: lasts,
		Warmup: attack.Warmup{Lasts: 100 * time.Millisecond}, Streams: []attack.Stream{load},
	}
}

func span(r attack.Run) float64 { return float64(r.Count(attack.Probe).Span) }

// cpuPerRequest is the CPU time of the whole process for each answer, in µs.
func cpuPerRequest(r attack.Run) float64 {
	if r.Target == nil {
		return 0
	}
	return float64(r.Target.CPU) / float64(time.Microsecond) / float64(max(len(responses(r, attack.Probe)), 1))
}

func judgeWatching(_ Settings, blocks []analysis.Block) Judgement {
	cpu := analysis.Compare("CPU time of a request", blocks, cpuPerRequest, watchedArm, plainArm).Under(watchingCosts)
	spent := func(arm string) string { return analysis.Digits(typical(blocks, arm, cpuPerRequest)) + " µs" }
	cpu.Statement = fmt.Sprintf("CPU time of a request: %s %s, %s %s, %s; it may be %s", spent(plainArm), plainArm,
		spent(watchedArm), watchedArm, percent(cpu.Effect), analysis.Times(watchingCosts))
	wait := analysis.Finding{Comparison: analysis.Compare("response p99", blocks, probeP99, watchedArm, plainArm)}
	wait.Statement = fmt.Sprintf("response p99: %s %s, %s %s, %s", analysis.Human(typicalTime(blocks, plainArm, probeP99)), plainArm,
		analysis.Human(typicalTime(blocks, watchedArm, probeP99)), watchedArm, percent(wait.Effect))

	v := analysis.Verdict{Findings: []analysis.Finding{cpu, wait}}
	v.Headline = fmt.Sprintf("a log line for each request and a watch over the lag: %+d %% CPU time a request, %s → %s",
		change(cpu.Effect.Value), spent(plainArm), spent(watchedArm))
	v.Settle()
	return Judgement{
		Verdict: v,
		Figures: []Figure{figure("CPU a request", "µs", blocks, cpuPerRequest, plainArm, watchedArm)},
		Charts:  []Chart{watchingChart(blocks, v)},
	}
}

func watchingChart(blocks []analysis.Block, v analysis.Verdict) Chart {
	arms := []string{plainArm, watchedArm}
	return Chart{
		Kind: Dots, Name: "watching-cost", Title: v.Headline,
		Subtitle: fmt.Sprintf("/ok at %d/s, without and with serve --log-requests --watch-lag · %d blocks, intervals over blocks", watchedRate, len(blocks)),
		Measures: []Measure{
			measure("CPU time of a request, µs", "µs", 1, blocks, cpuPerRequest, arms...),
			milliseconds("response p99, ms", blocks, probeP99, arms...),
		},
	}
}
