package gate

import (
	"fmt"

	"github.com/looptest/looptest/analysis"
)

// Informational is the outcome of a metric that is reported and doesn't decide.
const Informational analysis.Outcome = "informational"

// Verdict is what the gate says.
type Verdict struct {
	Outcome  analysis.Outcome
	Headline string // the answer in a line, with its number
	Metrics  []MetricVerdict
	Null     []Null // base against base, in the order of the metrics
	Looks    []LookTaken
	Design   Design
	Family   int // metrics that Holm's correction counted
	Blocks   int // that it stands on
	Lost     []Lost
	Seed     uint64
	Warnings []analysis.Warning
	Reasons  []string // why it is not a pass
	// Partial is set when the blocks ended before a look decided.
	Partial bool
	// Final says that no more blocks would be asked for.
	Final bool
}

// LookTaken is a look and what it said.
type LookTaken struct {
	Look
	Outcome analysis.Outcome
}

// MetricVerdict is what became of a metric.
type MetricVerdict struct {
	Metric
	Base, Head float64 // medians over blocks, in the unit
	// Change is a ratio − 1, or a difference of an absolute metric. Low is the
	// bound of the test that FAIL stands on, at the metric's level in Holm's
	// procedure: it is above 0 exactly when that test rejects (but for ties). High
	// is the bound that PASS stands on, at the look's level. Of a metric that isn't
	// gated both are at the look's level.
	Change   analysis.Estimate
	Outcome  analysis.Outcome
	P        float64 // one-sided, exact: that the head is no worse
	Adjusted float64 // by Holm, over the gated metrics; 1 for the others
	Level    float64 // what Adjusted is held against: the look's α
	Reason   string  // why it is neither pass nor fail, or what it stands on; it doesn't name the metric
	Pairs    []Pair
	// Within is how far two equal arms may seem apart at this look, measured on the
	// base alone (see Null.Within); 0 when it isn't known.
	Within float64
}

// changeText writes a change: "+12.3 %", or "+0.25 points" of a share.
func (m Metric) changeText(change float64) string {
	if m.Absolute {
		return fmt.Sprintf("%+.2g points", 100*change)
	}
	return fmt.Sprintf("%+.1f %%", 100*change)
}

// spanText writes a change without its sign.
func (m Metric) spanText(change float64) string {
	if m.Absolute {
		return fmt.Sprintf("%.2g points", 100*change)
	}
	return fmt.Sprintf("%.3g %%", 100*change)
}

// deltaText writes δ.
func (m Metric) deltaText() string { return m.spanText(m.Delta) }

// Statement is the change with its interval: "p99 +24.1 % (+15.0 % to +33.2 %)".
func (row MetricVerdict) Statement() string { return row.Name + " " + row.Shift() }

// Shift is the change with its interval: "+24.1 % (+15.0 % to +33.2 %)".
func (row MetricVerdict) Shift() string {
	return fmt.Sprintf("%s (%s to %s)", row.changeText(row.Change.Value), row.changeText(row.Change.Low), row.changeText(row.Change.High))
}

// settle takes the outcome from the metrics: a regression wins, then what makes
// the comparison weak. When no time held (nor a metric that was asked for),
// nothing passes, and when the arms can't be compared, nothing fails either.
func (v *Verdict) settle(f flaws) {
	v.Reasons = append(f.worthless, f.weak...)
	v.Outcome = analysis.Pass
	held := false
	for i := range v.Metrics {
		m := &v.Metrics[i]
		if len(f.worthless) > 0 && m.Outcome != Informational {
			m.Outcome, m.Reason = analysis.Invalid, "the arms can't be compared"
		}
		if m.Outcome == Informational {
			continue
		}
		v.Outcome = analysis.Worst(v.Outcome, m.Outcome)
		held = held || m.Outcome == analysis.Pass && (m.isTime() || m.Asked)
	}
	if len(v.Reasons) > 0 {
		v.Outcome = analysis.Worst(v.Outcome, analysis.Invalid)
	}
	if v.Outcome == analysis.Pass && !held {
		v.Outcome = analysis.Inconclusive
		v.Reasons = append(v.Reasons, "no response or service time could be judged, and nothing passes on no data")
	}
}

// speak writes the headline, and the reasons and warnings that the metrics give.
func (v *Verdict) speak() {
	var worst *MetricVerdict
	for i := range v.Metrics {
		m := &v.Metrics[i]
		switch {
		case m.Outcome == Informational && m.Gated:
			v.Warnings = append(v.Warnings, analysis.Warning(fmt.Sprintf("%s doesn't decide: %s", m.Name, m.Reason)))
		case m.Outcome != analysis.Pass && m.Outcome != Informational:
			v.Reasons = append(v.Reasons, fmt.Sprintf("%s: %s", m.Name, m.Reason))
		}
		if m.Outcome == v.Outcome && m.Gated && (worst == nil || m.weight() > worst.weight()) {
			worst = m
		}
	}
	for _, n := range v.Null {
		if n.Reason != "" && !n.Failed {
			v.Warnings = append(v.Warnings, analysis.Warning(fmt.Sprintf("%s: %s", n.Metric, n.Reason)))
		}
	}
	v.Headline = v.headline(worst)
}

// excess is how large the change is, in δ.
func (row MetricVerdict) excess() float64 { return row.difference(row.Change.Value) / row.limit() }

// weight is how much a metric has to do with its outcome: how large the change
// is, or while it is open how large it may still be, in δ.
func (row MetricVerdict) weight() float64 {
	if row.Outcome == analysis.Inconclusive {
		return row.difference(row.Change.High) / row.limit()
	}
	return row.excess()
}

func (v *Verdict) headline(worst *MetricVerdict) string {
	switch {
	case v.Outcome == analysis.Fail && worst != nil:
		return fmt.Sprintf("regression: %s, δ %s", worst.Statement(), worst.deltaText())
	case v.Outcome == analysis.Pass && worst != nil:
		return fmt.Sprintf("no regression: every metric that decides is below its δ after %s; most changed: %s", count(v.Blocks, "block"), worst.Statement())
	case v.Outcome == analysis.Inconclusive && worst != nil:
		return fmt.Sprintf("not decided after %s: %s, δ %s", count(v.Blocks, "block"), worst.Statement(), worst.deltaText())
	case len(v.Reasons) > 0:
		return fmt.Sprintf("%s: %s", v.Outcome, v.Reasons[0])
	}
	return string(v.Outcome)
}
