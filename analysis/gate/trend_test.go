package gate

import (
	"slices"
	"strings"
	"testing"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// However much slower the head is, a stored base judges nothing.
func TestTrend(t *testing.T) {
	slow := calm()
	slow.median = 8
	runs := blocksOf(calm(), slow, 14)
	of := func(arm string) []attack.Run {
		return slices.DeleteFunc(slices.Clone(runs), func(r attack.Run) bool { return r.Arm != arm })
	}
	v := Trend(Default(), of("base"), of("head")[:10])
	if v.Outcome != analysis.Inconclusive || v.Blocks != 10 || !v.Final || !strings.Contains(v.Headline, "a trend only") {
		t.Errorf("%s after %d: %s", v.Outcome, v.Blocks, v.Headline)
	}
	for _, m := range v.Metrics {
		if m.Outcome != Informational {
			t.Errorf("%s is %s", m.Name, m.Outcome)
		}
	}
	if m := metricOf(t, v, "p50"); m.Change.Low < 2 || m.Change.High > 4 {
		t.Errorf("p50 %+v", m.Change)
	}
	if v := Trend(Default(), nil, of("head")); v.Outcome != analysis.Invalid || v.Headline == "" {
		t.Errorf("without a base: %+v", v)
	}
}
