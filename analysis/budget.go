package analysis

import (
	"fmt"
	"math"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
)

// BudgetResult is what became of a budget.
type BudgetResult struct {
	Budget   scenario.Budget
	Outcome  Outcome
	Measured float64 // in the unit of Budget.Value
	Known    bool    // Measured means something
	// Statement is a sentence with the number, and the reason when it is neither
	// pass nor fail.
	Statement string
}

// Judge holds a load against a budget. The rules:
//
//   - A run whose generator can't be trusted is invalid, and never passes.
//   - A quantile needs at least 1/(1−q) requests (100 for p99, 1,000 for p99.9):
//     from fewer it would be the maximum under another name. It is inconclusive.
//   - An upper bound on the response or service time counts a request without an
//     answer as slower than any bound, since nobody got anything in that time: a
//     target that answers 1 % quickly and refuses the rest does not keep
//     "p99 < 50ms". Requests that looptest itself gave up when it was interrupted
//     don't count. The mean is of the answers and timeouts alone.
//   - What can't be seen is inconclusive: the lag of a target that doesn't show
//     it, a part of the load in which nothing was sent.
func Judge(b scenario.Budget, l Load) BudgetResult {
	r := BudgetResult{Budget: b, Outcome: Inconclusive}
	row, found := l.Row(b.Stream, b.Phase)
	if !found {
		r.Statement = fmt.Sprintf("%s: there is no such part of the load%s", b, partOf(b))
		return r
	}
	m := meter{budget: b, row: row, lag: l.heartbeats(b.Phase)}.read()
	r.Measured, r.Known = m.value, m.known
	switch {
	case len(l.Health.Invalid) > 0:
		r.Outcome = Invalid
		r.Statement = fmt.Sprintf("%s%s: not judged, %s", b, partOf(b), l.Health.Invalid[0])
		return r
	case m.lost:
		r.Outcome = Fail
	case !m.known:
		r.Statement = fmt.Sprintf("%s%s: not judged, %s", b, partOf(b), m.why)
		return r
	case holds(b, m.value):
		r.Outcome = Pass
	default:
		r.Outcome = Fail
	}
	r.Statement = m.statement(b, r.Outcome)
	return r
}

// JudgeAll judges each budget.
func JudgeAll(budgets []scenario.Budget, l Load) []BudgetResult {
	results := make([]BudgetResult, len(budgets))
	for i, b := range budgets {
		results[i] = Judge(b, l)
	}
	return results
}

// heartbeats are the lags of a phase, or of all when its name is empty.
func (l Load) heartbeats(phase string) Histogram {
	for i, p := range l.Layout.Phases {
		if p.Name == phase && 1+i < len(l.Heartbeats) {
			return l.Heartbeats[1+i]
		}
	}
	if phase == "" && len(l.Heartbeats) > 0 {
		return l.Heartbeats[0]
	}
	return Histogram{}
}

func partOf(b scenario.Budget) string {
	part := ""
	if b.Stream != "" {
		part += " of " + b.Stream
	}
	if b.Phase != "" {
		part += " in " + b.Phase
	}
	return part
}

func holds(b scenario.Budget, value float64) bool {
	switch b.Op {
	case "<":
		return value < b.Value
	case "<=":
		return value <= b.Value
	case ">":
		return value > b.Value
	}
	return value >= b.Value
}

// upper reports whether the budget bounds its metric from above.
func upper(b scenario.Budget) bool { return b.Op == "<" || b.Op == "<=" }

// meter reads a budget's metric off a row.
type meter struct {
	budget scenario.Budget
	row    LoadRow
	lag    Histogram
}

// reading is what a meter shows.
type reading struct {
	value float64
	known bool
	lost  bool   // no value: so many requests had no answer that no bound is kept
	why   string // it isn't known, or is lost
}

func (m meter) read() reading {
	switch {
	case m.isLag():
		return m.readTime()
	case m.row.Sent == 0:
		return reading{why: "nothing was sent there"}
	case m.budget.Metric == scenario.ErrorRate:
		return reading{value: m.row.ErrorRate(), known: true}
	case m.budget.Metric == scenario.Throughput:
		return reading{value: m.row.AchievedRate, known: true}
	}
	return m.readTime()
}

func (m meter) isLag() bool {
	quantity, _ := scenario.SplitMetric(m.budget.Metric)
	return quantity == scenario.Lag
}

// times gives the histogram that the metric is about, and how many more requests
// were slower than all of it because they had no answer.
func (m meter) times() (h Histogram, unanswered int) {
	quantity, _ := scenario.SplitMetric(m.budget.Metric)
	switch quantity {
	case scenario.Lag:
		return m.lag, 0
	case scenario.SendLag:
		return m.row.SendLag, 0
	case scenario.Service:
		h = m.row.Service
	default:
		h = m.row.Response
	}
	if upper(m.budget) {
		unanswered = m.row.Sent - m.row.Response.N() - m.row.Errors[attack.ErrCanceled]
	}
	return h, unanswered
}

func (m meter) readTime() reading {
	h, unanswered := m.times()
	_, statistic := scenario.SplitMetric(m.budget.Metric)
	n := h.N() + unanswered
	q, isQuantile := scenario.Quantile(statistic)
	need := 1
	if isQuantile {
		need = quantileNeeds(q)
	} else {
		q = 1
	}
	switch {
	case n == 0 && m.isLag():
		return reading{why: "the target doesn't show its lag"}
	case n == 0 || statistic == "mean" && h.N() == 0:
		return reading{why: "there are no answers"}
	case n < need:
		return reading{why: fmt.Sprintf("%s needs at least %d, and there were %d", statistic, need, n)}
	case statistic == "mean":
		return reading{value: milliseconds(h.Mean()), known: true}
	}
	rank := max(1, int(math.Ceil(q*float64(n)-1e-9)))
	if rank > h.N() {
		return reading{lost: true, why: fmt.Sprintf("%d of %d requests had no answer at all", unanswered, n)}
	}
	return reading{value: milliseconds(h.atRank(rank)), known: true}
}

// quantileNeeds is how many values there must be for the q-quantile not to be
// their maximum.
func quantileNeeds(q float64) int { return int(math.Ceil(1/(1-q) - 1e-6)) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// statement says how it came out.
func (m reading) statement(b scenario.Budget, outcome Outcome) string {
	how := "broken"
	if outcome == Pass {
		how = "held"
	}
	if m.lost {
		return fmt.Sprintf("%s%s: %s, %s", b, partOf(b), how, m.why)
	}
	return fmt.Sprintf("%s%s: %s, it was %s", b, partOf(b), how, metricText(b.Metric, m.value))
}

// metricText writes a metric's value with its unit.
func metricText(metric string, value float64) string {
	switch metric {
	case scenario.ErrorRate:
		return fmt.Sprintf("%.3g %%", 100*value)
	case scenario.Throughput:
		return fmt.Sprintf("%.1f/s", value)
	}
	return Human(time.Duration(value * float64(time.Millisecond)))
}
