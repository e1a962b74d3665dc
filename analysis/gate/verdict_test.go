package gate

import (
	"slices"
	"testing"

	"github.com/looptest/looptest/analysis"
)

// of makes a row of the default metric with that name.
func of(name string, outcome analysis.Outcome, change analysis.Estimate, reason string) MetricVerdict {
	all := Metrics()
	m := all[slices.IndexFunc(all, func(m Metric) bool { return m.Name == name })]
	return MetricVerdict{Metric: m, Outcome: outcome, Change: change, Reason: reason}
}

// An open verdict's headline is about the metric that may be worst, and no reason
// names its metric twice.
func TestHeadlineOfAnOpenVerdict(t *testing.T) {
	v := Verdict{Outcome: analysis.Inconclusive, Blocks: 14, Metrics: []MetricVerdict{
		of("p50", analysis.Pass, analysis.Estimate{Value: 0.01, High: 0.02}, ""),
		of("p99", analysis.Inconclusive, analysis.Estimate{Value: -0.02, Low: -0.2, High: 0.3}, "-2.0 % (-20.0 % to +30.0 %) reaches across δ of 10 %"), // 0.3 is 2.8 δ
		of(ErrorRate, analysis.Inconclusive, analysis.Estimate{High: 0.002}, "the base alone spreads over ±0.2 points"),                                 // 2 δ
	}}
	v.speak()
	if want := "not decided after 14 blocks: p99 -2.0 % (-20.0 % to +30.0 %), δ 10 %"; v.Headline != want {
		t.Errorf("got %q, want %q", v.Headline, want)
	}
	want := []string{
		"p99: -2.0 % (-20.0 % to +30.0 %) reaches across δ of 10 %",
		"error_rate: the base alone spreads over ±0.2 points",
	}
	if !slices.Equal(v.Reasons, want) {
		t.Errorf("got %q, want %q", v.Reasons, want)
	}
}
