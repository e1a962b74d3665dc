package gate

import (
	"fmt"
	"math"

	"github.com/looptest/looptest/analysis"
)

// at judges every metric from the blocks of one look.
func (s Settings) at(l Look, blocks []Block) Verdict {
	v := Verdict{Design: s.Design, Seed: s.Seed, Blocks: len(blocks)}
	nulls := nulls(s.Metrics, blocks, l.Alpha)
	var family []int // indices into v.Metrics
	var ps []float64
	for _, m := range s.Metrics {
		shown := collect(m, blocks)
		row, decides := s.row(shown, l, nulls)
		if decides {
			family = append(family, len(v.Metrics))
			ps = append(ps, row.P)
		}
		v.Metrics = append(v.Metrics, row)
		if n, ok := nulls[m.Name]; ok {
			v.Null = append(v.Null, n)
		}
	}
	v.Family = len(family)
	adjusted, levels := holm(ps, l.Alpha)
	for i, at := range family {
		row := &v.Metrics[at]
		row.Adjusted = adjusted[i]
		row.Change = row.estimate(levels[i]*l.Alpha, l.Alpha)
		row.decide(l, nulls[row.Name], s.Design)
	}
	return v
}

// row fills in what doesn't depend on the other metrics, and says whether the
// metric decides. What a plan can't show never decides, so that the family
// doesn't depend on how it came out.
func (s Settings) row(shown series, l Look, nulls map[string]Null) (row MetricVerdict, decides bool) {
	m := shown.metric
	row = MetricVerdict{
		Metric: m, Pairs: shown.pairs, Outcome: Informational, P: 1, Adjusted: 1, Level: l.Alpha,
		Base: typical(shown.pairs, func(p Pair) float64 { return p.Base }),
		Head: typical(shown.pairs, func(p Pair) float64 { return p.Head }),
	}
	if len(shown.pairs) > 0 {
		row.P = analysis.SignedRankGreater(shown.d)
	}
	if n, ok := nulls[m.Name]; ok {
		row.Within = n.Within
	} else {
		row.Within = neighbours(m, shown.pairs, l.Alpha)
	}
	if decides = row.fits(shown); !decides && len(shown.pairs) > 0 {
		row.Change = row.estimate(l.Alpha, l.Alpha)
	}
	if m.Gated && m.Asked {
		row.Outcome = analysis.Inconclusive
	}
	return row, decides
}

// fits says whether the metric decides, and if not why.
func (row *MetricVerdict) fits(shown series) bool {
	switch m := shown.metric; {
	case shown.unseen > 0:
		row.Reason = "the target doesn't show it"
		if len(shown.pairs) > 0 {
			row.Reason = fmt.Sprintf("it can't be seen in %s", count(shown.unseen, "block"))
		}
	case shown.fewest < m.Needs:
		row.Reason = fmt.Sprintf("it needs %d requests per arm and block, and one had %d", m.Needs, shown.fewest)
	case !m.Gated:
		row.Reason = "it is only reported"
	default:
		return true
	}
	return false
}

// estimate is the change with its two one-sided bounds. Unexpected answers come
// in bursts, so of an absolute metric the change is the mean, and the bounds are
// widened to hold it.
func (row MetricVerdict) estimate(below, above float64) analysis.Estimate {
	d := make([]float64, len(row.Pairs))
	mean := 0.0
	for i, p := range row.Pairs {
		d[i] = row.Difference(p.Base, p.Head)
		mean += d[i] / float64(len(d))
	}
	e := analysis.HodgesLehmannBounds(d, below, above)
	if row.Absolute {
		e.Value, e.Low, e.High = mean, min(e.Low, mean), max(e.High, mean)
	}
	return row.changes(e)
}

// decide gives the outcome of a metric of the family.
func (row *MetricVerdict) decide(l Look, null Null, d Design) {
	effect := row.difference(row.Change.Value)
	worse := row.Adjusted <= l.Alpha
	large := effect >= l.clear(row.Metric) || row.Name == ErrorRate && effect > 0
	below := row.difference(row.Change.High) < row.limit() && math.Ldexp(1, -len(row.Pairs)) <= l.Alpha
	switch {
	case null.Failed:
		row.Outcome, row.Reason = analysis.Invalid, null.Reason
	case worse && large:
		row.Outcome = analysis.Fail
		row.Reason = fmt.Sprintf("%s, δ %s, adjusted p %.2g", row.Shift(), row.deltaText(), row.Adjusted)
	case below:
		row.Outcome = analysis.Pass
		row.Reason = fmt.Sprintf("the upper bound of %s is below δ of %s", row.changeText(row.Change.High), row.deltaText())
	default:
		row.abstain(l, worse, d)
	}
}

// suspicious is the p-value, not adjusted, from which an effect of δ is not
// excused as noise.
const suspicious = 0.05

// abstain says why a metric is open. One that is too noisy to ever be judged does
// not hold the verdict up, unless it was asked for or looks worse; it can always
// fail, since the test is exact however noisy it is. Whether it is too noisy is
// told from the base only: a head that makes it so must not be excused. And it is
// told from the regular end on, when there are blocks enough to tell.
func (row *MetricVerdict) abstain(l Look, worse bool, d Design) {
	row.Outcome = analysis.Inconclusive
	most := max(d.Most(), len(row.Pairs))
	least := row.difference(row.Within) * math.Sqrt(float64(len(row.Pairs))/float64(most))
	effect := row.difference(row.Change.Value)
	switch {
	case worse:
		row.Reason = fmt.Sprintf("it is worse, and whether by δ of %s is open: %s", row.deltaText(), row.Shift())
	case least <= row.limit() || l.Blocks < d.Regular():
		row.Reason = fmt.Sprintf("%s reaches across δ of %s", row.Shift(), row.deltaText())
	case effect >= row.limit() && row.P <= suspicious:
		row.Reason = fmt.Sprintf("it looks worse, and the base alone spreads too much to tell: %s", row.Shift())
	default:
		row.Reason = fmt.Sprintf("the base alone spreads over ±%s, more than δ of %s", row.spanText(row.change(least)), row.deltaText())
		if !row.Asked {
			row.Outcome = Informational
		}
	}
}
