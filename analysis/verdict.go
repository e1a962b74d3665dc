package analysis

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
	// Threshold is the ratio that the effect had to pass; zero when the finding
	// is only reported.
	Threshold float64
	Outcome   Outcome
}

// Verdict is what a judge made of the runs.
type Verdict struct {
	Outcome  Outcome
	Headline string    // the answer in a line, with its number
	Findings []Finding // the first is the effect that the claim is about
	Warnings []Warning
	Reasons  []string // why the outcome is invalid or inconclusive
	Blocks   int      // that it stands on
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
