package analysis

import (
	"context"

	"github.com/looptest/looptest/attack"
)

// Experiment decides what is run next from what was run so far.
type Experiment interface {
	// Next gives the next plan, or done.
	Next(runs []attack.Run) (plan attack.Plan, done bool)
}

// Conduct runs the experiment to its end, after the runs that there are already
// (of an earlier session). On an error it gives what was measured so far too.
func Conduct(ctx context.Context, e Experiment, runs []attack.Run, hooks attack.Hooks) ([]attack.Run, error) {
	for {
		plan, done := e.Next(runs)
		if done {
			return runs, nil
		}
		more, err := attack.Execute(ctx, plan, hooks)
		runs = append(runs, more...)
		if err != nil {
			return runs, err
		}
	}
}

// FixedDesign runs its plan once. A block in which Trusted rejects a run is
// made up for by another one, up to Spare blocks in all: trust is blind to what
// the block would have shown, so this favours no outcome.
type FixedDesign struct {
	Plan  attack.Plan
	Spare int
	// Trusted gives, for all runs so far, whether one of them can be trusted.
	Trusted func(runs []attack.Run) func(attack.Run) bool
}

var _ Experiment = FixedDesign{}

// Next gives the plan, then as many further blocks as were lost.
func (d FixedDesign) Next(runs []attack.Run) (attack.Plan, bool) {
	if len(runs) == 0 {
		return d.Plan, false
	}
	trusted := d.Trusted(runs)
	blocks := 0
	lost := map[int]bool{}
	for _, r := range runs {
		blocks = max(blocks, r.Block+1)
		if !trusted(r) {
			lost[r.Block] = true
		}
	}
	missing := d.Plan.Blocks - (blocks - len(lost))
	spare := d.Plan.Blocks + d.Spare - blocks
	more := d.Plan
	more.FirstBlock = blocks
	more.Blocks = min(missing, spare)
	return more, more.Blocks <= 0
}
