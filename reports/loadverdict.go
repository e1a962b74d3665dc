package reports

import (
	"fmt"
	"io"

	"github.com/looptest/looptest/analysis"
)

// Verdict writes the outcome in a line, and a line for each budget that was not
// kept.
func (a Attack) Verdict(w io.Writer) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "%s: %s\n", a.Outcome(), a.finding())
		for _, b := range a.Budgets {
			if b.Outcome != analysis.Pass {
				fmt.Fprintf(w, "%s %s\n", budgetMarks[b.Outcome], plainLine(b.Statement))
			}
		}
		return nil
	})
}
