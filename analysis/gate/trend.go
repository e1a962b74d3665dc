package gate

import (
	"fmt"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Trend sets the head's runs beside base runs of another time. It judges nothing:
// what changed on the machine in between changed for one arm alone, and nothing
// within either tells by how much. The n-th run of one stands beside the n-th of
// the other, so the intervals cover what varied from block to block, and no more.
func Trend(s Settings, base, head []attack.Run) Verdict {
	var runs []attack.Run
	for i := range min(len(base), len(head)) {
		b, h := base[i], head[i]
		b.Arm, b.Block, h.Arm, h.Block = s.base(), i, s.head(), i
		runs = append(runs, b, h)
	}
	m := Measure(s, runs)
	s.Design.Looks = nil
	v := s.provisional(m.Blocks)
	v.Lost, v.Warnings, v.Final = m.Lost, m.Warnings, true
	if len(m.Blocks) == 0 {
		v.Outcome = analysis.Invalid
		v.Headline = "no block can be set beside another" + firstLost(m.Lost)
		v.Reasons = []string{v.Headline}
		return v
	}
	most := v.Metrics[0]
	for i := range v.Metrics {
		row := &v.Metrics[i]
		row.Outcome, row.Reason = Informational, "it was measured at another time: a trend"
		if row.Gated && len(row.Pairs) > 0 && row.excess() > most.excess() {
			most = *row
		}
	}
	v.Headline = "a trend only: the base was measured at another time, so that nothing is judged"
	if len(most.Pairs) > 0 {
		v.Headline += fmt.Sprintf("; most changed: %s", most.Statement())
	}
	return v
}
