package claims

import (
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// watchingRuns are blocks of 200 requests that cost 100 µs of CPU time each, and
// with the logs so much more.
func watchingRuns(blocks int, watched func(b int) time.Duration) []attack.Run {
	run := func(arm string, block int, each time.Duration) attack.Run {
		r := synthetic(arm, block, probes{ms, 2 * ms})
		r.Streams = r.Streams[:1]
		r.Target = &target.Usage{CPU: probesSent * each}
		return r
	}
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs, run(watchedArm, b, watched(b)), run(plainArm, b, 100*time.Microsecond))
	}
	return runs
}

func TestWatching(t *testing.T) {
	costs := func(µs ...int) func(int) time.Duration {
		return func(b int) time.Duration { return time.Duration(µs[b%len(µs)]) * time.Microsecond }
	}
	late := func(by time.Duration) func(attack.Run) attack.Run {
		return func(r attack.Run) attack.Run { return sentLate(r, by) }
	}
	cases := []struct {
		name string
		runs []attack.Run
		expect
	}{
		{"proven", watchingRuns(6, costs(115)), expect{outcome: analysis.Pass, blocks: 6, headline: "+15 % CPU time a request, 100 µs → 115 µs"}},
		{"cheaper", watchingRuns(6, costs(90)), expect{outcome: analysis.Pass, blocks: 6, headline: "-10 % CPU time a request"}},
		{"half as much again", watchingRuns(6, costs(150)), expect{outcome: analysis.Pass, blocks: 6, headline: "+50 %"}},
		{"more than that", watchingRuns(6, costs(151)), expect{outcome: analysis.Fail, blocks: 6, headline: "+51 %"}},
		{"not settled", watchingRuns(6, costs(140, 145, 150, 155, 160, 165)), expect{outcome: analysis.Inconclusive, blocks: 6,
			reasons: []string{"CPU time of a request: the interval of 1.5× (1.4–1.6×) crosses 1.5×; more blocks would narrow it"}}},
		{"five blocks", watchingRuns(5, costs(115)), expect{outcome: analysis.Inconclusive, blocks: 5, warnings: tooFew(5)}},
		// 20 % of the second that a run lasts are 200 ms.
		{"sent a little late", in(watchingRuns(6, costs(115)), late(150*ms), 1), expect{outcome: analysis.Pass, blocks: 6, warnings: []analysis.Warning{
			"block 2, watched: send lag p99 150 ms", "and 1 more of 12 runs with such a warning"}}},
		{"sent very late", in(watchingRuns(6, costs(115)), late(250*ms), 1), expect{outcome: analysis.Invalid, blocks: 5, warnings: tooFew(5), reasons: []string{
			"block 2, watched, left out: 100.0 % of the requests were sent more than 200 ms late (send lag p99 250 ms)",
			"block 2, plain, left out: 100.0 % of the requests were sent more than 200 ms late (send lag p99 250 ms)"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, watching().judge(settings(2), c.runs)) })
	}
}

func TestWatchingSays(t *testing.T) {
	r := watching().judge(settings(2), watchingRuns(6, always(115*time.Microsecond)))
	states(t, r,
		"CPU time of a request: 100 µs plain, 115 µs watched, +15 % (+15 to +15 %); it may be 1.5×",
		"response p99: 2.0 ms plain, 2.0 ms watched, +0 % (+0 to +0 %)",
	)
	if r.Verdict.Findings[1].Outcome != "" {
		t.Error("the response time is judged, which this claim is not about")
	}
	if m := r.Charts[0].Measures[0]; m.Values[0].Arm != plainArm || m.Values[0].Y.Value != 100 || m.Values[1].Y.Value != 115 {
		t.Errorf("the chart shows %+v", m)
	}
	if got := cpuPerRequest(attack.Run{}); got != 0 {
		t.Errorf("a target that was not seen used %v µs a request", got)
	}
}

func TestWatchingArms(t *testing.T) {
	arms := watchingArms(settings(2))
	if plain, watched := arms[0].Target.(target.Reference).Options, arms[1].Target.(target.Reference).Options; plain != "" || watched != "--log-requests --watch-lag" {
		t.Errorf("the servers are started with %q and %q", plain, watched)
	}
}
