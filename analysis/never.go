package analysis

import (
	"fmt"
	"math"
)

// Incidence is how often something happened that is not to happen.
type Incidence struct {
	Times  int
	Trials int // in which it could have happened
	// AtMost bounds its probability with Confidence, one-sided and for trials that are
	// independent, when it never happened: about 3/Trials. 1 otherwise.
	AtMost float64
}

// Never holds what is not to happen at all against that, over all blocks: Pass when
// it did not happen in blocks enough, Fail when it did, however seldom. times and
// trials are counted in each of the arm's runs.
func Never(name, arm string, blocks []Block, times, trials Metric) Finding {
	in := Incidence{AtMost: 1}
	for _, b := range blocks {
		in.Times += int(times(b[arm]))
		in.Trials += int(trials(b[arm]))
	}
	f := Finding{Comparison: Comparison{Metric: name, Base: arm, Head: arm, Warnings: fewBlocks(len(blocks))}, Incidence: &in}
	if in.Trials > 0 && in.Times == 0 {
		in.AtMost = 1 - math.Pow(1-Confidence, 1/float64(in.Trials))
	}
	if in.Trials == 0 {
		f.Warnings = append(f.Warnings, Warning(fmt.Sprintf("%s: nothing was tried", name)))
	}
	switch {
	case in.Times > 0:
		f.Outcome = Fail
	case len(f.Warnings) > 0:
		f.Outcome = Inconclusive
	default:
		f.Outcome = Pass
	}
	return f
}
