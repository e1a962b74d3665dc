package claims

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// chunkSize measures the trade-off behind the second fix: longer chunks make
// others wait longer, shorter ones cost more trips round the loop.
func chunkSize() Claim {
	return Claim{
		Name:   "chunk-size",
		Title:  "others wait for a chunk; the largest one within the lag budget costs least",
		Proves: "the delay of other requests follows the length of a chunk, and a chunk can be chosen for a lag budget",
		Arms:   chunkSizeArms,
		Judge:  judgeChunkSize,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, chunkArm(longest), probeP99) - typicalTime(blocks, chunkArm(shortest), probeP99)
		},
	}
}

// sweep is the chunk lengths that are compared, in steps of about 1 µs.
var sweep = []int{200, 1_000, chunkSteps, 8_000, 15_000, 40_000}

const shortest, longest = 200, 40_000

func chunkArm(steps int) string { return fmt.Sprintf("chunk %g ms", float64(steps)/1000) }

func chunkSizeArms(s Settings) []attack.Arm {
	arms := []attack.Arm{slowArm(s, "block", attack.LookBlock, "mode=block")}
	for _, steps := range sweep {
		arms = append(arms, slowArm(s, chunkArm(steps), attack.LookChunk, chunkQuery(steps)))
	}
	return arms
}

func chunkQuery(steps int) string { return "mode=chunk&chunk=" + strconv.Itoa(steps) }

func judgeChunkSize(s Settings, blocks []analysis.Block) Judgement {
	follows := analysis.Compare("probe p99 while /slow runs", blocks, delayDuring, chunkArm(longest), chunkArm(shortest)).Above(atLeast)
	follows.Statement = fmt.Sprintf("probes during /slow wait p99 %s with %s and %s with %s: %s",
		analysis.Human(typicalTime(blocks, chunkArm(shortest), delayDuring)), chunkArm(shortest),
		analysis.Human(typicalTime(blocks, chunkArm(longest), delayDuring)), chunkArm(longest), analysis.TimesWithin(follows.Effect))

	v := analysis.Verdict{Findings: append([]analysis.Finding{follows}, overheads(blocks)...)}
	j := Judgement{Charts: []Chart{}}
	best := largestWithin(blocks, s.LagBudget)
	if best == 0 {
		open := analysis.Inconclusive
		v.Headline = fmt.Sprintf("no chunk length surely keeps probes within %s", analysis.Human(s.LagBudget))
		if len(blocks) >= analysis.BlocksFor(analysis.Confidence) && allBeyond(blocks, s.LagBudget) { // fewer blocks settle nothing
			open = analysis.Fail
			v.Headline = fmt.Sprintf("no chunk length keeps probes within %s", analysis.Human(s.LagBudget))
		}
		v.Findings[0].Outcome = analysis.Worst(v.Findings[0].Outcome, open)
		v.Reasons = append(v.Reasons, fmt.Sprintf("with the shortest, %s, p99 is %s", chunkArm(shortest),
			analysis.Human(typicalTime(blocks, chunkArm(shortest), delayDuring))))
	} else {
		r := recommendChunk(blocks, best, s.LagBudget)
		j.Recommendations = []Recommendation{r}
		v.Headline = fmt.Sprintf("chunks of %g ms keep probes within %s at %s to /slow", r.Value, analysis.Human(s.LagBudget),
			percent(overhead(blocks, best)))
	}
	v.Settle()
	j.Verdict = v
	j.Charts = chunkSizeCharts(s, blocks, v, best)
	return j
}

// overheads are reported and not judged: they depend on the machine.
func overheads(blocks []analysis.Block) []analysis.Finding {
	var findings []analysis.Finding
	for _, steps := range sweep {
		f := analysis.Finding{Comparison: analysis.Compare("/slow service time", blocks, offenderService, chunkArm(steps), "block")}
		wait := within95(blocks, chunkArm(steps), delayDuring)
		f.Statement = fmt.Sprintf("%s: probes wait p99 %s (%s–%s), /slow takes %s", chunkArm(steps),
			analysis.Human(time.Duration(wait.Value)), analysis.Human(time.Duration(wait.Low)), analysis.Human(time.Duration(wait.High)), percent(f.Effect))
		findings = append(findings, f)
	}
	return findings
}

func overhead(blocks []analysis.Block, steps int) analysis.Estimate {
	return analysis.Compare("/slow service time", blocks, offenderService, chunkArm(steps), "block").Effect
}

// largestWithin is the largest chunk whose probes stay within the budget with
// their whole interval; 0 for none. A smaller chunk that is beyond it with its
// whole interval ends the search; one whose interval is too wide to tell does not,
// since a shorter chunk can't make probes wait longer.
func largestWithin(blocks []analysis.Block, budget time.Duration) int {
	best := 0
	for _, steps := range sweep {
		switch wait := within95(blocks, chunkArm(steps), delayDuring); {
		case wait.Low > float64(budget):
			return best
		case wait.High <= float64(budget):
			best = steps
		}
	}
	return best
}

// allBeyond reports whether every chunk's probes are beyond the budget with their
// whole interval.
func allBeyond(blocks []analysis.Block, budget time.Duration) bool {
	return !slices.ContainsFunc(sweep, func(steps int) bool {
		return within95(blocks, chunkArm(steps), delayDuring).Low <= float64(budget)
	})
}

func recommendChunk(blocks []analysis.Block, steps int, budget time.Duration) Recommendation {
	wait := within95(blocks, chunkArm(steps), delayDuring)
	return Recommendation{
		Setting: "chunk length", Value: float64(steps) / 1000, Unit: "ms",
		Reason: fmt.Sprintf("the largest of %d that keeps probe p99 within the lag budget of %s (%s, interval %s–%s); /slow takes %s",
			len(sweep), analysis.Human(budget), analysis.Human(time.Duration(wait.Value)), analysis.Human(time.Duration(wait.Low)),
			analysis.Human(time.Duration(wait.High)), percent(overhead(blocks, steps))),
	}
}

func chunkSizeCharts(s Settings, blocks []analysis.Block, v analysis.Verdict, best int) []Chart {
	var waits, costs []Point
	for _, steps := range sweep {
		x := float64(steps) / 1000
		waits = append(waits, Point{x, scaled(within95(blocks, chunkArm(steps), delayDuring), inMS)})
		cost := overhead(blocks, steps)
		cost.Value, cost.Low, cost.High = 100*(cost.Value-1), 100*(cost.Low-1), 100*(cost.High-1)
		costs = append(costs, Point{x, cost})
	}
	c := Chart{
		Kind: Curves, Name: "chunk-size-tradeoff", Setting: "length of a chunk, ms (log scale)",
		Title: v.Headline,
		Subtitle: fmt.Sprintf("probe /ok at %g/s while /slow runs in chunks of %d lengths · %d blocks, intervals over blocks",
			s.Rate, len(sweep), len(blocks)),
		Panels: []Panel{
			{
				Label: "probe p99 while /slow runs", Unit: "ms", Log: true,
				Limit: &Limit{float64(s.LagBudget) / float64(time.Millisecond), "lag budget " + analysis.Human(s.LagBudget)},
				Lines: []Line{{Name: "probe p99", Look: attack.LookChunk, Points: waits}},
			},
			{Label: "time that chunking adds to /slow", Unit: "%", Lines: []Line{{Name: "added time", Look: attack.LookChunk, Points: costs}}},
		},
	}
	if best > 0 {
		c.Marks = []Mark{{X: float64(best) / 1000, Text: fmt.Sprintf("recommended: %g ms", float64(best)/1000), Recommended: true}}
	}
	return []Chart{c}
}
