package claims

import (
	"fmt"
	"strconv"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// shutdown proves the guide's handler of SIGTERM: a server that is replaced under
// load finishes what is in flight, against one that just ends.
func shutdown() Claim {
	return Claim{
		Name:   "shutdown",
		Title:  "a server that ends under load loses what is in flight, unless it finishes that first",
		Proves: "a server that is asked to end under load, stops accepting and finishes what is in flight loses no request",
		Arms:   shutdownArms,
		Judge:  judgeShutdown,
		// A fifth of it may be late: as long as a request is in flight. What is counted
		// is how many are, and that hardly depends on when each was sent.
		Effect: func([]analysis.Block) time.Duration { return 5 * shutdownWork },
		Extra:  true,
	}
}

// The arms: what the server does when it is asked to end.
const (
	atOnce   = "at once"
	graceful = "graceful"
)

// A deployment under load: about twenty requests are in flight at any moment.
const (
	shutdownRate = 400 // requests a second
	shutdownWork = 50 * time.Millisecond
	shutdownPool = 64 // threads, so that no request waits for one
	// shutdownGrace is what the server has, and endsWithin is far beyond it.
	shutdownGrace = 5 * time.Second
	endsWithin    = 15 * time.Second
)

func shutdownArms(s Settings) []attack.Arm {
	return []attack.Arm{
		shutdownArm(s, atOnce, attack.LookBlock, "--grace 0"),
		shutdownArm(s, graceful, attack.LookChunk, "--grace "+shutdownGrace.String()),
	}
}

func shutdownArm(s Settings, name string, look attack.Look, options string) attack.Arm {
	lasts, stop := 900*time.Millisecond, 500*time.Millisecond
	if s.Quick {
		lasts, stop = 500*time.Millisecond, 250*time.Millisecond
	}
	server := s.Target
	server.PoolSize, server.Options, server.EndsWithin = shutdownPool, options, endsWithin
	return attack.Arm{
		Name: name, Look: look, Target: server, StopAfter: stop, Takes: lasts,
		Warmup: attack.Warmup{Lasts: 100 * time.Millisecond, Connections: 64},
		Streams: []attack.Stream{{
			Name: "/lookup", Role: attack.Probe, Timeout: 10 * time.Second,
			Requests: []attack.Request{{URL: "/lookup?as=file&ms=" + strconv.Itoa(int(shutdownWork.Milliseconds()))}},
			Schedule: attack.Constant{Rate: shutdownRate, Lasts: lasts},
		}},
	}
}

func lost(r attack.Run) float64 { return float64(r.Count(attack.Probe).Lost) }

// atStake is how many requests were under way when the server was asked to end, or
// found it still there: those that it could lose.
func atStake(r attack.Run) (n float64) {
	for _, s := range r.Of(attack.Probe) {
		if r.Stop != nil && r.Stop.Concerns(s) && !r.Stop.TurnedAway(s) {
			n++
		}
	}
	return n
}

func answeredAtTheEnd(r attack.Run) float64 { return atStake(r) - lost(r) }

// endTook is how long the server took to end.
func endTook(r attack.Run) float64 {
	if r.Stop == nil {
		return 0
	}
	return float64(r.Stop.Ended - r.Stop.Asked)
}

func judgeShutdown(_ Settings, blocks []analysis.Block) Judgement {
	// A ratio takes a count of none as one: it says at least how much the fix is worth.
	ratio := analysis.Compare("lost requests", blocks, lost, atOnce, graceful).Above(atLeast)
	ratio.Statement = fmt.Sprintf("lost requests a shutdown: %g when the server ends at once, %g when it ends gracefully; none counted as one, %s",
		typical(blocks, atOnce, lost), typical(blocks, graceful, lost), analysis.TimesWithin(ratio.Effect))

	none := analysis.Never("lost requests, graceful", graceful, blocks, lost, atStake)
	in := none.Incidence
	none.Statement = fmt.Sprintf("graceful: %d of %d requests lost that were under way or came until the end, in %s",
		in.Times, in.Trials, analysis.Count(len(blocks), "shutdown"))
	if in.Times == 0 {
		none.Statement += fmt.Sprintf("; with %.0f %% confidence at most %.2g %% are, taken as independent", 100*analysis.Confidence, 100*in.AtMost)
	}
	v := analysis.Verdict{Findings: []analysis.Finding{ratio, none}}
	v.Headline = fmt.Sprintf("a server that ends at once loses %g requests each time; a graceful shutdown, %d of %d in all",
		typical(blocks, atOnce, lost), in.Times, in.Trials)
	v.Settle()
	return Judgement{
		Verdict: v,
		Figures: []Figure{
			figure("lost", "requests", blocks, lost, atOnce, graceful),
			figure("answered while ending", "requests", blocks, answeredAtTheEnd, atOnce, graceful),
			figure("took to end", "ms", blocks, func(r attack.Run) float64 { return endTook(r) / 1e6 }, atOnce, graceful),
		},
		Charts: shutdownCharts(blocks, v),
	}
}

func shutdownCharts(blocks []analysis.Block, v analysis.Verdict) []Chart {
	subtitle := fmt.Sprintf("/lookup of %d ms at %d/s, about %d in flight, while the server is asked to end · %s an arm",
		shutdownWork.Milliseconds(), shutdownRate, shutdownRate*shutdownWork/time.Second, analysis.Count(len(blocks), "shutdown"))
	return []Chart{
		{
			Kind: Dots, Name: "shutdown-dots", Title: v.Headline, Subtitle: subtitle,
			Measures: []Measure{
				measure("lost requests a shutdown", "requests", 1, blocks, lost, atOnce, graceful),
				measure("answered while ending", "requests", 1, blocks, answeredAtTheEnd, atOnce, graceful),
			},
		},
		{
			Kind: Timeline, Name: "shutdown-timeline", Arms: []string{atOnce, graceful}, Stream: attack.Probe,
			Title: fmt.Sprintf("ending at once, the server cuts off %g requests; gracefully, it loses %g and still answers %g",
				typical(blocks, atOnce, lost), typical(blocks, graceful, lost), typical(blocks, graceful, answeredAtTheEnd)),
			Subtitle: subtitle,
		},
	}
}
