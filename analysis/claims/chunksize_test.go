package claims

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// sweepRuns are blocks of the chunk-size claim: while /slow is under way, from
// 100 to 500 ms and as long again as chunking adds, every probe waits as long
// as the chunk is, in some blocks a little more.
func sweepRuns(blocks int, wait func(steps int) time.Duration, adds func(steps int) time.Duration) []attack.Run {
	run := func(arm string, block int, waits, slow time.Duration) attack.Run {
		r := synthetic(arm, block, probes{ms, ms}, slow)
		for i, s := range r.Samples[:probesSent] {
			if s.Intended >= 100*ms && s.Intended <= 100*ms+slow {
				r.Samples[i].Done = s.Intended + waits + time.Duration(block)*10*time.Microsecond
			}
		}
		return r
	}
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs, run("block", b, 400*ms, 400*ms))
		for _, steps := range sweep {
			runs = append(runs, run(chunkArm(steps), b, wait(steps), 400*ms+adds(steps)))
		}
	}
	return runs
}

func asLong(steps int) time.Duration { return time.Duration(steps) * time.Microsecond }

// a trip round the loop of 10 µs for each chunk of 400 ms
func perTrip(steps int) time.Duration { return time.Duration(400_000/steps) * 10 * time.Microsecond }

func TestChunkSize(t *testing.T) {
	for _, c := range []struct {
		name        string
		runs        []attack.Run
		budget      time.Duration
		outcome     analysis.Outcome
		recommended float64 // ms, 0 for none
		headline    string
	}{
		// 400 ms in chunks of 8 ms are 50 trips of 10 µs, 0.1 %.
		{"8 ms is the largest within 10", sweepRuns(6, asLong, perTrip), 10 * ms, analysis.Pass, 8, "chunks of 8 ms keep probes within 10 ms at +0 %"},
		// The probes of block 5 wait 8.05 ms: the interval reaches beyond 8.04.
		{"the whole interval must be within", sweepRuns(6, asLong, perTrip), 8*ms + 40*time.Microsecond, analysis.Pass, 5, "chunks of 5 ms"},
		{"and is at its end", sweepRuns(6, asLong, perTrip), 8*ms + 50*time.Microsecond, analysis.Pass, 8, "chunks of 8 ms"},
		// 2000 trips of 10 µs are 20 ms of 400.
		{"a small budget costs more", sweepRuns(6, asLong, perTrip), ms, analysis.Pass, 0.2, "chunks of 0.2 ms keep probes within 1.0 ms at +5 %"},
		{"all are within", sweepRuns(6, asLong, perTrip), time.Second, analysis.Pass, 40, "chunks of 40 ms"},
		{"none is within", sweepRuns(6, always(50*ms), perTrip), 10 * ms, analysis.Fail, 0, "no chunk length keeps probes within 10 ms"},
		{"a longer one is within by chance", sweepRuns(6, func(steps int) time.Duration {
			if steps == 5000 {
				return 11 * ms
			}
			return asLong(steps)
		}, perTrip), 10 * ms, analysis.Pass, 1, "chunks of 1 ms"},
		{"one noisy block of the shortest says nothing of the longer ones", noisyShortest(sweepRuns(8, asLong, perTrip)), 10 * ms, analysis.Pass, 8, "chunks of 8 ms"},
		{"the delay does not follow the length", sweepRuns(6, always(3*ms), perTrip), 10 * ms, analysis.Fail, 0, "chunks of 40 ms"},
		{"too few blocks, and none is within", sweepRuns(5, always(50*ms), perTrip), 10 * ms, analysis.Inconclusive, 0, "no chunk length"},
		{"too few blocks", sweepRuns(5, asLong, perTrip), 10 * ms, analysis.Inconclusive, 0, "chunks of 8 ms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings(2)
			s.LagBudget = c.budget
			r := chunkSize().judge(s, c.runs)
			if r.Verdict.Outcome != c.outcome || !strings.Contains(r.Verdict.Headline, c.headline) {
				t.Errorf("got %s, %q", r.Verdict.Outcome, r.Verdict.Headline)
			}
			var recommended float64
			for _, r := range r.Recommendations {
				recommended = r.Value
			}
			if recommended != c.recommended {
				t.Errorf("recommends %v ms, want %v", recommended, c.recommended)
			}
		})
	}
}

// noisyShortest makes the probes of the shortest chunk wait far longer in half of
// the blocks: its interval then spans the budget.
func noisyShortest(runs []attack.Run) []attack.Run {
	for i, r := range runs {
		if r.Arm != chunkArm(shortest) || r.Block%2 == 1 {
			continue
		}
		for k := range r.Samples {
			if r.Streams[r.Samples[k].Stream].Role == attack.Probe {
				runs[i].Samples[k].Done += 12 * ms
			}
		}
	}
	return runs
}

// The picture shows every length with its interval, the budget and the
// recommendation.
func TestChunkSizeShows(t *testing.T) {
	r := chunkSize().judge(settings(2), sweepRuns(6, asLong, perTrip))
	c := r.Charts[0]
	if c.Kind != Curves || len(c.Panels) != 2 || len(c.Marks) != 1 || c.Marks[0].X != 8 || !c.Marks[0].Recommended {
		t.Fatalf("got %+v", c)
	}
	if l := c.Panels[0].Limit; l == nil || l.Value != 10 {
		t.Errorf("the budget is drawn at %+v", l)
	}
	for i, p := range c.Panels[0].Lines[0].Points {
		// Blocks wait 0 to 50 µs longer: the centre is 25 µs.
		if want := float64(sweep[i])/1000 + 0.025; p.X != float64(sweep[i])/1000 || p.Y.Value < want-1e-6 || p.Y.Value > want+1e-6 || p.Y.N != 6 {
			t.Errorf("point %d is %+v, want %v ms", i, p, want)
		}
	}
	if cost := c.Panels[1].Lines[0].Points[0].Y; cost.Value < 4.99 || cost.Value > 5.01 {
		t.Errorf("the shortest chunk costs %v %%, want 5", cost.Value)
	}
}

// offloadRuns are blocks of the offload claim on so many cores: on a worker the
// probes do not wait, and the crowd's jobs run side by side.
func offloadRuns(blocks, cores int) []attack.Run {
	var runs []attack.Run
	together := func(workers int) []time.Duration {
		jobs := make([]time.Duration, crowd)
		for i := range jobs {
			jobs[i] = time.Duration(i/workers+1) * 200 * ms
		}
		return jobs
	}
	for b := range blocks {
		runs = append(runs,
			synthetic("idle", b, probes{ms, ms}),
			synthetic("block", b, probes{ms, 400 * ms}, 400*ms),
			synthetic("worker", b, probes{ms, 2 * ms}, 400*ms),
			synthetic(blockCrowd, b, probes{ms, 400 * ms}, together(1)...),
			synthetic(workerCrowd, b, probes{ms, 2 * ms}, together(cores)...))
	}
	return withLag(runs)
}

// withLag gives every run a heartbeat that was as late as its slowest probe.
func withLag(runs []attack.Run) []attack.Run {
	for i, r := range runs {
		runs[i].Lag = []target.LagReading{{Ran: time.Duration(worstProbe(r))}}
	}
	return runs
}

func TestOffload(t *testing.T) {
	for _, c := range []struct {
		name     string
		cores    int
		runs     []attack.Run
		outcome  analysis.Outcome
		together string
	}{
		// 4 jobs of 200 ms: 800 ms one by one, 400 two at a time, 200 all at once.
		{"two cores", 2, offloadRuns(6, 2), analysis.Pass, "4 clients: 5.0 /slow a second in the handler and 10 on workers, 2.0× (2.0–2.0×)"},
		{"four cores", 4, offloadRuns(6, 4), analysis.Pass, "5.0 /slow a second in the handler and 20 on workers, 4.0×"},
		{"one core has nothing to gain", 1, offloadRuns(6, 1), analysis.Pass, "1.00×"},
		{"two cores that are not used", 2, offloadRuns(6, 1), analysis.Fail, "1.00×"},
		{"too few blocks", 2, offloadRuns(5, 2), analysis.Inconclusive, "2.0×"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := offload().judge(settings(c.cores), c.runs)
			if r.Verdict.Outcome != c.outcome {
				t.Errorf("got %s: %q %q", r.Verdict.Outcome, r.Verdict.Headline, r.Verdict.Reasons)
			}
			if last := r.Verdict.Findings[4].Statement; !strings.Contains(last, c.together) {
				t.Errorf("got %q, want %q", last, c.together)
			}
		})
	}
}

func TestOverview(t *testing.T) {
	s := settings(2)
	if _, ok := Overview([]Result{{Claim: chunking()}}, s); ok {
		t.Error("an overview of nothing")
	}
	results := []Result{
		offload().judge(s, offloadRuns(6, 2)),
		offload().judge(s, offloadRuns(6, 1)),
		{Claim: chunking(), Verdict: analysis.Verdict{Outcome: analysis.Invalid}},
	}
	c, ok := Overview(results, s)
	if !ok || c.Title != "1 of 3 claims proven" || len(c.Rows) != 2 {
		t.Fatalf("got %+v", c)
	}
	outcomes := []string{c.Rows[0].Outcome, c.Rows[1].Outcome}
	if !slices.Equal(outcomes, []string{"proven", "not proven"}) || c.Rows[0].Name != "offload" || c.Rows[0].Threshold != 2 {
		t.Errorf("got rows %+v", c.Rows)
	}
}
