package gate

import (
	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Gate runs blocks until a look decides, makes up for lost ones, and goes on to
// the declared extension when the regular plan stays open.
type Gate struct {
	Settings Settings
	// Plan has the two arms, the load and the seed. Its Blocks and FirstBlock are
	// set for each part.
	Plan attack.Plan
}

var _ analysis.Experiment = Gate{}

// Next gives the blocks that are missing for the next look.
func (g Gate) Next(runs []attack.Run) (attack.Plan, bool) {
	m := Measure(g.Settings, runs)
	plan := g.Plan
	plan.FirstBlock = m.Next
	next, more := g.Settings.Design.next(len(m.Blocks))
	plan.Blocks = next.Blocks - len(m.Blocks)
	if !more || len(runs) > 0 && JudgeMeasured(g.Settings, m).Final {
		return plan, true
	}
	return plan, false
}
