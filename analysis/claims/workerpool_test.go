package claims

import (
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// crew is how long a burst of twelve jobs of 20 ms takes, by the number of
// workers, in ms.
type crew = machine

func crewOn(cores int) crew {
	c := crew{}
	for _, size := range computing.sizes {
		c[size] = 240 / float64(min(size, cores))
	}
	return c
}

// flooded is a run of forty jobs at once of which so many are served, the last of
// them after so long; the others get a 503 after refused.
func flooded(arm string, block, served int, last, refused time.Duration) attack.Run {
	jobs := evenly(served, last)
	for len(jobs) < flood {
		jobs = append(jobs, refused)
	}
	r := synthetic(arm, block, probes{2 * ms, 2 * ms}, jobs...)
	for i := range r.Samples[probesSent+served:] {
		r.Samples[probesSent+served+i].Code = http.StatusServiceUnavailable
	}
	return r
}

// workerRuns are blocks in which probes wait so long in the handler's arm and the
// loop is held for as long, and 2 ms beside workers; short is the arm with the
// short queue.
func workerRuns(blocks int, c crew, waits time.Duration, short func(block int) attack.Run) []attack.Run {
	var runs []attack.Run
	held := func(r attack.Run, lag time.Duration) attack.Run {
		r.Lag = []target.LagReading{{Due: 0, Ran: lag}}
		return r
	}
	for b := range blocks {
		runs = append(runs, held(synthetic(handlerArm, b, probes{waits, waits}, evenly(12, 240*ms)...), waits))
		for _, size := range computing.sizes {
			runs = append(runs, held(synthetic(computing.arm(size), b, probes{2 * ms, 2 * ms}, evenly(12, c.took(size, b))...), 2*ms))
		}
		runs = append(runs, flooded(longArm, b, flood, 400*ms, 0), short(b))
	}
	return runs
}

// short serves so many, the last of them after so long, and refuses the others
// after so long.
func short(served int, last, refused time.Duration) func(int) attack.Run {
	return func(block int) attack.Run { return flooded(shortArm, block, served, last, refused) }
}

func TestWorkerPool(t *testing.T) {
	const wait = 150 * ms
	good := short(6, 60*ms, 4*ms) // 400/60 = 6.7
	open := []string{"throughput, workers 4 against workers 2: the interval of 1.3× (1.3–1.3×) crosses 1.3×; more blocks would narrow it"}
	gainless := []string{"computing was expected to gain up to 2 workers"}
	cases := []struct {
		name  string
		cores int
		runs  []attack.Run
		expect
	}{
		{"two cores", 2, workerRuns(6, crewOn(2), wait, good), expect{
			outcome: analysis.Pass, blocks: 6,
			headline: "workers stop gaining at 2 on 2 cores; the probe waits 75× less than in the handler; a queue of 4 serves what it takes 6.7× sooner",
		}},
		{"one core", 1, workerRuns(6, crewOn(1), wait, good), expect{outcome: analysis.Pass, blocks: 6, headline: "at 1 on 1 core;"}},
		{"more cores than workers", 8, workerRuns(6, crewOn(8), wait, good), expect{outcome: analysis.Pass, blocks: 6, headline: "at 4 on 8 cores;"}},
		{"growth beyond the cores", 2, workerRuns(6, crewOn(8), wait, good), expect{outcome: analysis.Fail, blocks: 6, headline: "at 4 on 2 cores", reasons: gainless}},
		{"no growth up to the cores", 2, workerRuns(6, crewOn(1), wait, good), expect{outcome: analysis.Fail, blocks: 6, headline: "at 1 on 2 cores", reasons: gainless}},
		// 120 to 92.3 ms is 1.30 times the throughput, give or take 2 %.
		{"a doubling that gains about three tenths", 2, workerRuns(6, crew{1: 240, 2: 120, 4: 92.3}, wait, good), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "where throughput stops growing is not settled; the probe waits 75× less", reasons: open,
		}},
		{"the probe waits twice as long, not more", 2, workerRuns(6, crewOn(2), 4*ms, good), expect{
			outcome: analysis.Fail, blocks: 6, headline: "at 2 on 2 cores; a queue",
		}},
		{"what is taken waits as long", 2, workerRuns(6, crewOn(2), wait, short(6, 400*ms, 4*ms)), expect{
			outcome: analysis.Fail, blocks: 6, headline: "75× less than in the handler",
		}},
		{"half as long is not better", 2, workerRuns(6, crewOn(2), wait, short(6, 200*ms, 4*ms)), expect{outcome: analysis.Fail, blocks: 6}},
		// The typical job of the long queue is the 20th of 40: 200 ms.
		{"refused late", 2, workerRuns(6, crewOn(2), wait, short(6, 60*ms, 100*ms)), expect{outcome: analysis.Fail, blocks: 6}},
		{"nothing is refused", 2, workerRuns(6, crewOn(2), wait, short(flood, 400*ms, 0)), expect{outcome: analysis.Fail, blocks: 6}},
		{"everything is refused", 2, workerRuns(6, crewOn(2), wait, short(0, 0, 4*ms)), expect{outcome: analysis.Fail, blocks: 6}},
		{"five blocks settle nothing", 2, workerRuns(5, crewOn(2), wait, good), expect{
			outcome: analysis.Inconclusive, blocks: 5, headline: "not settled", warnings: tooFew(5),
		}},
		{"nothing run", 2, nil, expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, workerPool().judge(settings(c.cores), c.runs)) })
	}
}

func TestWorkerPoolSays(t *testing.T) {
	r := workerPool().judge(settings(2), workerRuns(6, crewOn(2), 150*ms, short(6, 60*ms, 4*ms)))
	states(t, r,
		"probe mean: 150 ms with handler, 2.0 ms with workers 2, 75× (75–75×)",
		"loop lag, longest: 150 ms with handler, 2.0 ms with workers 2, 75× (75–75×)",
		"computing from 1 to 2 workers: throughput 2.0× (2.0–2.0×), grows",
		"computing from 2 to 4 workers: throughput 1.00× (0.98–1.01×), grows by less than 30 %",
		"40 jobs at once: the last that is served takes 400 ms with a queue that takes all, 60 ms with one of 4, 6.7× (6.7–6.7×)",
		// The 20th of 40 is one of those that are refused after 4 ms; 34 are.
		"85 % of them get a 503, typically after 4.0 ms; with a queue that takes all the typical job waits 200 ms, 50× (50–50×)",
	)
	if len(r.Recommendations) != 1 || r.Recommendations[0].Value != 2 {
		t.Errorf("recommends %+v", r.Recommendations)
	}
	// Twelve jobs in 240 ms, and 1 % more in the median block.
	if got := r.Figures[0].Values; math.Abs(got[handlerArm]-50) > 1e-9 || math.Abs(got["workers 1"]*1.01/50-1) > 1e-9 || r.Figures[1].Values[shortArm] != 85 {
		t.Errorf("got figures %+v", r.Figures)
	}
}

func TestWorkerPoolShows(t *testing.T) {
	r := workerPool().judge(settings(2), workerRuns(6, crewOn(2), 150*ms, short(6, 60*ms, 4*ms)))
	curve, dots := r.Charts[0], r.Charts[2]
	if curve.Kind != Curves || len(curve.Panels) != 3 || len(curve.Marks) != 2 || curve.Marks[1].X != 2 {
		t.Fatalf("got %+v", curve)
	}
	for i, handler := range []float64{50, 240, 150} { // jobs/s, ms, ms
		if got := curve.Panels[i].Limit.Value; math.Abs(got-handler) > 1e-9 {
			t.Errorf("%s: the handler is drawn at %v, want %v", curve.Panels[i].Label, got, handler)
		}
	}
	if want := "A queue of 4 answers the last job that it takes after 60 ms, one that takes all after 400 ms"; dots.Kind != Dots || dots.Title != want {
		t.Errorf("got %s %q", dots.Kind, dots.Title)
	}
	for i, want := range [][]float64{{400, 60}, {200, 4}, {0, 85}} {
		var got []float64
		for _, v := range dots.Measures[i].Values {
			got = append(got, v.Y.Value)
		}
		if !slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("%s: got %v, want %v", dots.Measures[i].Label, got, want)
		}
	}
}
