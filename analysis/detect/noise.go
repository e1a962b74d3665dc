package detect

import (
	"fmt"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
)

const (
	// restless is how long the placebo's first probes may wait, at the p90, for
	// anything to be told.
	restless = 20 * time.Millisecond
	// leastConfidence is which part of the evidence has to agree.
	leastConfidence = 0.5
	// fewestPairs is from how many pairs on a stall can be found at all.
	fewestPairs = 8
)

// tooNoisy says why nothing can be told; empty when it can.
func tooNoisy(stall Stall, bursts []Burst) string {
	if stall.Pairs < fewestPairs {
		return fmt.Sprintf("only %d of %d pairs of shots were aimed well or answered; this machine is too busy, or the time for one endpoint too short", stall.Pairs, len(stall.Trials)/2)
	}
	_, placebo := scores(stall.Trials, func(t Trial) time.Duration { return t.First })
	slices.Sort(placebo)
	if p90 := time.Duration(placebo[len(placebo)*9/10]); p90 > restless && !stall.Found {
		return fmt.Sprintf("the probe itself takes up to %s when nothing else is asked for: choose a cheaper one, or a quieter moment", analysis.Human(p90))
	}
	late := time.Duration(0)
	for _, b := range bursts {
		late = max(late, b.Late)
	}
	if last := newestLast(bursts); late > restless && late > last/4 {
		return fmt.Sprintf("requests of a burst left up to %s late: this machine is too busy", analysis.Human(late))
	}
	return ""
}

func newestLast(bursts []Burst) time.Duration {
	if len(bursts) == 0 {
		return 0
	}
	return bursts[len(bursts)-1].last()
}
