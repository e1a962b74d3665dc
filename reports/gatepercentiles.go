package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
)

// gatePercentiles draws the response times of both arms, all requests of the
// blocks that the verdict stands on, with what the blocks vary.
func gatePercentiles(g Gate) (figure, error) {
	blocks := g.trusted()
	if len(blocks) == 0 {
		return figure{}, fmt.Errorf("%w: there is no run of a block that was judged", ErrNothingToDraw)
	}
	base := make([]attack.Run, len(blocks))
	head := make([]attack.Run, len(blocks))
	for i, b := range blocks {
		base[i], head[i] = b.base, b.head
	}
	var ts tailSet
	for i, a := range []arm{{name: "base", look: attack.LookBase, runs: base}, {name: "head", look: attack.LookHead, runs: head}} {
		t, ok := gateTail(i, a)
		if !ok {
			return figure{}, fmt.Errorf("%w: no request of the %s was answered", ErrNothingToDraw, a.name)
		}
		ts = append(ts, t)
	}
	note := "curves: all requests together; in the title: medians over blocks"
	return figure{
		title: g.tailTitle(), least: ts.least(), body: ts.draw,
		foot: strings.Join(nonEmpty([]string{note, ts.note()}), between),
	}, nil
}

// gateTail is the curve of all streams of an arm, for it is all of them that a
// gate judges.
func gateTail(i int, a arm) (tail, bool) {
	var samples []attack.Sample
	var each [][]time.Duration
	unsent := 0
	for _, r := range a.runs {
		samples = append(samples, r.Samples...)
		if sorted := responses(r.Samples); len(sorted) > 0 {
			each = append(each, sorted)
		}
		for _, s := range r.Streams {
			unsent += s.Unsent
		}
	}
	sorted := responses(samples)
	if len(sorted) == 0 {
		return tail{}, false
	}
	return tail{
		name: a.name, numbers: inNumbers(samples, unsent), line: armLine(i, a.look), mark: armMarker(i, a.look),
		ink: lookColour(a.look), n: len(sorted), least: sorted[0],
		at:    func(tail float64) time.Duration { return atTail(sorted, tail) },
		curve: curve(sorted), band: band(each),
	}, true
}

// tailTitle tells the changes of the response times, the one that the outcome is
// about first.
func (g Gate) tailTitle() string {
	if g.Outcome() == analysis.Invalid {
		return "invalid: " + g.finding()
	}
	times := slices.DeleteFunc(g.measuredRows(), func(row gate.MetricVerdict) bool { return !isResponse(row) || !decides(row) && !g.open(row) })
	lead, ok := g.lead(times)
	if !ok {
		return g.answer() + ": " + g.reason()
	}
	phrases := []string{tailChange(lead)}
	for _, row := range times {
		if row.Name != lead.Name && len(phrases) < 3 {
			phrases = append(phrases, tailChange(row))
		}
	}
	return g.timesAnswer(times) + ": response " + strings.Join(phrases, ", ")
}

// timesAnswer is the answer for response times, which others may have decided.
func (g Gate) timesAnswer(times []gate.MetricVerdict) string {
	decided := slices.ContainsFunc(times, g.about)
	if g.Outcome() == analysis.Pass || decided {
		return g.answer()
	}
	return g.answer() + ", but not by the response time"
}

func tailChange(row gate.MetricVerdict) string {
	return fmt.Sprintf("%s %s → %s (%s)", plain(row.Name), valueWords(row.Metric, row.Base), valueWords(row.Metric, row.Head), changeWords(row.Metric, row.Change.Value))
}

// isResponse reports whether the metric is a quantile of the response time.
func isResponse(row gate.MetricVerdict) bool {
	quantity, statistic := scenario.SplitMetric(row.Name)
	_, ok := scenario.Quantile(statistic)
	return ok && quantity == scenario.Response
}
