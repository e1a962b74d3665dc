package claims

import (
	"fmt"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// leak proves the guide's watch for memory leaks: on a busy server it names the
// one that was planted, and is silent without one.
func leak() Claim {
	return Claim{
		Name:   "leak",
		Title:  "a leak shows in the heap after collections, and the watch names where it was allocated",
		Proves: "on a busy server a leak makes the heap after collections grow, the heap watch names its call site, and gives no alarm without one",
		Arms:   leakArms,
		Judge:  judgeLeak,
		// What is measured takes the whole arm: a request that is late by a twentieth
		// of it leaks all the same.
		Effect: func([]analysis.Block) time.Duration { return leakLateness },
		Extra:  true,
	}
}

const (
	quietArm = "no leak"
	leakArm  = "leak"
	// leakSite is the function that leaks.
	leakSite = ".(*leak).plant"
	// leakLateness is what a fifth is harmless of.
	leakLateness = 500 * time.Millisecond
)

// leakLoad is how busy the server is, and how much of what it allocates leaks:
// enough collections come within the arm for the watch to judge.
type leakLoad struct {
	lasts, begins time.Duration
	busy          float64 // requests a second
	kb            int     // that each of the leaking requests allocates
	watch         time.Duration
}

// leakRate is how many requests leak a second.
const leakRate = 200

func leakLoadOf(s Settings) leakLoad {
	if s.Quick {
		return leakLoad{1200 * time.Millisecond, 200 * time.Millisecond, 600, 96, 400 * time.Millisecond}
	}
	return leakLoad{2 * time.Second, 400 * time.Millisecond, 400, 48, 700 * time.Millisecond}
}

// leakArms differ in whether what the same requests allocate is let go of.
func leakArms(s Settings) []attack.Arm {
	l := leakLoadOf(s)
	arm := func(name string, look attack.Look, mode string) attack.Arm {
		server := s.Target
		server.Options, server.Apart = "--watch-heap="+l.watch.String(), name
		return attack.Arm{
			Name: name, Look: look, Target: server, Warmup: warmup(s, 50*time.Millisecond, 0), Takes: l.lasts,
			Streams: []attack.Stream{probe(s, l.lasts), {
				Name: "busy", Role: attack.Offender, Timeout: offenderTimeout,
				Requests: []attack.Request{
					{URL: "/array?items=20000"},
					{URL: "/cache/get?mode=none&n=100&kb=1024", Weight: 2},
					{URL: "/cache/get?mode=bounded&n=500&spread=300"},
				},
				Schedule: attack.Constant{Rate: l.busy, Lasts: l.lasts},
			}, {
				Name: "/leak", Role: attack.Offender, Timeout: offenderTimeout,
				Requests: []attack.Request{{URL: fmt.Sprintf("/leak?mode=%s&kb=%d", mode, l.kb)}},
				Schedule: attack.Constant{Rate: leakRate, Lasts: l.lasts, Offset: l.begins},
			}},
		}
	}
	return []attack.Arm{arm(quietArm, attack.LookIdle, "off"), arm(leakArm, attack.LookBlock, "on")}
}

func judgeLeak(s Settings, blocks []analysis.Block) Judgement {
	grows := analysis.Compare("growth of the heap after collections", blocks, liveGrowth, leakArm, quietArm).Above(atLeast)
	grows.Statement = fmt.Sprintf("the heap after collections grew %s with the leak and %s without, %s",
		analysis.Times(typical(blocks, leakArm, liveGrowth)), analysis.Times(typical(blocks, quietArm, liveGrowth)), analysis.TimesWithin(grows.Effect))
	v := analysis.Verdict{Findings: []analysis.Finding{grows, judgeAlarms(blocks)}}
	v.Headline = fmt.Sprintf("the watch named the leak in %d of %s, %s into the run, and gave %s without one",
		namedIn(blocks), analysis.Count(len(blocks), "block"), analysis.Human(typicalTime(blocks, leakArm, alarmAfter)),
		analysis.Count(falseAlarms(blocks), "alarm"))
	v.Settle()
	return Judgement{
		Verdict: v,
		Figures: []Figure{
			figure("live heap", "MiB", blocks, liveMiB, quietArm, leakArm),
			figure("growth", "times", blocks, liveGrowth, quietArm, leakArm),
			figure("alarms", "a run", blocks, alarms, quietArm, leakArm),
			figure("alarm after", "collections", blocks, alarmCollections, leakArm),
		},
		Charts: leakCharts(s, blocks, v),
	}
}

// judgeAlarms holds against chance that the watch is right: that it names the leak
// in a block, and is silent in the same block's other arm. It is exact, with each
// block for or against it.
func judgeAlarms(blocks []analysis.Block) analysis.Finding {
	right, wrong := make([]float64, len(blocks)), make([]float64, len(blocks))
	for i, b := range blocks {
		right[i] = -1
		if named(b[leakArm]) && alarms(b[quietArm]) == 0 {
			right[i] = 1
		}
		wrong[i] = -right[i]
	}
	f := analysis.Finding{
		Comparison: analysis.Comparison{Metric: "alarms of the heap watch", Base: leakArm, Head: quietArm, P: analysis.SignedRankP(right)},
		Statement: fmt.Sprintf("the watch named %s in %d of %d blocks with the leak, and gave %s in %d without",
			strings.TrimPrefix(leakSite, "."), namedIn(blocks), len(blocks), analysis.Count(falseAlarms(blocks), "alarm"), len(blocks)),
		Outcome: analysis.Inconclusive,
	}
	switch {
	case analysis.SignedRankGreater(right) <= 1-analysis.Confidence:
		f.Outcome = analysis.Pass
	case analysis.SignedRankGreater(wrong) <= 1-analysis.Confidence:
		f.Outcome = analysis.Fail
	default:
		f.Warnings = []analysis.Warning{"too few blocks tell whether the watch is right more often than not"}
	}
	return f
}

// named reports whether the first alarm of the run names the leak.
func named(r attack.Run) bool {
	all := leaksOf(r)
	return len(all) > 0 && strings.Contains(all[0].Site, leakSite)
}

func namedIn(blocks []analysis.Block) (n int) {
	for _, b := range blocks {
		if named(b[leakArm]) {
			n++
		}
	}
	return n
}

func falseAlarms(blocks []analysis.Block) (n int) {
	for _, b := range blocks {
		n += len(leaksOf(b[quietArm]))
	}
	return n
}

func leaksOf(r attack.Run) []target.Leak {
	if r.Target == nil {
		return nil
	}
	return r.Target.Leaks
}

func alarms(r attack.Run) float64 { return float64(len(leaksOf(r))) }

// alarmAfter is when the first alarm came; the run's end when none did.
func alarmAfter(r attack.Run) float64 {
	if all := leaksOf(r); len(all) > 0 {
		return float64(all[0].After)
	}
	return float64(r.Count(attack.Probe).Span)
}

func alarmCollections(r attack.Run) float64 {
	if all := leaksOf(r); len(all) > 0 {
		return float64(all[0].Collections)
	}
	return 0
}

// liveAfter is what the last collection of the run had left, in bytes.
func liveAfter(r attack.Run) float64 {
	if r.Target == nil {
		return 0
	}
	return float64(r.Target.LiveAfter)
}

func liveMiB(r attack.Run) float64 { return liveAfter(r) / (1 << 20) }

// liveGrowth is that as a multiple of what it was before the run.
func liveGrowth(r attack.Run) float64 {
	if r.Target == nil {
		return 0
	}
	return float64(r.Target.LiveAfter) / float64(max(r.Target.LiveBefore, 1))
}

func leakCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	l := leakLoadOf(s)
	subtitle := fmt.Sprintf("%d requests/s allocate %d KiB each, and let go of it or not, beside %g other requests/s and the probe at %g/s · %d blocks",
		leakRate, l.kb, l.busy, s.Rate, len(blocks))
	return []Chart{
		{
			Kind: Memory, Name: "leak-memory", Arms: []string{quietArm, leakArm}, Outcome: v.Findings[0].Outcome,
			Title: fmt.Sprintf("in %s a leak takes the heap after collections to %s; without one it is %s",
				analysis.Human(l.lasts), analysis.Bytes(typical(blocks, leakArm, liveAfter)), analysis.Bytes(typical(blocks, quietArm, liveAfter))),
			Subtitle: subtitle,
		},
		{
			Kind: Dots, Name: "leak-alarms", Title: v.Headline, Subtitle: subtitle,
			Measures: []Measure{
				measure("heap after collections, at the end", "bytes", 1, blocks, liveAfter, quietArm, leakArm),
				measure("alarms of the heap watch in a run", "alarms", 1, blocks, alarms, quietArm, leakArm),
			},
		},
	}
}
