package claims

import (
	"fmt"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Overview is the chart of all claims: what each is about, with its interval.
// It reports false when no claim came to an effect.
func Overview(results []Result, s Settings) (Chart, bool) {
	c := Chart{Kind: Forest, Name: "overview"}
	proven := 0
	var runs []attack.Run
	for _, r := range results {
		if r.Verdict.Outcome == analysis.Pass {
			proven++
		}
		if len(r.Verdict.Findings) == 0 {
			continue
		}
		runs = r.Runs
		main := r.Verdict.Findings[0]
		c.Rows = append(c.Rows, Row{
			Name: r.Claim.Name, Text: fmt.Sprintf("%s, %s against %s", main.Metric, main.Base, main.Head),
			Effect: main.Effect, Threshold: main.Threshold, Outcome: Word(r.Verdict.Outcome),
		})
	}
	if len(c.Rows) == 0 {
		return c, false
	}
	c.Title = fmt.Sprintf("%d of %s proven", proven, analysis.Count(len(results), "claim"))
	c.Subtitle = fmt.Sprintf("ratio of the bad to the good variant, paired within %s, intervals over blocks", analysis.Count(s.Blocks, "block"))
	c.Foot = provenance(s, runs)
	return c, true
}
