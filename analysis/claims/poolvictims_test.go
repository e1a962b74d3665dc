package claims

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// victimRuns are blocks in which the slow reads, and so the p99, take so long on
// the pools of 4, 8 and 16 threads, and 2 ms alone.
func victimRuns(blocks int, slow func(block int) [3]time.Duration) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs, synthetic(aloneArm, b, probes{ms, 2 * ms}))
		for i, size := range victimPools {
			r := synthetic(victimArm(size), b, probes{ms, slow(b)[i]}, evenly(13, []time.Duration{300, 240, 210}[i]*ms)...)
			r.Lag = []target.LagReading{{Due: 0, Ran: time.Duration(i+1) * ms}}
			runs = append(runs, r)
		}
	}
	return runs
}

func victimsAlways(full, some, wide time.Duration) func(int) [3]time.Duration {
	return func(int) [3]time.Duration { return [3]time.Duration{full, some, wide} }
}

func TestPoolVictims(t *testing.T) {
	// 20 % of the effect of 120 − 3 ms is 23 ms.
	late := func(r attack.Run) attack.Run {
		if r.Arm == "pool 8" {
			return sentLate(r, 30*ms)
		}
		return r
	}
	// 20 to 30 ms in turn, against 10: over six blocks from 2 to 3 times.
	turns := func(b int) [3]time.Duration { return [3]time.Duration{time.Duration(16+2*b) * ms, 12 * ms, 10 * ms} }
	cases := []struct {
		name string
		runs []attack.Run
		expect
	}{
		{"proven", victimRuns(6, victimsAlways(120*ms, 40*ms, 3*ms)), expect{
			outcome: analysis.Pass, blocks: 6, headline: "a pool of 16 instead of 4 cuts file read p99 120 ms → 3.0 ms, 40×",
		}},
		{"a wider pool is no help", victimRuns(6, victimsAlways(120*ms, 120*ms, 120*ms)), expect{
			outcome: analysis.Fail, blocks: 6, headline: "with a pool of 16 instead of 4, file read p99 120 ms → 120 ms, 1.00×",
		}},
		{"half is not enough", victimRuns(6, victimsAlways(120*ms, 80*ms, 60*ms)), expect{outcome: analysis.Fail, blocks: 6}},
		{"reads don't wait at all", victimRuns(6, victimsAlways(4*ms, 2*ms, ms)), expect{outcome: analysis.Fail, blocks: 6, headline: "4.0 ms → 1.0 ms"}},
		{"the interval crosses 2×", victimRuns(6, turns), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "21 ms → 10 ms",
			reasons: []string{"file read p99: the interval of 2.1× (1.6–2.6×) crosses 2.0×; more blocks would narrow it"},
		}},
		{"five blocks settle nothing", victimRuns(5, victimsAlways(120*ms, 40*ms, 3*ms)), expect{
			outcome: analysis.Inconclusive, blocks: 5, headline: "40×", warnings: tooFew(5),
		}},
		{"the generator late in all blocks", in(victimRuns(6, victimsAlways(120*ms, 40*ms, 3*ms)), late, 0, 1, 2, 3, 4, 5), expect{
			outcome: analysis.Invalid, headline: "no block can be trusted", reasons: lateVictims(6),
		}},
		{"nothing run", nil, expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, poolVictims().judge(settings(2), c.runs)) })
	}
}

// lateVictims are the reasons: of 213 requests the 200 reads.
func lateVictims(blocks int) (reasons []string) {
	for b := range blocks {
		reasons = append(reasons, "block "+string(rune('1'+b))+", pool 8, left out: 93.9 % of the requests were sent more than 23 ms late (send lag p99 30 ms)")
	}
	return reasons
}

func TestPoolVictimsSays(t *testing.T) {
	r := poolVictims().judge(settings(2), victimRuns(6, victimsAlways(120*ms, 40*ms, 3*ms)))
	want := []string{
		"file read p99: 120 ms with pool 4, 3.0 ms with pool 16, 40× (40–40×)",
		"file read p99: 2.0 ms alone, 120 ms when other jobs fill the pool of 4, 60× (60–60×)",
		"file read p99: 40 ms with pool 8, which is 3.0× (3.0–3.0×) better than pool 4",
		"the loop itself is late by 1.0 ms at most with pool 4 and by 3.0 ms with pool 16",
		"the jobs that fill it take p99 300 ms with pool 4 and 210 ms with pool 16, -30 % (-30 to -30 %)",
	}
	for i, f := range r.Verdict.Findings {
		if f.Statement != want[i] || (f.Outcome != "") != (i < 2) {
			t.Errorf("got %q, %s, want %q", f.Statement, f.Outcome, want[i])
		}
	}
	curve, percentiles := r.Charts[0], r.Charts[1]
	var shown []float64
	for _, p := range curve.Panels[0].Lines[0].Points {
		shown = append(shown, p.X, math.Round(p.Y.Value))
	}
	if !slices.Equal(shown, []float64{4, 120, 8, 40, 16, 3}) || math.Abs(curve.Panels[0].Limit.Value-2) > 1e-9 {
		t.Errorf("the curve shows %v, alone at %v", shown, curve.Panels[0].Limit.Value)
	}
	if want := "On a full pool of 4 file reads take p99 120 ms instead of 2.0 ms"; percentiles.Title != want || !slices.Equal(percentiles.Arms, []string{"alone", "pool 4", "pool 8", "pool 16"}) {
		t.Errorf("got %q of %q", percentiles.Title, percentiles.Arms)
	}
}
