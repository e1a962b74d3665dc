package detect

import (
	"fmt"
	"math"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/target"
)

// The rules' thresholds, found on one set of servers and held on another; see
// docs/detect-accuracy.md.
const (
	trivialTime    = time.Millisecond // that a suspect takes
	trivialStall   = 2 * time.Millisecond
	holdsBurst     = 0.6 // A, from which a burst holds the loop as a whole
	holdsAlone     = 0.6 // ρ, from which a suspect holds the loop for all of its time
	serialShare    = 0.6 // of the time that one after the other would take
	feltInBurst    = 0.05
	wholly         = 0.85 // of that time: with two cores, work beside the loop takes half of it
	fewestFelt     = 0.05 // share of the connections of one process among several …
	mostFelt       = 0.8
	processesHold  = 0.5 // … which holds its loop for at least that part of its time
	waitingStretch = 1.6
	narrowBurst    = 2 // width of a burst of blocking work, at most
)

// classify gives the kind with a sentence that says what it stands on.
func classify(f features) (target.Kind, string) {
	A, rho := f.amplified(), f.held()
	long := analysis.Human(f.last)
	switch {
	case f.sheds:
		return target.Sheds, fmt.Sprintf("of %d at once some were turned away", f.size)
	case f.alone < trivialTime && f.burstStall < trivialStall:
		return target.Trivial, fmt.Sprintf("it takes %s, and %d at once hold nobody up", analysis.Human(f.alone), f.size)
	case f.severalProcesses():
		return target.Processes, fmt.Sprintf("%.0f %% of the connections wait for it, and the others don't", 100*f.share)
	case A >= holdsBurst && f.width <= narrowBurst && f.serial() >= serialShare:
		return target.Blocking, fmt.Sprintf("%d at once hold all others up for %s of %s", f.size, analysis.Human(f.burstStall), long)
	case f.width == 0 && f.serial() >= serialShare && (f.stall.Found || A > feltInBurst && f.serial() >= wholly):
		return target.Cooperative, fmt.Sprintf("%d at once take %s, all are done at the end, and others wait no longer than %s", f.size, long, analysis.Human(f.burstStall))
	case f.stall.Found && rho >= holdsAlone:
		return target.Blocking, fmt.Sprintf("it holds the loop for %.0f %% of its time", 100*min(rho, 1))
	case f.stall.Found:
		return target.PartlyBlocking, fmt.Sprintf("it holds the loop for %.0f %% of its time", 100*rho)
	case f.width == 0 && f.stretched() < waitingStretch:
		return target.Waiting, fmt.Sprintf("%d at once take hardly longer than one, and hold nobody up", f.size)
	}
	return target.OffLoop, fmt.Sprintf("%d at once take %s times as long as one, and hold nobody up", f.size, analysis.Digits(f.stretched()))
}

// severalProcesses says whether only some connections wait, for most of the time
// that the suspect takes.
func (f features) severalProcesses() bool {
	return f.stall.Found && !math.IsNaN(f.share) && f.share >= fewestFelt && f.share <= mostFelt && f.heldWhereFelt() >= processesHold
}

// heldWhereFelt is ρ by the longest stalls: with several processes the typical
// trial's first probe may well have come to another one.
func (f features) heldWhereFelt() float64 {
	if f.alone == 0 {
		return 0
	}
	var longest []time.Duration
	for _, t := range f.stall.Trials {
		if !t.Placebo && t.Aimed {
			longest = append(longest, t.Worst)
		}
	}
	return float64(analysis.Describe(longest).P90) / float64(f.alone)
}

// confidence is how far the rules say the same of every part of the evidence:
// each burst alone, and each left out.
func confidence(kind target.Kind, stall Stall, bursts []Burst) float64 {
	if len(bursts) == 0 {
		return 0
	}
	same, all := 0, 0
	vote := func(some []Burst) {
		all++
		if k, _ := classify(read(stall, some)); k == kind {
			same++
		}
	}
	for i := range bursts {
		vote(bursts[i : i+1])
		if len(bursts) > 2 {
			rest := append(append([]Burst{}, bursts[:i]...), bursts[i+1:]...)
			vote(rest)
		}
	}
	return float64(same) / float64(all)
}
