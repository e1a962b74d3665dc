package claims

import (
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// ended is a run of 100 requests, one every 10 ms, whose server is asked to end at
// 500 ms. The first 40 are answered before; then come so many that are lost and
// so many that are answered, and the rest is turned away.
func ended(arm string, block, lost, answered int) attack.Run {
	const sent, before = 100, 40
	away := sent - before - lost - answered
	r := attack.Run{
		Arm: arm, Block: block, Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Environment: attack.Environment{CPUs: 2, CPUModel: "Some CPU", GoVersion: "go1.26"},
		Stop:        &attack.Stop{Asked: 500 * ms, Ended: 650 * ms},
		Streams: []attack.StreamCount{{
			Name: "/lookup", Role: attack.Probe, Offered: sent, Sent: sent, Lost: lost, TurnedAway: away, Span: time.Second,
		}},
	}
	for i := range sent {
		due := time.Duration(i) * 10 * ms
		s := attack.Sample{Seq: i, Intended: due, Sent: due, Done: due + 50*ms, Code: 200}
		switch {
		case i < before:
		case i < before+lost:
			s.Done, s.Code, s.Err = max(500*ms, due), 0, attack.ErrReset
		case i < before+lost+answered:
			s.Done = max(500*ms, due+50*ms)
		default:
			s.Done, s.Code, s.Err = max(500*ms, due), 0, attack.ErrRefused
		}
		r.Samples = append(r.Samples, s)
	}
	return r
}

// endings are blocks in which ending at once loses 18, 19 … 23 requests and ending
// gracefully answers 40 and loses what is asked.
func endings(blocks int, atOnceLoses, gracefulLoses func(block int) int) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs, ended(graceful, b, gracefulLoses(b), 40-gracefulLoses(b)), ended(atOnce, b, atOnceLoses(b), 1))
	}
	return runs
}

func nothing(int) int { return 0 }

func about20(block int) int { return 18 + block }

func TestShutdown(t *testing.T) {
	onlyIn := func(block, n int) func(int) int {
		return func(b int) int {
			if b == block {
				return n
			}
			return 0
		}
	}
	cases := []struct {
		name string
		runs []attack.Run
		expect
	}{
		// The median of 18 … 23 is 20.5; 40 requests were at stake in each of 6 blocks.
		{"proven", endings(6, about20, nothing), expect{
			outcome: analysis.Pass, blocks: 6,
			headline: "a server that ends at once loses 20.5 requests each time; a graceful shutdown, 0 of 240 in all",
		}},
		{"one request lost in one block", endings(6, about20, onlyIn(4, 1)), expect{
			outcome: analysis.Fail, blocks: 6, headline: "a graceful shutdown, 1 of 240 in all",
		}},
		{"as many lost either way", endings(6, about20, about20), expect{
			outcome: analysis.Fail, blocks: 6, headline: "a graceful shutdown, 123 of 240 in all", // 18 + 19 + … + 23
		}},
		// Nothing was in flight: then there is nothing to be gained.
		{"nothing lost either way", endings(6, nothing, nothing), expect{
			outcome: analysis.Fail, blocks: 6, headline: "loses 0 requests each time; a graceful shutdown, 0 of 240",
		}},
		// 2 against none, which counts as one, is twice as good and not more.
		{"two are lost at once", endings(6, always(2), nothing), expect{outcome: analysis.Fail, blocks: 6, headline: "loses 2 requests"}},
		{"three are lost at once", endings(6, always(3), nothing), expect{outcome: analysis.Pass, blocks: 6, headline: "loses 3 requests"}},
		{"five blocks settle nothing", endings(5, about20, nothing), expect{
			outcome: analysis.Inconclusive, blocks: 5, headline: "0 of 200 in all", warnings: tooFew(5),
		}},
		{"and a loss is one in five blocks too", endings(5, about20, onlyIn(0, 2)), expect{
			outcome: analysis.Fail, blocks: 5, headline: "2 of 200 in all", warnings: tooFew(5),
		}},
		{"interrupted in the last block", in(endings(6, about20, nothing), partial, 5), expect{
			outcome: analysis.Inconclusive, blocks: 5, headline: "0 of 200 in all", warnings: tooFew(5),
		}},
		// Before it was asked to end, the server answered otherwise than it should.
		{"bad answers", in(endings(7, about20, nothing), func(r attack.Run) attack.Run {
			r.Streams = []attack.StreamCount{r.Streams[0]}
			r.Streams[0].Bad = 2
			return r
		}, 6), expect{
			outcome: analysis.Pass, blocks: 6, headline: "0 of 240 in all",
			reasons: []string{
				"block 7, graceful, left out: 2 of 100 requests of /lookup had no answer or an unexpected one",
				"block 7, at once, left out: 2 of 100 requests of /lookup had no answer or an unexpected one",
			},
		}},
		{"nothing run", nil, expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, shutdown().judge(settings(2), c.runs)) })
	}
}

func TestShutdownSays(t *testing.T) {
	r := shutdown().judge(settings(2), endings(6, about20, nothing))
	// 18/1 … 23/1. None of 240: 1 − 0.05^(1/240) = 1.24 %.
	states(t, r,
		"lost requests a shutdown: 20.5 when the server ends at once, 0 when it ends gracefully; none counted as one, 20× (18–23×)",
		"graceful: 0 of 240 requests lost that were under way or came until the end, in 6 shutdowns; with 95 % confidence at most 1.2 % are, taken as independent",
	)
	figures := map[string][2]float64{"lost": {20.5, 0}, "answered while ending": {1, 40}, "took to end": {150, 150}}
	for _, f := range r.Figures {
		if want := figures[f.Name]; f.Values[atOnce] != want[0] || f.Values[graceful] != want[1] {
			t.Errorf("%s: got %v, want %v", f.Name, f.Values, want)
		}
	}
	titles := map[string]string{
		"shutdown-dots":     "A server that ends at once loses 20.5 requests each time; a graceful shutdown, 0 of 240 in all",
		"shutdown-timeline": "Ending at once, the server cuts off 20.5 requests; gracefully, it loses 0 and still answers 40",
	}
	for _, c := range r.Charts {
		if c.Title != titles[c.Name] || c.Subtitle != "/lookup of 50 ms at 400/s, about 20 in flight, while the server is asked to end · 6 shutdowns an arm" {
			t.Errorf("%s: got %q and %q", c.Name, c.Title, c.Subtitle)
		}
	}
}

// Both arms are the same load on the same server, which only ends otherwise; it ends
// well within the load, and has the time that it needs.
func TestShutdownArmsDifferInTheirEnd(t *testing.T) {
	for _, s := range everySetting() {
		arms := shutdownArms(s)
		for _, arm := range arms {
			span := arm.Streams[0].Schedule.Span()
			if arm.StopAfter <= 2*shutdownWork || arm.StopAfter > span-2*shutdownWork || endsWithin <= 2*shutdownGrace {
				t.Errorf("%s: stopped after %v of %v", arm.Name, arm.StopAfter, span)
			}
		}
		if arms[0].StopAfter != arms[1].StopAfter || arms[0].Streams[0].Schedule != arms[1].Streams[0].Schedule || arms[0].Target == arms[1].Target {
			t.Errorf("arms %+v", arms)
		}
	}
}
