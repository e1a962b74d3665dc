package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// wholeCase is the test case of the comparison as a whole: it says so when the
// gate was invalid, or stayed open, for a reason that is none of a metric.
const wholeCase = "the comparison itself"

// JUnit writes a test case for each metric, after one for the comparison itself:
// a failure is a regression, an error is what could not be judged, and skipped is
// what stayed open or is only reported. The change with its interval is in the
// case's properties.
func (g Gate) JUnit(w io.Writer) error { return g.junit().write(w) }

func (g Gate) junit() junitSuite {
	s := junitSuite{
		Name: "looptest gate", Timestamp: rfc3339(g.Began), Properties: g.junitProperties(),
		junitCounts: junitCounts{Time: fmt.Sprintf("%.3f", g.Took.Seconds())},
		Output:      strings.Join(append(g.notes(), g.lostTexts()...), "\n"),
	}
	add := func(c junitCase, o analysis.Outcome, text string) {
		c.Class = "looptest.gate"
		reason := text
		if o == analysis.Inconclusive || o == gate.Informational { // both are skipped
			reason = string(o) + ": " + text
		}
		s.add(c, o, reason, text)
	}
	add(junitCase{Name: wholeCase}, g.conduct(), strings.Join(append([]string{g.finding()}, g.reasons()...), "; "))
	for _, row := range g.rows() {
		add(junitCase{Name: row.Name, Properties: &junitProperties{metricProperties(row)}}, row.Outcome, metricReason(row))
	}
	return s
}

// conduct is the outcome of the comparison but for what it has from a metric,
// which has a test case of its own.
func (g Gate) conduct() analysis.Outcome {
	o := g.Outcome()
	of := func(row gate.MetricVerdict) bool { return row.Outcome == o }
	switch {
	case !slices.ContainsFunc(g.Verdict.Metrics, of):
		return o
	case g.Error != "" && !g.Partial:
		return analysis.Invalid
	case g.partial():
		return analysis.Inconclusive
	}
	return analysis.Pass
}

// metricReason is the metric's change, and what is said of it.
func metricReason(row gate.MetricVerdict) string {
	reason := realMinus(plainLine(row.Reason))
	if len(row.Pairs) == 0 || strings.Contains(reason, realMinus(row.Shift())) {
		return reason
	}
	return strings.Join(nonEmpty([]string{statement(row), reason}), "; ")
}

func metricProperties(row gate.MetricVerdict) []junitProperty {
	properties := []junitProperty{{"outcome", string(row.Outcome)}, {"gated", fmt.Sprint(row.Gated)}, {"delta", finiteText(row.Delta)}}
	if len(row.Pairs) == 0 {
		return properties
	}
	return append(properties,
		junitProperty{"unit", row.Unit}, junitProperty{"base", finiteText(row.Base)}, junitProperty{"head", finiteText(row.Head)},
		junitProperty{"change", finiteText(row.Change.Value)}, junitProperty{"change_low", finiteText(row.Change.Low)},
		junitProperty{"change_high", finiteText(row.Change.High)},
		junitProperty{"p", finiteText(row.P)}, junitProperty{"p_adjusted", finiteText(row.Adjusted)})
}

// finiteText is empty for what is no number.
func finiteText(v float64) string {
	if !isFinite(v) {
		return ""
	}
	return fmt.Sprintf("%.6g", v)
}

func (g Gate) junitProperties() []junitProperty {
	return []junitProperty{
		{"looptest", g.Version}, {"title", g.Title}, {"outcome", string(g.Outcome())}, {"base", g.BaseName}, {"head", g.HeadName},
		{"machine", g.machine()}, {"target", g.Environment.Target}, {"blocks", fmt.Sprint(g.Verdict.Blocks)},
		{"seed", fmt.Sprintf("%x", g.Verdict.Seed)}, {"rate_rps", finiteText(g.Rate)},
	}
}
