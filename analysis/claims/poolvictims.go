package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// poolVictims proves the other half of the guide's thread-pool limit: the pool is
// shared, and what has nothing to do with the jobs that fill it waits for them.
func poolVictims() Claim {
	return Claim{
		Name:   "pool-victims",
		Title:  "a full thread pool makes unrelated file reads wait; more threads let them through",
		Proves: "small file reads wait for hashes, compression and waiting jobs on a full thread pool although the loop is free, and far less on one with threads to spare",
		Arms:   victimArms,
		Judge:  judgeVictims,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, victimArm(fullPool), probeP99) - typicalTime(blocks, victimArm(widePool), probeP99)
		},
		Extra: true,
	}
}

const (
	aloneArm           = "alone"
	fullPool, widePool = 4, 16

	// What fills the pool, at once: fewer jobs than the widest pool has threads.
	mixHashes, mixPacks, mixWaits = 3, 2, 8
	packTakes                     = 15 * time.Millisecond // about, for the text that is compressed
	mixWait                       = 50 * time.Millisecond
)

// victimPools are the pools that are compared.
var victimPools = []int{fullPool, 8, widePool}

func victimArm(size int) string { return fmt.Sprintf("pool %d", size) }

// mixBursts are over before the next one comes, also on one core. Most of the jobs
// wait: they keep threads and leave the cores to the reads.
func mixBursts(s Settings) attack.Bursts {
	b := attack.Bursts{Size: mixHashes + mixPacks + mixWaits, Times: 3, Offset: 20 * time.Millisecond}
	if s.Quick {
		b.Times = 1
	}
	takes := mixHashes*s.Hash + mixPacks*packTakes + mixWaits*mixWait/fullPool
	b.Every = (takes*5/4 + 50*time.Millisecond).Round(50 * time.Millisecond)
	return b
}

func victimArms(s Settings) []attack.Arm {
	bursts, warm := mixBursts(s), 100*time.Millisecond
	if s.Quick {
		warm /= 2
	}
	lasts := time.Duration(bursts.Times) * bursts.Every
	arm := func(name string, look attack.Look, size int) attack.Arm {
		starter := s.Target
		starter.PoolSize = size
		return attack.Arm{
			Name: name, Look: look, Target: starter, Warmup: warmup(s, warm, mixHashes*s.Hash), Takes: lasts,
			Streams: []attack.Stream{{
				Name: "file read", Role: attack.Probe,
				Requests: []attack.Request{{URL: "/pool/mix?job=read"}},
				Schedule: attack.Constant{Rate: s.Rate, Lasts: lasts},
			}},
		}
	}
	arms := []attack.Arm{arm(aloneArm, attack.LookIdle, fullPool)}
	for _, size := range victimPools {
		look := attack.LookPool
		if size == fullPool {
			look = attack.LookBlock
		}
		shared := arm(victimArm(size), look, size)
		shared.Streams = append(shared.Streams, mixStream(bursts))
		arms = append(arms, shared)
	}
	return arms
}

func mixStream(bursts attack.Bursts) attack.Stream {
	return attack.Stream{
		Name: "mix", Role: attack.Offender, Timeout: offenderTimeout,
		Requests: []attack.Request{
			{URL: "/pool/mix?job=hash", Weight: mixHashes},
			{URL: "/pool/mix?job=compress&kib=128", Weight: mixPacks},
			{URL: fmt.Sprintf("/pool/mix?job=lookup&as=file&ms=%d", mixWait.Milliseconds()), Weight: mixWaits},
		},
		Schedule: bursts,
	}
}

func judgeVictims(s Settings, blocks []analysis.Block) Judgement {
	wider := better("file read p99", blocks, probeP99, victimArm(fullPool), victimArm(widePool))
	suffers := better("file read p99", blocks, probeP99, victimArm(fullPool), aloneArm)
	suffers.Statement = fmt.Sprintf("file read p99: %s alone, %s when other jobs fill the pool of %d, %s", analysis.Human(typicalTime(blocks, aloneArm, probeP99)),
		analysis.Human(typicalTime(blocks, victimArm(fullPool), probeP99)), fullPool, analysis.TimesWithin(suffers.Effect))
	v := analysis.Verdict{Findings: []analysis.Finding{wider, suffers, between(blocks), loopsPart(blocks), costs(blocks)}}
	v.Headline = improves(fmt.Sprintf("a pool of %d instead of %d", widePool, fullPool), wider, blocks, probeP99)
	v.Settle()
	return Judgement{Verdict: v, Charts: victimCharts(s, blocks, v)}
}

// between is reported and not judged: how far a pool that is still too small helps
// depends on how long the jobs take on the machine.
func between(blocks []analysis.Block) analysis.Finding {
	full, some := victimArm(fullPool), victimArm(victimPools[1])
	f := analysis.Finding{Comparison: analysis.Compare("file read p99", blocks, probeP99, full, some)}
	f.Statement = fmt.Sprintf("file read p99: %s with %s, which is %s better than %s", analysis.Human(typicalTime(blocks, some, probeP99)), some,
		analysis.TimesWithin(f.Effect), full)
	return f
}

// loopsPart is reported, to show that it is not the loop that the reads wait for.
func loopsPart(blocks []analysis.Block) analysis.Finding {
	full, wide := victimArm(fullPool), victimArm(widePool)
	f := analysis.Finding{Comparison: analysis.Compare("loop lag, longest", blocks, worstLag, full, wide)}
	f.Statement = fmt.Sprintf("the loop itself is late by %s at most with %s and by %s with %s", analysis.Human(typicalTime(blocks, full, worstLag)), full,
		analysis.Human(typicalTime(blocks, wide, worstLag)), wide)
	return f
}

// costs is reported: what the mix itself pays when more of it runs at once.
func costs(blocks []analysis.Block) analysis.Finding {
	full, wide := victimArm(fullPool), victimArm(widePool)
	f := analysis.Finding{Comparison: analysis.Compare("the mix's p99", blocks, jobP99, wide, full)}
	f.Statement = fmt.Sprintf("the jobs that fill it take p99 %s with %s and %s with %s, %s", analysis.Human(typicalTime(blocks, full, jobP99)), full,
		analysis.Human(typicalTime(blocks, wide, jobP99)), wide, percent(f.Effect))
	return f
}

func victimCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	load := fmt.Sprintf("file reads at %g/s beside %d hashes, %d compressions and %d waits at once", s.Rate, mixHashes, mixPacks, mixWaits)
	line := func(m analysis.Metric, name string, look attack.Look) []Line {
		l := Line{Name: name, Look: look}
		for _, size := range victimPools {
			l.Points = append(l.Points, Point{float64(size), scaled(within95(blocks, victimArm(size), m), inMS)})
		}
		return []Line{l}
	}
	arms := []string{aloneArm}
	for _, size := range victimPools {
		arms = append(arms, victimArm(size))
	}
	return []Chart{
		{
			Kind: Curves, Name: "pool-victims-curve", Setting: "threads in the pool",
			Title:    v.Headline,
			Subtitle: fmt.Sprintf("%s · %d blocks, intervals over blocks", load, len(blocks)),
			Panels: []Panel{
				{
					Label: "p99 of the file reads", Unit: "ms", Log: true, Lines: line(probeP99, "file reads", attack.LookPool),
					Limit: &Limit{typical(blocks, aloneArm, probeP99) * inMS, "alone"},
				},
				{Label: "p99 of the jobs that fill the pool", Unit: "ms", Log: true, Lines: line(jobP99, "jobs", attack.LookBlock)},
			},
		},
		{
			Kind: Percentiles, Name: "pool-victims-percentiles", Arms: arms, Stream: attack.Probe, Outcome: v.Findings[1].Outcome,
			Title: fmt.Sprintf("on a full pool of %d file reads take p99 %s instead of %s", fullPool,
				analysis.Human(typicalTime(blocks, victimArm(fullPool), probeP99)), analysis.Human(typicalTime(blocks, aloneArm, probeP99))),
			Subtitle: fmt.Sprintf("%s · %d blocks · n = %d per arm", load, len(blocks), samples(blocks, aloneArm, attack.Probe)),
		},
	}
}
