package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack/scenario"
)

// budgetMarks go before the outcome's word, so that it isn't told by colour alone.
var budgetMarks = map[analysis.Outcome]string{
	analysis.Pass: "✓", analysis.Fail: "✗", analysis.Inconclusive: "?", analysis.Invalid: "!",
}

// budgetGrid has a row for each budget: what came of it, its bound and what was
// measured.
func (a Attack) budgetGrid() grid {
	g := grid{header: []string{"", "budget", "of", "measured"}, names: 4}
	for _, r := range a.Budgets {
		g.rows = append(g.rows, []string{
			budgetMarks[r.Outcome] + " " + string(r.Outcome), r.Budget.String(), plain(budgetPart(r.Budget)), measuredText(r),
		})
	}
	return g
}

func (a Attack) budgetTable(w io.Writer, s Style) error {
	if len(a.Budgets) == 0 {
		return nil
	}
	var text strings.Builder
	if err := a.budgetGrid().write(&text, Style{}); err != nil {
		return err
	}
	for i, line := range strings.Split(strings.TrimRight(text.String(), "\n"), "\n") {
		if i > 0 { // below the header
			r := a.Budgets[i-1]
			word := budgetMarks[r.Outcome] + " " + string(r.Outcome)
			line = strings.Replace(line, word, s.judged(r.Outcome, word), 1)
		}
		fmt.Fprintf(w, " %s\n", strings.TrimRight(line, " "))
	}
	return nil
}

// budgetPart is what part of the load a budget is about.
func budgetPart(b scenario.Budget) string {
	switch {
	case b.Stream == "" && b.Phase == "":
		return "the whole load"
	case b.Phase == "":
		return b.Stream
	case b.Stream == "":
		return "phase " + b.Phase
	}
	return b.Stream + " in " + b.Phase
}

// measuredText is what was measured, or why it isn't known. Why the generator
// can't be trusted is said elsewhere.
func measuredText(r analysis.BudgetResult) string {
	if r.Outcome == analysis.Invalid {
		return "not judged"
	}
	if r.Known {
		return boundText(r.Budget.Metric, asPrecise(r.Measured, r.Budget.Value))
	}
	if r.Outcome == analysis.Invalid {
		return "not judged: the run can't be trusted"
	}
	_, why, found := strings.Cut(r.Statement, ": ")
	if !found {
		why = r.Statement
	}
	return plainLine(why)
}

// budgetUnit is the unit of a budget's bound and of what was measured, for
// programs.
func budgetUnit(metric string) string {
	switch metric {
	case scenario.ErrorRate:
		return "share"
	case scenario.Throughput:
		return "rps"
	}
	return "ms"
}

// asPrecise rounds a value to three digits, or to as many as it takes to stay on
// the same side of the bound.
func asPrecise(v, bound float64) float64 {
	for digits := 3; digits < 12; digits++ {
		if rounded := significant(v, digits); (rounded > bound) == (v > bound) && (rounded < bound) == (v < bound) {
			return rounded
		}
	}
	return v
}

// boundText writes a metric's value as exactly as it is given.
func boundText(metric string, value float64) string {
	switch metric {
	case scenario.ErrorRate:
		return number(100*value) + " %"
	case scenario.Throughput:
		return number(value) + "/s"
	}
	return inWords(value * milliseconds.ns)
}
