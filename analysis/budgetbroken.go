package analysis

import (
	"fmt"
	"math"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
)

// judgedSoFar is how long a run has to have lasted before a budget can end it
// that is only known so far.
const judgedSoFar = 5 * time.Second

// Broken reports whether a budget is lost already, and why. It is lost when
// nothing that may still come can mend it: when more requests have been too slow
// than the quantile leaves room for among all that the schedule asks for, when
// more have failed than the rate allows of all of them, when throughput would
// stay below its bound if all that is left succeeded. So an aborted run never
// hides a pass, and a passing run is never aborted.
//
// Where the total isn't known (a schedule without one, the target's lag), the
// budget is lost when Judge's rules fail what came so far, after 5 s.
func Broken(b scenario.Budget, t *Tally) (why string, broken bool) {
	row, found := t.part(b.Stream, b.Phase)
	if !found {
		return "", false
	}
	m := meter{budget: b, row: row, lag: t.lagOf(b.Phase)}
	planned, span := t.planned(b.Stream, b.Phase)
	switch {
	case m.isLag() || planned == 0:
		return m.brokenSoFar(t.latest)
	case b.Metric == scenario.ErrorRate && upper(b):
		rate := float64(row.Sent-row.Good) / float64(planned)
		return lostBy(b, rate, "%d of %d requests have failed", row.Sent-row.Good, planned)
	case b.Metric == scenario.Throughput && !upper(b):
		most := row.Good + planned - row.Sent
		return lostBy(b, rate(most, span), "%d of %d requests can still succeed", most, planned)
	case b.Metric != scenario.ErrorRate && b.Metric != scenario.Throughput && upper(b):
		return m.brokenTime(planned)
	}
	return "", false
}

// Lost is the result of a budget that ended its run: what was measured until
// then may look better than the whole would have, so it stays broken. A result
// that is invalid stays so.
func (r BudgetResult) Lost(why string) BudgetResult {
	if r.Outcome != Invalid {
		r.Outcome, r.Statement = Fail, why
	}
	return r
}

// lostBy says so when even the best that can come does not hold.
func lostBy(b scenario.Budget, best float64, format string, args ...any) (string, bool) {
	if holds(b, best) {
		return "", false
	}
	return fmt.Sprintf("%s%s can't be held any more: %s", b, partOf(b), fmt.Sprintf(format, args...)), true
}

// brokenSoFar judges what came until now.
func (m meter) brokenSoFar(now time.Duration) (string, bool) {
	r := m.read()
	_, statistic := scenario.SplitMetric(m.budget.Metric)
	final := m.isLag() && statistic == "max" && upper(m.budget) // a maximum never falls
	if now < judgedSoFar && !final || !r.known && !r.lost || r.known && holds(m.budget, r.value) {
		return "", false
	}
	return r.statement(m.budget, Fail) + " so far", true
}

// brokenTime looks at the requests that the quantile would have to leave above
// it if all that were planned came, less the first of them.
func (m meter) brokenTime(planned int) (string, bool) {
	h, unanswered := m.times()
	_, statistic := scenario.SplitMetric(m.budget.Metric)
	q, isQuantile := scenario.Quantile(statistic)
	switch {
	case statistic == "mean":
		least := milliseconds(h.Mean()) * float64(h.N()) / float64(planned)
		return lostBy(m.budget, least, "the answers so far took %s on average", Human(h.Mean()))
	case !isQuantile:
		q = 1
	case h.N()+unanswered < quantileNeeds(q):
		return "", false // Judge would not settle it either
	}
	rank := max(1, int(math.Ceil(q*float64(planned)-1e-9)))
	worst := planned - rank + 1 - unanswered // of the answered ones: the quantile is at least the worst-th longest
	switch {
	case worst <= 0:
		return lostBy(m.budget, math.Inf(1), "%d of %d requests had no answer", unanswered, planned)
	case h.N() < worst:
		return "", false
	}
	least := h.atRank(h.N() - worst + 1)
	return lostBy(m.budget, milliseconds(least), "%d of %d requests took %s or longer", worst, planned, Human(least))
}

// part is the row of a stream in a phase, each empty for all, as it is so far.
func (t *Tally) part(stream, phase string) (LoadRow, bool) {
	streams, p, found := t.find(stream, phase)
	if !found {
		return LoadRow{}, false
	}
	b := rowBuilder{tally: t, limits: t.limits(nil)}
	for _, limit := range b.limits {
		b.span = max(b.span, limit)
	}
	return b.row(streams, p), true
}

// find gives the streams and the phase (−1 for all) of those names.
func (t *Tally) find(stream, phase string) (streams []int, index int, found bool) {
	for i, s := range t.layout.Streams {
		if stream == "" || s.Name == stream {
			streams = append(streams, i)
		}
	}
	if phase == "" {
		return streams, -1, len(streams) > 0
	}
	for i, p := range t.layout.Phases {
		if p.Name == phase {
			return streams, i, len(streams) > 0
		}
	}
	return nil, 0, false
}

func (t *Tally) lagOf(phase string) Histogram {
	_, index, found := t.find("", phase)
	if !found {
		return Histogram{}
	}
	return t.lags[1+index]
}

// planned is how many requests the schedules ask for in that part, and how long
// it lasts; 0 when a schedule isn't known.
func (t *Tally) planned(stream, phase string) (requests int, span time.Duration) {
	streams, index, _ := t.find(stream, phase)
	for _, i := range streams {
		schedule := t.layout.Streams[i].Schedule
		if schedule == nil {
			return 0, 0
		}
		span = max(span, schedule.Span())
		from, to := 0, schedule.Count()
		if index >= 0 {
			span = t.layout.Phases[index].Lasts
			if index > 0 {
				from = attack.DueBefore(schedule, t.layout.Phases[index].Begins)
			}
			if index+1 < len(t.layout.Phases) {
				to = attack.DueBefore(schedule, t.layout.Phases[index+1].Begins)
			}
		}
		requests += to - from
	}
	return requests, span
}
