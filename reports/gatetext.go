package reports

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// outcomeMarks go before the outcome's word, so that it isn't told by colour alone.
var outcomeMarks = map[analysis.Outcome]string{
	analysis.Pass: "✓", analysis.Fail: "✗", analysis.Inconclusive: "?", analysis.Invalid: "!", gate.Informational: "·",
}

func markedOutcome(o analysis.Outcome) string { return outcomeMarks[o] + " " + string(o) }

// unknown stands where there is no number.
const unknown = "–"

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// sane takes what is too small to be written for nothing.
func sane(v float64) float64 {
	if math.Abs(v) < 1e-12 {
		return 0
	}
	return v
}

// valueWords writes a metric's value with three digits and its unit.
func valueWords(m gate.Metric, v float64) string {
	switch v = sane(v); {
	case !isFinite(v) || math.Abs(v) > 1e15:
		return unknown
	case m.Unit == "ms":
		return minus(inWords(significant(v*milliseconds.ns, 3)))
	case m.Unit == "bytes":
		return analysis.Bytes(v)
	case m.Unit == "share":
		return percentText(v)
	}
	return strings.TrimSpace(digits(v) + " " + plain(m.Unit))
}

// changeWords writes a change with its sign: "+12.3 %", "+0.25 points" of a
// share, and from ten times on as a ratio.
func changeWords(m gate.Metric, change float64) string {
	switch {
	case math.IsNaN(change):
		return unknown
	case math.IsInf(change, 0) || math.Abs(change) > 1e9:
		return strings.TrimSuffix(fmt.Sprintf("%+.0f", math.Inf(int(math.Copysign(1, change)))), "Inf") + "∞"
	case m.Absolute:
		return signed(100*change) + " points"
	case change >= 9:
		return analysis.Times(1 + change)
	case math.Abs(change) < 0.0005:
		return "0.0 %"
	}
	return minus(fmt.Sprintf("%+.1f %%", 100*change))
}

// rangeWords writes the interval of a change: "+15.0 % to +33.2 %".
func rangeWords(row gate.MetricVerdict) string {
	return changeWords(row.Metric, row.Change.Low) + " to " + changeWords(row.Metric, row.Change.High)
}

// deltaWords writes δ.
func deltaWords(m gate.Metric) string {
	unit := " %"
	if m.Absolute {
		unit = " points"
	}
	if !isFinite(m.Delta) || math.Abs(m.Delta) > 1e9 {
		return unknown
	}
	return number(significant(100*sane(m.Delta), 4)) + unit
}

// statement is the metric's change with its interval: "p99 +24.1 % (+15.0 % to
// +33.2 %)".
func statement(row gate.MetricVerdict) string {
	return fmt.Sprintf("%s %s (%s)", plain(row.Name), changeWords(row.Metric, row.Change.Value), rangeWords(row))
}

// metricTitle is how a table and a picture name a metric.
func metricTitle(m gate.Metric) string {
	if m.Title != "" {
		return plain(m.Title)
	}
	return plain(m.Name)
}

// pText writes a p-value.
func pText(p float64) string {
	switch {
	case !isFinite(p):
		return unknown
	case p < 0.0001:
		return "<0.0001"
	}
	return fmt.Sprintf("%.2g", p)
}

// alphaText writes an error rate: "0.2 %".
func alphaText(alpha float64) string { return percentText(max(0, min(alpha, 1))) }

var hyphenMinus = regexp.MustCompile(`(^|[ (±])-([0-9])`)

// realMinus gives the numbers of a sentence their sign.
func realMinus(s string) string { return hyphenMinus.ReplaceAllString(s, "$1−$2") }

// onDifferences takes a change to the scale on which metrics are judged: the
// logarithm of the ratio, or the difference itself.
func onDifferences(m gate.Metric, change float64) float64 {
	if m.Absolute {
		return change
	}
	return math.Log1p(max(change, -1+1e-12))
}

// inDeltas is a change as a multiple of the metric's δ, on the scale on which it
// is judged; NaN when there is none.
func inDeltas(m gate.Metric, change float64) float64 {
	limit := onDifferences(m, m.Delta)
	if !(limit > 0) {
		return math.NaN()
	}
	return onDifferences(m, change) / limit
}

// fromLog gives the change of a logarithm of a ratio.
func fromLog(d float64) float64 { return math.Expm1(d) }
