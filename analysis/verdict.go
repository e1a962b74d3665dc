package analysis

import (
	"fmt"
	"slices"
)

// Outcome is what a judge says in the end.
type Outcome string

// The outcomes. Invalid is never a pass.
const (
	Pass         Outcome = "pass"
	Fail         Outcome = "fail"
	Inconclusive Outcome = "inconclusive"
	Invalid      Outcome = "invalid"
)

// Warning is weak evidence as a value: results carry it and reports print it as
// a footnote.
type Warning string

// Finding is a comparison and what follows from it.
type Finding struct {
	Comparison
	Statement string // a sentence with the number in it
	// Threshold is the ratio that the effect had to pass, or with Below to stay
	// under; zero when the finding is only reported.
	Threshold float64
	Below     bool
	Outcome   Outcome // empty when the finding is only reported
	// Incidence is set where the finding counts what is not to happen and compares
	// nothing: see Never.
	Incidence *Incidence
}

// Above holds the comparison against a threshold that its whole interval has to
// pass.
func (c Comparison) Above(threshold float64) Finding {
	return Finding{Comparison: c, Threshold: threshold, Outcome: c.judge(threshold)}
}

// Under holds the comparison against a threshold that its whole interval has to
// stay at or under.
func (c Comparison) Under(threshold float64) Finding {
	f := Finding{Comparison: c, Threshold: threshold, Below: true, Outcome: c.judge(threshold)}
	switch f.Outcome {
	case Pass:
		f.Outcome = Fail
	case Fail:
		f.Outcome = Pass
	}
	return f
}

// Verdict is what a judge made of the runs.
type Verdict struct {
	Outcome  Outcome
	Headline string    // the answer in a line, with its number
	Findings []Finding // the first is the effect that the claim is about
	Warnings []Warning
	Reasons  []string // why it is not a pass, and which blocks were left out
	Blocks   int      // that it stands on
}

// Settle takes the outcome, the worst of them, the warnings and what is open
// from the findings.
func (v *Verdict) Settle() {
	v.Outcome = Pass
	for _, f := range v.Findings {
		v.Outcome = Worst(v.Outcome, f.Outcome)
		for _, w := range f.Warnings {
			if !slices.Contains(v.Warnings, w) {
				v.Warnings = append(v.Warnings, w)
			}
		}
		if f.Outcome == Inconclusive && len(f.Warnings) == 0 {
			v.Reasons = append(v.Reasons, fmt.Sprintf("%s: the interval of %s crosses %s; more blocks would narrow it",
				f.Metric, TimesWithin(f.Effect), Times(f.Threshold)))
		}
	}
}

// Worst combines outcomes: a failure wins, then what could not be judged, then
// what stayed open.
func Worst(outcomes ...Outcome) Outcome {
	for _, o := range []Outcome{Fail, Invalid, Inconclusive} {
		for _, other := range outcomes {
			if other == o {
				return o
			}
		}
	}
	return Pass
}
