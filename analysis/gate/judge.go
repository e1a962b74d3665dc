package gate

import (
	"cmp"
	"fmt"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Settings are what a gate judges by.
type Settings struct {
	Metrics []Metric
	Design  Design
	Spare   int    // blocks that may be lost and made up for
	Seed    uint64 // of the plan; kept with the verdict
	// Base and Head are the names of the arms; "base" and "head" when empty.
	Base, Head string
	// DifferentAnswers allows the arms to answer with other codes and other sizes.
	DifferentAnswers bool
}

// Default gives the settings of a gate when nothing is said.
func Default() Settings {
	metrics := Metrics()
	return Settings{Metrics: metrics, Design: DefaultDesign(gated(metrics)), Spare: SpareFor(DefaultBlocks)}
}

// SpareFor is how many lost blocks are made up for: one in ten, and two at least.
func SpareFor(blocks int) int { return max(2, blocks/10) }

// Gated counts the metrics that decide, for a design.
func (s Settings) Gated() int { return gated(s.Metrics) }

func (s Settings) base() string { return cmp.Or(s.Base, "base") }
func (s Settings) head() string { return cmp.Or(s.Head, "head") }

// Check refuses settings under which the gate could not fail. requests is how
// many an arm gets in a block, or 0 when that isn't known.
func (s Settings) Check(requests int) error {
	for _, m := range s.Metrics {
		if m.Gated && m.Asked && requests > 0 && requests < m.Needs {
			return fmt.Errorf("%s needs at least %d requests per arm and block, and there are %d: raise --rate, or lengthen the slices", m.Name, m.Needs, requests)
		}
	}
	return s.Design.Check(s.Gated())
}

// Judge gives the verdict of the runs so far: that of the first look that
// decides. Blocks after it don't count, however many there are.
func Judge(s Settings, runs []attack.Run) Verdict { return JudgeMeasured(s, Measure(s, runs)) }

// JudgeMeasured is Judge for runs that were boiled down before.
func JudgeMeasured(s Settings, m Measured) Verdict {
	var v Verdict
	var taken []LookTaken
	for _, l := range s.Design.Looks {
		if l.Blocks > len(m.Blocks) {
			break
		}
		blocks := m.Blocks[:l.Blocks]
		v = s.at(l, blocks)
		v.settle(s.flaws(blocks))
		taken = append(taken, LookTaken{l, v.Outcome})
		if v.Final = v.Outcome != analysis.Inconclusive; v.Final {
			break
		}
	}
	if len(taken) == 0 {
		v = s.provisional(m.Blocks)
	}
	v.Looks, v.Lost = taken, m.Lost
	v.Warnings = append(v.Warnings, m.Warnings...)
	s.close(&v, m)
	v.speak()
	return v
}

// provisional describes the metrics before the first look, and decides nothing.
func (s Settings) provisional(blocks []Block) Verdict {
	l := Look{Alpha: s.Design.Alpha}
	v := s.at(l, blocks)
	for i := range v.Metrics {
		m := &v.Metrics[i]
		if m.Gated {
			m.Outcome = analysis.Inconclusive
			m.Reason = "there are too few blocks to look at it"
		}
	}
	v.Outcome = analysis.Inconclusive
	return v
}

// close says what it means that no look decided.
func (s Settings) close(v *Verdict, m Measured) {
	for i, lost := range m.Lost {
		if i == 3 {
			v.Warnings = append(v.Warnings, analysis.Warning(fmt.Sprintf("and %d more lost blocks", len(m.Lost)-i)))
			break
		}
		v.Warnings = append(v.Warnings, analysis.Warning(lost.String()))
	}
	next, more := s.Design.next(len(m.Blocks))
	switch {
	case v.Final:
	case len(m.Blocks) == 0:
		v.Outcome = analysis.Invalid
		v.Final = len(m.Lost) > s.Spare
		v.Reasons = append(v.Reasons, "no block can be judged"+firstLost(m.Lost))
	case !more:
		v.Final = true
	case len(m.Lost) > s.Spare:
		v.Final = true
		v.Outcome = analysis.Invalid
		v.Reasons = append(v.Reasons, fmt.Sprintf("%s were lost and only %d are made up for%s", count(len(m.Lost), "block"), s.Spare, firstLost(m.Lost)))
	default:
		v.Partial = true
		v.Reasons = append(v.Reasons, fmt.Sprintf("it ended after %s, before the look after %d", count(len(m.Blocks), "block"), next.Blocks))
	}
}

// String says which block was lost and why.
func (l Lost) String() string {
	if l.Arm == "" {
		return fmt.Sprintf("block %d left out: %s", l.Number+1, l.Reason)
	}
	return fmt.Sprintf("block %d left out, %s: %s", l.Number+1, l.Arm, l.Reason)
}

func firstLost(lost []Lost) string {
	if len(lost) == 0 {
		return ""
	}
	return ": " + lost[0].String()
}
