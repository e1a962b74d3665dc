package claims

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// describe completes the charts' words: a title never claims what the verdict
// does not hold, and every picture says where its numbers come from.
func describe(charts []Chart, s Settings, v analysis.Verdict, runs []attack.Run) {
	foot := provenance(s, runs)
	for i := range charts {
		outcome := charts[i].Outcome
		if outcome == "" || v.Outcome == analysis.Invalid {
			outcome = v.Outcome
		}
		charts[i].Title = capitalize(charts[i].Title)
		if outcome != analysis.Pass {
			charts[i].Title = capitalize(Word(outcome)) + ": " + charts[i].Title
			charts[i].Marks = slices.DeleteFunc(charts[i].Marks, func(m Mark) bool { return m.Recommended })
		}
		charts[i].Foot = foot
	}
}

// provenance says which machine, target, date and seed the runs come from.
func provenance(s Settings, runs []attack.Run) string {
	e := runs[0].Environment
	machine := fmt.Sprintf("%d × %s", e.CPUs, strings.Join(strings.Fields(e.CPUModel), " "))
	if e.CPUModel == "" {
		machine = fmt.Sprintf("%d CPUs", e.CPUs)
	}
	return fmt.Sprintf("looptest reference server · %s · %s · %s · seed %x",
		machine, e.GoVersion, runs[0].Began.Format("2006-01-02 15:04"), s.Seed)
}

func capitalize(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
