package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// offload proves the guides' first fix: the same sum on a worker, against in
// the handler.
func offload() Claim {
	return Claim{
		Name:   "offload",
		Title:  "work on a worker leaves the loop to everyone else, and uses the other cores",
		Proves: "CPU work moved to workers no longer makes other requests wait, takes one client no longer, and with several clients uses all cores",
		Arms:   offloadArms,
		Judge:  judgeOffload,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, "block", probeP99) - typicalTime(blocks, "worker", probeP99)
		},
	}
}

// crowd is how many clients ask for /slow at once in the arms of that name.
const crowd = 4

var (
	blockCrowd  = fmt.Sprintf("block ×%d", crowd)
	workerCrowd = fmt.Sprintf("worker ×%d", crowd)
)

func offloadArms(s Settings) []attack.Arm {
	return []attack.Arm{
		slowArm(s, "idle", attack.LookIdle, ""),
		slowArm(s, "block", attack.LookBlock, "mode=block"),
		slowArm(s, "worker", attack.LookWorker, "mode=worker"),
		crowdArm(s, blockCrowd, attack.LookBlock, "mode=block"),
		crowdArm(s, workerCrowd, attack.LookWorker, "mode=worker"),
	}
}

// crowdArm is several clients at once, each asking for half of the usual work.
func crowdArm(s Settings, name string, look attack.Look, query string) attack.Arm {
	l := slowLoad(s)
	each := time.Duration(l.steps/2) * time.Microsecond
	lasts := (crowd*each*5/4 + 100*time.Millisecond).Round(50 * time.Millisecond)
	return attack.Arm{
		Name: name, Look: look, Target: s.Target, Warmup: warmup(s, l.warmup, crowd*each), Takes: lasts,
		Streams: []attack.Stream{
			probe(s, lasts),
			offender(fmt.Sprintf("/slow?n=%d&%s", l.steps/2, query), attack.Bursts{Size: crowd, Every: lasts, Times: 1, Offset: 50 * time.Millisecond}),
		},
	}
}

func judgeOffload(s Settings, blocks []analysis.Block) Judgement {
	p99 := better("probe p99", blocks, probeP99, "block", "worker")
	mean := better("probe mean", blocks, probeMean, "block", "worker")
	lag := better("loop lag, longest", blocks, worstLag, "block", "worker")

	alone := analysis.Compare("/slow service time", blocks, offenderService, "worker", "block").Under(little)
	alone.Statement = fmt.Sprintf("one client: /slow takes %s in the handler and %s on a worker, %s",
		analysis.Human(typicalTime(blocks, "block", offenderService)),
		analysis.Human(typicalTime(blocks, "worker", offenderService)), percent(alone.Effect))

	together := analysis.Finding{Comparison: analysis.Compare("/slow throughput", blocks, throughput, workerCrowd, blockCrowd)}
	if s.Cores > 1 { // on one core there is nothing to gain
		together = together.Above(growsBy)
	}
	together.Statement = fmt.Sprintf("%d clients: %s /slow a second in the handler and %s on workers, %s",
		crowd, analysis.Digits(typical(blocks, blockCrowd, throughput)), analysis.Digits(typical(blocks, workerCrowd, throughput)),
		analysis.TimesWithin(together.Effect))

	v := analysis.Verdict{Findings: []analysis.Finding{p99, mean, lag, alone, together}}
	v.Headline = improves("a worker", p99, blocks, probeP99)
	v.Settle()
	return Judgement{
		Verdict: v,
		Figures: []Figure{figure("throughput", "/slow a second", blocks, throughput, "block", "worker", blockCrowd, workerCrowd)},
		Charts:  offloadCharts(s, blocks, v),
	}
}

func offloadCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	subtitle := fmt.Sprintf("probe /ok at %g/s while /slow runs: not at all, in the handler, on a worker · %d blocks", s.Rate, len(blocks))
	return []Chart{
		{
			Kind: Timeline, Name: "offload-timeline", Arms: []string{"block", "worker"}, Stream: attack.Probe,
			Outcome: v.Findings[0].Outcome,
			Title: fmt.Sprintf("while /slow blocks the loop, probes typically wait up to %s; on a worker, up to %s",
				analysis.Human(typicalTime(blocks, "block", worstProbe)), analysis.Human(typicalTime(blocks, "worker", worstProbe))),
			Subtitle: subtitle,
		},
		{
			Kind: Percentiles, Name: "offload-percentiles", Arms: []string{"idle", "block", "worker"}, Stream: attack.Probe,
			Title: v.Headline, Outcome: v.Findings[0].Outcome,
			Subtitle: fmt.Sprintf("%s · n = %d per arm", subtitle, samples(blocks, "block", attack.Probe)),
		},
		{
			Kind: Staircase, Name: "offload-staircase", Arms: []string{blockCrowd, workerCrowd}, Stream: attack.Offender, Outcome: analysis.Pass,
			Title: fmt.Sprintf("%d /slow at once take %s in the handler, %s on workers", crowd,
				analysis.Human(typicalTime(blocks, blockCrowd, burstTime)), analysis.Human(typicalTime(blocks, workerCrowd, burstTime))),
			Subtitle: fmt.Sprintf("%d clients ask for /slow at once, on %s · %d blocks", crowd, analysis.Count(s.Cores, "core"), len(blocks)),
		},
	}
}
