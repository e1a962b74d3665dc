package analysis_test

import (
	"math"
	"testing"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

func TestNever(t *testing.T) {
	lost := func(r attack.Run) float64 { return float64(r.Streams[0].Lost) }
	sent := func(r attack.Run) float64 { return float64(r.Streams[0].Sent) }
	blocks := func(sent int, lost ...int) (all []analysis.Block) {
		for _, n := range lost {
			all = append(all, analysis.Block{"a": {Streams: []attack.StreamCount{{Sent: sent, Lost: n}}}})
		}
		return all
	}
	for _, c := range []struct {
		name          string
		blocks        []analysis.Block
		outcome       analysis.Outcome
		times, trials int
		atMost        float64
		warnings      int
	}{
		{"never, of 300", blocks(50, 0, 0, 0, 0, 0, 0), analysis.Pass, 0, 300, 1 - math.Pow(0.05, 1./300), 0}, // 0.99 %, about 3/300
		{"once", blocks(50, 0, 0, 1, 0, 0, 0), analysis.Fail, 1, 300, 1, 0},
		{"always", blocks(2, 2, 2, 2, 2, 2, 2), analysis.Fail, 12, 12, 1, 0},
		{"never, in five blocks", blocks(50, 0, 0, 0, 0, 0), analysis.Inconclusive, 0, 250, 1 - math.Pow(0.05, 1./250), 1},
		{"once, in five blocks", blocks(50, 0, 0, 0, 0, 1), analysis.Fail, 1, 250, 1, 1},
		{"nothing was tried", blocks(0, 0, 0, 0, 0, 0, 0), analysis.Inconclusive, 0, 0, 1, 1},
		{"no blocks", nil, analysis.Inconclusive, 0, 0, 1, 2},
	} {
		f := analysis.Never("lost", "a", c.blocks, lost, sent)
		in := f.Incidence
		if f.Outcome != c.outcome || in.Times != c.times || in.Trials != c.trials || len(f.Warnings) != c.warnings || math.Abs(in.AtMost-c.atMost) > 1e-12 {
			t.Errorf("%s: got %s, %+v, warnings %q", c.name, f.Outcome, *in, f.Warnings)
		}
	}
	if bound := analysis.Never("lost", "a", blocks(50, 0, 0, 0, 0, 0, 0), lost, sent).Incidence.AtMost; math.Abs(bound-3./300) > 2e-4 {
		t.Errorf("of 300 the bound is %v, and the rule of three says %v", bound, 3./300)
	}
}

// What the target's end has turned away or lost is no answer.
func TestSummaryOfAStoppedTarget(t *testing.T) {
	r := attack.Run{Arm: "a", Stop: &attack.Stop{}, Streams: []attack.StreamCount{
		{Name: "/x", Role: attack.Probe, Offered: 100, Sent: 100, Bad: 5, TurnedAway: 60, Lost: 10, Span: 1e9},
	}}
	s := analysis.Summarize([]attack.Run{r, r}, []string{"a"})[0].Streams[0]
	if s.Bad != 10 || s.TurnedAway != 120 || s.Lost != 20 || s.AchievedRate != 25 { // 2 × (100 − 75) in 2 × 1 s
		t.Errorf("%+v", s)
	}
	// Examine blames neither the target nor the generator for them.
	r.Streams[0].Bad = 0
	r.Samples = []attack.Sample{{Err: attack.ErrReset}, {Err: attack.ErrRefused}}
	if h := analysis.Examine(r, 0); len(h.Invalid) > 0 || len(h.Warnings) > 0 {
		t.Errorf("%+v", h)
	}
}
