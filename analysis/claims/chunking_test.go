package claims

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// chunkingRuns are blocks in which the probes of arm block behave as asked and
// those of arm chunk take 1 ms, the slow ones 8 ms. The loop's longest lag is
// that of the slow probes, and /slow takes 400 ms in one go, 412 ms in chunks.
func chunkingRuns(blocks int, block func(b int) probes) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		idle := synthetic("idle", b, probes{ms, ms})
		held := synthetic("block", b, block(b), 400*ms)
		held.Lag = []target.LagReading{{Due: 0, Ran: ms}, {Due: 5 * ms, Ran: 5*ms + block(b).slow}, {Due: 500 * ms, Ran: 500 * ms}}
		chunked := synthetic("chunk", b, probes{ms, 8 * ms}, 412*ms)
		chunked.Lag = []target.LagReading{{Due: 0, Ran: 8 * ms}}
		runs = append(runs, chunked, idle, held)
	}
	return runs
}

// blocked makes probes wait 400, 402 … 410 ms in blocks 0 to 5: the median of
// six is 405 ms.
func blocked(b int) probes { return probes{ms, time.Duration(400+2*b) * ms} }

// byRatio makes the slow probes so many times slower than those of arm chunk;
// the fast ones are 10 ms, so that the mean stays more than 5 times larger:
// (190·10 + 10·12)/200 = 10.1 against (190·1 + 10·8)/200 = 1.35 ms.
func byRatio(ratios ...float64) func(int) probes {
	return func(b int) probes { return probes{10 * ms, time.Duration(ratios[b%len(ratios)] * 8e6)} }
}

// idleLate is a block whose generator was late in arm idle.
func idleLate(r attack.Run) attack.Run {
	if r.Arm == "idle" {
		return sentLate(r, 150*ms)
	}
	return r
}

// leftOut are the reasons for it: 20 % of the effect of 405 − 8 ms is 79 ms.
func leftOut(blocks ...int) []string {
	var reasons []string
	for _, b := range blocks {
		reasons = append(reasons, fmt.Sprintf("block %d, idle, left out: 100.0 %% of the requests were sent more than 79 ms late (send lag p99 150 ms)", b+1))
	}
	return reasons
}

func TestChunking(t *testing.T) {
	crosses := []string{
		"probe p99: the interval of 2.0× (1.5–2.5×) crosses 2.0×; more blocks would narrow it",
		"loop lag, longest: the interval of 2.0× (1.5–2.5×) crosses 2.0×; more blocks would narrow it",
	}
	proven := chunkingRuns(6, blocked)
	few := tooFew
	cases := []struct {
		name string
		runs []attack.Run
		expect
	}{
		// 405/8 = 50.6
		{"proven", proven, expect{outcome: analysis.Pass, blocks: 6, headline: "chunking cuts probe p99 405 ms → 8.0 ms, 51×"}},
		{"just more than twice as good", chunkingRuns(6, byRatio(2.01)), expect{outcome: analysis.Pass, blocks: 6, headline: "16 ms → 8.0 ms, 2.0×"}},
		{"twice as good is not more", chunkingRuns(6, byRatio(2)), expect{outcome: analysis.Fail, blocks: 6, headline: "16 ms → 8.0 ms, 2.0×"}},
		{"not proven", chunkingRuns(6, byRatio(1.4, 1.5, 1.6)), expect{outcome: analysis.Fail, blocks: 6, headline: "12 ms → 8.0 ms, 1.5×"}},
		{"worse", chunkingRuns(6, byRatio(0.5)), expect{outcome: analysis.Fail, blocks: 6, headline: "10 ms → 8.0 ms"}},
		// The interval over six blocks is the whole range, 1.5 to 2.5; its median 16 ms.
		{"the interval crosses 2×", chunkingRuns(6, byRatio(1.5, 1.7, 1.9, 2.1, 2.3, 2.5)), expect{outcome: analysis.Inconclusive, blocks: 6, headline: "16 ms → 8.0 ms, 2.0×", reasons: crosses}},
		{"five blocks settle nothing", chunkingRuns(5, blocked), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "404 ms → 8.0 ms", warnings: few(5)}},
		{"interrupted in the last block", in(proven, partial, 5), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "404 ms → 8.0 ms", warnings: few(5)}},

		// An interruption is not the generator's fault.
		{"interrupted and late", in(proven, func(r attack.Run) attack.Run { return partial(idleLate(r)) }, 5), expect{
			outcome: analysis.Inconclusive, blocks: 5, headline: "404 ms → 8.0 ms", warnings: few(5),
		}},
		// With seven blocks the effect is 406 − 8 ms, of which 20 % are 80 ms.
		{"one block of seven left out", in(chunkingRuns(7, blocked), idleLate, 3), expect{
			outcome: analysis.Pass, blocks: 6, headline: "51×",
			reasons: []string{"block 4, idle, left out: 100.0 % of the requests were sent more than 80 ms late (send lag p99 150 ms)"},
		}},
		{"one block of six left out", in(proven, idleLate, 3), expect{
			outcome: analysis.Invalid, blocks: 5, headline: "51×", reasons: leftOut(3), warnings: few(5),
		}},
		{"the generator late in most blocks", in(proven, idleLate, 0, 1, 2, 4), expect{
			outcome: analysis.Invalid, blocks: 2, headline: "with chunking, probe p99", reasons: leftOut(0, 1, 2, 4), warnings: few(2),
		}},
		{"the generator late in all blocks", in(proven, idleLate, 0, 1, 2, 3, 4, 5), expect{
			outcome: analysis.Invalid, headline: "no block can be trusted", reasons: leftOut(0, 1, 2, 3, 4, 5),
		}},
		{"everything partial", in(proven, partial, 0, 1, 2, 3, 4, 5), expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
		{"nothing run", nil, expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
		{"an arm never run", slices.DeleteFunc(slices.Clone(proven), func(r attack.Run) bool { return r.Arm == "chunk" }), expect{
			outcome: analysis.Invalid, headline: "no block was run to its end",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, chunking().judge(settings(2), c.runs)) })
	}
}

// A claim of three effects holds when all three do.
func TestChunkingNeedsEveryEffect(t *testing.T) {
	cases := []struct {
		name   string
		change func(attack.Run) attack.Run // of arm block
		want   []analysis.Outcome          // p99, mean, lag, cost
		all    analysis.Outcome
	}{
		{"as it should be", func(r attack.Run) attack.Run { return r },
			[]analysis.Outcome{analysis.Pass, analysis.Pass, analysis.Pass, analysis.Pass}, analysis.Pass},
		// Two of 200 wait: the 198th is a fast one. The mean is
		// (198·1 + 2·405)/200 = 5.0 against 1.35 ms.
		{"only the last two wait", func(r attack.Run) attack.Run {
			r.Samples = slices.Clone(r.Samples)
			for i := range r.Samples[:probesSent-2] {
				r.Samples[i].Done = r.Samples[i].Intended + ms
			}
			return r
		}, []analysis.Outcome{analysis.Fail, analysis.Pass, analysis.Pass, analysis.Pass}, analysis.Fail},
		// The 198th of 200 waits 17 ms, 2.1 times 8 ms. The mean is
		// (197·1 + 3·17)/200 = 1.24 against 1.35 ms.
		{"only the last three wait, and not long", func(r attack.Run) attack.Run {
			r.Samples = slices.Clone(r.Samples)
			for i := range r.Samples[:probesSent] {
				r.Samples[i].Done = r.Samples[i].Intended + ms
				if i >= probesSent-3 {
					r.Samples[i].Done += 16 * ms
				}
			}
			return r
		}, []analysis.Outcome{analysis.Pass, analysis.Fail, analysis.Pass, analysis.Pass}, analysis.Fail},
		// 16 against 8 ms is twice, not more.
		{"the loop is not held", func(r attack.Run) attack.Run {
			r.Lag = []target.LagReading{{Ran: 16 * ms}}
			return r
		}, []analysis.Outcome{analysis.Pass, analysis.Pass, analysis.Fail, analysis.Pass}, analysis.Fail},
		// 17 ms in every other block: 2.1× against 2×.
		{"the loop is held now and then", func(r attack.Run) attack.Run {
			r.Lag = []target.LagReading{{Ran: time.Duration(16+r.Block%2) * ms}}
			return r
		}, []analysis.Outcome{analysis.Pass, analysis.Pass, analysis.Inconclusive, analysis.Pass}, analysis.Inconclusive},
		// 412 against 40 ms is more than a quarter longer.
		{"the work takes a tenth in one go", func(r attack.Run) attack.Run {
			r.Samples = slices.Clone(r.Samples)
			r.Samples[probesSent].Done = r.Samples[probesSent].Intended + 40*ms
			return r
		}, []analysis.Outcome{analysis.Pass, analysis.Pass, analysis.Pass, analysis.Fail}, analysis.Fail},
	}
	for _, c := range cases {
		runs := chunkingRuns(6, blocked)
		for i, r := range runs {
			if r.Arm == "block" {
				runs[i] = c.change(r)
			}
		}
		v := chunking().judge(settings(2), runs).Verdict
		var got []analysis.Outcome
		for _, f := range v.Findings {
			got = append(got, f.Outcome)
		}
		if !slices.Equal(got, c.want) || v.Outcome != c.all {
			t.Errorf("%s: got %s, %v, want %s, %v", c.name, v.Outcome, got, c.all, c.want)
		}
	}
}

func TestChunkingSays(t *testing.T) {
	r := chunking().judge(settings(2), chunkingRuns(6, blocked))
	// Probe p99 400 … 410 against 8 ms: 50 to 51.25. Mean (190 + 10·405)/200 = 21.2
	// against 1.35 ms: 15.7, from 15.5 to 15.9. /slow 412 against 400 ms.
	states(t, r,
		"probe p99: 405 ms with block, 8.0 ms with chunk, 51× (50–51×)",
		"probe mean: 21 ms with block, 1.4 ms with chunk, 16× (16–16×)",
		"loop lag, longest: 405 ms with block, 8.0 ms with chunk, 51× (50–51×)",
		"/slow itself takes 400 ms in one go and 412 ms in chunks, +3 % (+3 to +3 %)",
	)
	titles := []string{
		"While /slow blocks the loop, probes typically wait up to 405 ms; in chunks, up to 8.0 ms",
		"Chunking cuts probe p99 405 ms → 8.0 ms, 51×",
	}
	subtitles := []string{
		"probe /ok at 200/s while /slow runs: not at all, in one go, in chunks of about 5 ms · 6 blocks",
		"probe /ok at 200/s while /slow runs: not at all, in one go, in chunks of about 5 ms · 6 blocks · n = 1200 per arm",
	}
	for i, c := range r.Charts {
		if c.Title != titles[i] || c.Subtitle != subtitles[i] {
			t.Errorf("%s: got %q and %q, want %q and %q", c.Name, c.Title, c.Subtitle, titles[i], subtitles[i])
		}
	}
}

func TestPercent(t *testing.T) {
	cases := map[analysis.Estimate]string{
		{Value: 1.06, Low: 1.04, High: 1.07}:   "+6 % (+4 to +7 %)",
		{Value: 0.9, Low: 0.5, High: 1.2}:      "-10 % (-50 to +20 %)",
		{Value: 0.998, Low: 0.99, High: 1.002}: "+0 % (-1 to +0 %)", // not -0
		{Value: 3, Low: 2.004, High: 4.996}:    "+200 % (+100 to +400 %)",
	}
	for e, want := range cases {
		if got := percent(e); got != want {
			t.Errorf("%+v: got %q, want %q", e, got, want)
		}
	}
}
