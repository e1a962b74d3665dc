package claims

import (
	"fmt"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

func workerCharts(s Settings, blocks []analysis.Block, v analysis.Verdict, knee int) []Chart {
	waits := v.Findings[0]
	return []Chart{
		workerCurve(s, blocks, v, knee),
		{
			Kind: Percentiles, Name: "worker-pool-percentiles", Arms: []string{handlerArm, computing.arm(2)}, Stream: attack.Probe,
			Outcome: waits.Outcome,
			Title: fmt.Sprintf("computing in the handler makes the probe wait %s on average, on workers %s",
				analysis.Human(typicalTime(blocks, handlerArm, probeMean)), analysis.Human(typicalTime(blocks, computing.arm(2), probeMean))),
			Subtitle: fmt.Sprintf("%d jobs sent at once, probe /ok at %g/s beside them · %d blocks · n = %d per arm",
				computeAtOnce(s), s.Rate, len(blocks), samples(blocks, handlerArm, attack.Probe)),
		},
		queueDots(blocks, v),
	}
}

// workerCurve is throughput, the jobs' p99 and the loop's lag against the number
// of workers, beside the handler's.
func workerCurve(s Settings, blocks []analysis.Block, v analysis.Verdict, knee int) Chart {
	panel := func(label, unit string, m analysis.Metric, by float64) Panel {
		l := Line{Name: label, Look: computing.look}
		for _, size := range computing.sizes {
			l.Points = append(l.Points, Point{float64(size), scaled(within95(blocks, computing.arm(size), m), by)})
		}
		return Panel{
			Label: label, Unit: unit, Log: unit == "ms", Lines: []Line{l},
			Limit: &Limit{by * typical(blocks, handlerArm, m), "in the handler"},
		}
	}
	c := Chart{
		Kind: Curves, Name: "worker-pool-curve", Setting: "workers",
		Title: gains(s, knee, v.Findings[0]),
		Subtitle: fmt.Sprintf("%d jobs of about %s at once, on workers and in the handler · %d blocks, intervals over blocks",
			computeAtOnce(s), analysis.Human(s.Compute), len(blocks)),
		Panels: []Panel{
			panel("throughput while busy, jobs/s", computing.unit, throughput, 1),
			panel("p99 of the jobs' response time", "ms", jobP99, inMS),
			panel("the loop's longest lag", "ms", worstLag, inMS),
		},
		Marks: []Mark{{X: float64(s.Cores), Text: analysis.Count(s.Cores, "core")}},
	}
	if knee != 0 {
		c.Marks = append(c.Marks, Mark{X: float64(knee), Text: fmt.Sprintf("recommended: %d", knee), Recommended: true})
	}
	return c
}
