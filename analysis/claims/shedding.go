package claims

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// shedding proves the guide's load shedding: a server that is asked for twice of
// what it can do turns some away, or lets everyone queue.
func shedding() Claim {
	return Claim{
		Name:   "shedding",
		Title:  "an overloaded loop makes everyone wait longer and longer; turning some away serves the others soon",
		Proves: "under twice the load that the server can bear, turning requests away while the loop lags keeps the response time of the others short, at a price in goodput",
		Arms:   sheddingArms,
		Judge:  judgeShedding,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, queueArm, probeP99) - typicalTime(blocks, shedArm, probeP99)
		},
		Prepare: measureCapacity,
	}
}

const (
	queueArm = "queueing"
	shedArm  = "shedding"
	// overload is how many times the load is that the server can bear.
	overload = 2
	// overloadSteps is what each request holds the loop for, in steps of about
	// 1 µs: long, so that the generator has little to do beside the server.
	overloadSteps = 5_000
	// overloadLasts gives the sampling of the lag, twice a second and smoothed over
	// several samples, the time to act.
	overloadLasts = 3 * time.Second
	// goodputKept is the part of the goodput that shedding has to keep: it samples
	// twice a second, so it reacts late, and then turns away more than it must.
	goodputKept = 0.5
	// soon is how long a user waits who still wants the answer.
	soon = time.Second
)

func sheddingArms(s Settings) []attack.Arm {
	queue, shed := s.Target, s.Target
	shed.Options = "--max-lag " + target.GuideMaxLag.String()
	return []attack.Arm{
		// What has piled up when the load ends takes as long again.
		overloadArm(s, queueArm, attack.LookBlock, queue, overload*overloadLasts),
		overloadArm(s, shedArm, attack.LookHead, shed, overloadLasts),
	}
}

func overloadArm(s Settings, name string, look attack.Look, server target.Reference, takes time.Duration) attack.Arm {
	load := attack.Constant{Rate: overload * capacity(s), Lasts: overloadLasts}
	return attack.Arm{
		Name: name, Look: look, Target: server, Takes: takes,
		Warmup:  attack.Warmup{Connections: min(load.Count(), 2000)},
		Streams: []attack.Stream{overloadStream(load)},
	}
}

// overloadStream is the requests that are both the load and what is measured. A
// request that is turned away has got the answer that was to be expected.
func overloadStream(load attack.Schedule) attack.Stream {
	return attack.Stream{
		Name: "/slow", Role: attack.Probe, Timeout: offenderTimeout,
		Requests: []attack.Request{{URL: fmt.Sprintf("/slow?mode=block&n=%d", overloadSteps)}},
		Schedule: load,
		Expect:   servedOrRefused,
	}
}

// capacity is how many of the requests the server can bear a second: as measured,
// or as the calibrated length of a step has it.
func capacity(s Settings) float64 {
	if s.Capacity > 0 {
		return s.Capacity
	}
	return float64(time.Second/time.Microsecond) / overloadSteps
}

// measureCapacity drives the server faster and faster. That it keeps none of the
// rates that are tried does no harm: what it reached at its best is what counts.
func measureCapacity(ctx context.Context, s *Settings) error {
	arm := overloadArm(*s, queueArm, attack.LookBlock, s.Target, 0)
	climbs, err := analysis.Saturate(ctx, []attack.Arm{arm})
	if err != nil && !errors.Is(err, analysis.ErrNoRate) {
		return err
	}
	s.Capacity = reached(climbs[0].Rungs)
	return nil
}

// reached is the most good answers a second, where it was not the generator that
// fell behind; 0 when it always was.
func reached(rungs []analysis.Rung) float64 {
	most := 0.0
	for _, r := range rungs {
		if !r.Generator {
			most = max(most, r.Achieved)
		}
	}
	return most
}

func judgeShedding(s Settings, blocks []analysis.Block) Judgement {
	p99 := better("accepted p99", blocks, probeP99, queueArm, shedArm)
	price := analysis.Compare("goodput", blocks, goodput, shedArm, queueArm).Above(goodputKept)
	price.Statement = fmt.Sprintf("goodput: %s good answers a second with %s, %s with %s, %s; more than %.0f %% has to be kept",
		analysis.Digits(typical(blocks, queueArm, goodput)), queueArm, analysis.Digits(typical(blocks, shedArm, goodput)), shedArm,
		percent(price.Effect), 100*goodputKept)
	timely := analysis.Finding{Comparison: analysis.Compare("timely goodput", blocks, goodputSoon, shedArm, queueArm)}
	timely.Statement = fmt.Sprintf("good answers within %s, a second of load: %s with %s, %s with %s", analysis.Human(soon),
		analysis.Digits(typical(blocks, queueArm, goodputSoon)), queueArm, analysis.Digits(typical(blocks, shedArm, goodputSoon)), shedArm)

	v := analysis.Verdict{Findings: []analysis.Finding{p99, price, timely}}
	v.Headline = sheddingHeadline(blocks, p99)
	v.Settle()
	return Judgement{
		Verdict: v,
		Figures: []Figure{
			figure("goodput", "/s", blocks, goodput, queueArm, shedArm),
			figure("turned away", "%", blocks, turnedAway, queueArm, shedArm),
		},
		Charts: sheddingCharts(s, blocks, v),
	}
}

func sheddingHeadline(blocks []analysis.Block, p99 analysis.Finding) string {
	words := "shedding at %s keeps accepted p99 at"
	if p99.Outcome != analysis.Pass {
		words = "with shedding at %s accepted p99 is"
	}
	return fmt.Sprintf(words+" %s instead of %s at %d× load; goodput %s instead of %s/s, %.0f %% turned away", analysis.Human(target.GuideMaxLag),
		analysis.Human(typicalTime(blocks, shedArm, probeP99)), analysis.Human(typicalTime(blocks, queueArm, probeP99)), overload,
		analysis.Digits(typical(blocks, shedArm, goodput)), analysis.Digits(typical(blocks, queueArm, goodput)),
		typical(blocks, shedArm, turnedAway))
}

// good gives the good answers to the load.
func good(r attack.Run) []attack.Sample {
	return slices.DeleteFunc(r.Of(attack.Probe), func(s attack.Sample) bool { return s.Err != "" || s.Shed() })
}

// goodput is good answers a second, until the load is over and the last of them
// has come.
func goodput(r attack.Run) float64 {
	answers, took := good(r), r.Count(attack.Probe).Span
	for _, s := range answers {
		took = max(took, s.Done)
	}
	return float64(len(answers)) / max(took.Seconds(), 1e-9)
}

// goodputSoon is the good answers that came soon, a second of load.
func goodputSoon(r attack.Run) float64 {
	answers := slices.DeleteFunc(good(r), func(s attack.Sample) bool { return s.Response() > soon })
	return float64(len(answers)) / max(r.Count(attack.Probe).Span.Seconds(), 1e-9)
}

// turnedAway is the share of the requests that were, in percent.
func turnedAway(r attack.Run) float64 {
	all := r.Of(attack.Probe)
	served := slices.DeleteFunc(slices.Clone(all), attack.Sample.Shed)
	return 100 * float64(len(all)-len(served)) / float64(max(len(all), 1))
}

func sheddingCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	arms := []string{queueArm, shedArm}
	subtitle := fmt.Sprintf("/slow of %d ms at %.0f/s, %d× what the server can bear, for %s; sheds from a smoothed lag of %s on · %d blocks",
		overloadSteps/1000, overload*capacity(s), overload, analysis.Human(overloadLasts), analysis.Human(target.GuideMaxLag), len(blocks))
	dots := Chart{
		Kind: Dots, Name: "shedding-price", Title: v.Headline, Subtitle: subtitle + ", intervals over blocks",
		Measures: []Measure{
			milliseconds("p99 of accepted requests", blocks, probeP99, arms...),
			measure("good answers a second", "/s", 1, blocks, goodput, arms...),
			measure("requests turned away", "%", 1, blocks, turnedAway, arms...),
		},
	}
	dots.Measures[1].Limit = &Limit{capacity(s), "capacity, as measured before"}
	return []Chart{
		{
			Kind: Timeline, Name: "shedding-timeline", Arms: arms, Stream: attack.Probe, Outcome: v.Findings[0].Outcome,
			Title: fmt.Sprintf("at %d× load the last one waits %s when all queue; with shedding, who is accepted waits up to %s", overload,
				analysis.Human(typicalTime(blocks, queueArm, worstProbe)), analysis.Human(typicalTime(blocks, shedArm, worstProbe))),
			Subtitle: subtitle,
		},
		dots,
	}
}
