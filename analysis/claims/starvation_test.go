package claims

import (
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// starvationRuns are blocks in which the slow probes wait so long beside ticks
// and microtasks, and 2 ms beside immediates; the loop's lag is theirs.
func starvationRuns(blocks int, tick, microtask func(b int) time.Duration) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs,
			synthetic("idle", b, probes{ms, ms}),
			synthetic("tick", b, probes{ms, tick(b)}, 250*ms),
			synthetic("microtask", b, probes{ms, microtask(b)}, 250*ms),
			synthetic("immediate", b, probes{ms, 2 * ms}, 250*ms))
	}
	return withLag(runs)
}

// frozen is 240, 242 … 250 ms in blocks 0 to 5: the median of six is 245 ms.
func frozen(b int) time.Duration { return time.Duration(240+2*b) * ms }

func TestStarvation(t *testing.T) {
	const headline = "a recursive tick freezes the loop for 245 ms, a recursive immediate for 2.0 ms"
	for _, c := range []struct {
		name string
		runs []attack.Run
		expect
	}{
		{"proven", starvationRuns(6, frozen, frozen), expect{outcome: analysis.Pass, blocks: 6, headline: headline}},
		{"ticks let others in", starvationRuns(6, always(2*ms), frozen), expect{
			outcome: analysis.Fail, blocks: 6, headline: "a recursive tick freezes the loop for 2.0 ms",
		}},
		{"microtasks let others in", starvationRuns(6, frozen, always(2*ms)), expect{
			outcome: analysis.Fail, blocks: 6, headline: headline,
		}},
		{"twice as long is not more", starvationRuns(6, frozen, always(4*ms)), expect{outcome: analysis.Fail, blocks: 6}},
		// 3 ms in four blocks, 4 and 5 ms in the others: 1.5 to 2.5 times.
		{"the interval crosses 2×", starvationRuns(6, frozen, func(b int) time.Duration { return max(3, time.Duration(b)) * ms }), expect{
			outcome: analysis.Inconclusive, blocks: 6, reasons: []string{
				"loop lag by microtasks: the interval of 1.7× (1.5–2.5×) crosses 2.0×; more blocks would narrow it",
				"probe p99 by microtasks: the interval of 1.7× (1.5–2.5×) crosses 2.0×; more blocks would narrow it",
			},
		}},
		{"five blocks settle nothing", starvationRuns(5, frozen, frozen), expect{outcome: analysis.Inconclusive, blocks: 5, warnings: tooFew(5)}},
		{"nothing run", nil, expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
	} {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, starvation().judge(settings(2), c.runs)) })
	}
}

func TestStarvationShows(t *testing.T) {
	r := starvation().judge(settings(2), starvationRuns(6, frozen, frozen))
	if got, want := r.Verdict.Findings[4].Statement, "with immediates the loop goes round without a rest: probes wait p99 2.0 ms, 1.0 ms in idle, 2.0× (2.0–2.0×)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := r.Charts[0].Title, "While a tick schedules itself, probes typically wait up to 245 ms; with an immediate, up to 2.0 ms"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, m := range r.Charts[1].Measures {
		var arms []string
		var values []float64
		for _, v := range m.Values {
			arms, values = append(arms, v.Arm), append(values, v.Y.Value)
		}
		if !slices.Equal(arms, []string{"idle", "tick", "microtask", "immediate"}) || !slices.Equal(values, []float64{1, 245, 245, 2}) || m.Unit != "ms" || !m.Log {
			t.Errorf("%s: %v of %q", m.Label, values, arms)
		}
	}
}
