package claims

import (
	"fmt"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

func poolCharts(s Settings, blocks []analysis.Block, v analysis.Verdict, hashKnee, waitKnee int) []Chart {
	arms := hashing.arms()
	subtitle := fmt.Sprintf("%d password hashes sent at once, probe /ok at %g/s beside them · %d blocks", poolJobs, s.Rate, len(blocks))
	took := make([]string, len(arms))
	for i, arm := range arms {
		took[i] = analysis.Human(typicalTime(blocks, arm, burstTime))
	}
	return []Chart{
		poolCurve(s, blocks, v, hashKnee, waitKnee),
		{
			Kind: Staircase, Name: "pool-size-staircase", Arms: arms, Stream: attack.Offender, Outcome: analysis.Pass,
			Title:    fmt.Sprintf("%d hashes on 1, 2, 4, 8 threads take %s on %s", poolJobs, strings.Join(took, ", "), analysis.Count(s.Cores, "core")),
			Subtitle: subtitle,
		},
		{
			Kind: Percentiles, Name: "pool-size-percentiles", Arms: []string{syncArm, hashing.arm(4)}, Stream: attack.Probe,
			Outcome: v.Findings[0].Outcome,
			Title: fmt.Sprintf("hashing in the handler makes the probe wait %s on average, on the pool %s",
				analysis.Human(typicalTime(blocks, syncArm, probeMean)), analysis.Human(typicalTime(blocks, hashing.arm(4), probeMean))),
			Subtitle: fmt.Sprintf("%s · n = %d per arm", subtitle, samples(blocks, syncArm, attack.Probe)),
		},
	}
}

// poolCurve is throughput and p99 of both kinds of job against the pool's size.
func poolCurve(s Settings, blocks []analysis.Block, v analysis.Verdict, hashKnee, waitKnee int) Chart {
	c := Chart{
		Kind: Curves, Name: "pool-size-curve", Setting: "threads in the pool (log scale)",
		Title: v.Headline,
		Subtitle: fmt.Sprintf("%d jobs at once: hashing computes, waiting only waits · %d blocks, intervals over blocks",
			poolJobs, len(blocks)),
		Panels: []Panel{
			{Label: "throughput while busy", Unit: "jobs/s", Lines: []Line{hashing.line(blocks, throughput, 1), waiting.line(blocks, throughput, 1)}},
			{
				Label: "p99 of the jobs' response time", Unit: "ms", Log: true,
				Lines: []Line{hashing.line(blocks, jobP99, inMS), waiting.line(blocks, jobP99, inMS)},
			},
		},
		Marks: []Mark{{X: float64(s.Cores), Text: analysis.Count(s.Cores, "core")}},
	}
	if hashKnee != 0 && waitKnee != 0 {
		c.Marks = append(c.Marks,
			Mark{X: float64(hashKnee), Text: fmt.Sprintf("for hashing: %d", hashKnee), Recommended: true},
			Mark{X: float64(waitKnee), Text: fmt.Sprintf("for waiting: %d or more", waitKnee), Recommended: true})
	}
	return c
}
