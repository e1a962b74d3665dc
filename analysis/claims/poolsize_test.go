package claims

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// machine is how long a burst of eight hashes takes on it, in ms, by pool size;
// a block makes it longer by up to 2 %, each pool in other blocks.
type machine map[int]float64

// withCores is a machine on which a hash takes 36 ms and threads beyond the
// cores gain nothing: 288 ms on one core, 144 on two, 96 on three.
func withCores(cores int) machine {
	m := machine{}
	for _, size := range poolSizes {
		m[size] = 36 * poolJobs / float64(min(size, cores))
	}
	return m
}

func (m machine) took(size, block int) time.Duration {
	return time.Duration(m[size] * (1 + 0.01*float64((size+block)%3)) * 1e6)
}

// poolRuns are blocks in which the probes wait so long in the handler's arm, and
// 2 ms beside a pool.
func poolRuns(blocks int, m machine, waits time.Duration) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs, synthetic(syncArm, b, probes{waits, waits}, evenly(poolJobs, m.took(1, b))...))
		for _, size := range poolSizes {
			runs = append(runs, synthetic(hashing.arm(size), b, probes{2 * ms, 2 * ms}, evenly(poolJobs, m.took(size, b))...),
				synthetic(waiting.arm(size), b, probes{2 * ms, 2 * ms}, evenly(poolJobs, 400*ms/time.Duration(size))...))
		}
	}
	return runs
}

// evenly are n jobs, done one by one, the last of them after so long.
func evenly(n int, took time.Duration) []time.Duration {
	jobs := make([]time.Duration, n)
	for i := range jobs {
		jobs[i] = took * time.Duration(i+1) / time.Duration(n)
	}
	return jobs
}

func TestPoolSize(t *testing.T) {
	const wait = 150 * ms
	open := []string{"throughput, pool 4 against pool 2: the interval of 1.09× (1.08–1.11×) crosses 1.10×; more blocks would narrow it"}
	stops := func(at string) []string { return []string{"hashing was expected to gain up to " + at} }
	few := tooFew(5)
	cases := []struct {
		name  string
		cores int
		runs  []attack.Run
		expect
	}{
		{"one core", 1, poolRuns(6, withCores(1), wait), expect{outcome: analysis.Pass, blocks: 6, headline: "hashing stops gaining at 1 thread on 1 core, waiting gains up to 8; the probe waits 75× less"}},
		{"two cores", 2, poolRuns(6, withCores(2), wait), expect{outcome: analysis.Pass, blocks: 6, headline: "hashing stops gaining at 2 threads on 2 cores, waiting gains up to 8; the probe waits 75× less than in the handler"}},
		// Four threads on three cores: 96 against 144 ms.
		{"three cores", 3, poolRuns(6, withCores(3), wait), expect{outcome: analysis.Pass, blocks: 6, headline: "at 4 threads on 3 cores"}},
		{"four cores", 4, poolRuns(6, withCores(4), wait), expect{outcome: analysis.Pass, blocks: 6, headline: "at 4 threads on 4 cores"}},
		// Eight threads on six cores: 48 against 72 ms.
		{"six cores", 6, poolRuns(6, withCores(6), wait), expect{outcome: analysis.Pass, blocks: 6, headline: "at 8 threads on 6 cores"}},
		{"eight cores", 8, poolRuns(6, withCores(8), wait), expect{outcome: analysis.Pass, blocks: 6, headline: "at 8 threads on 8 cores"}},
		{"more cores than jobs", 64, poolRuns(6, withCores(8), wait), expect{outcome: analysis.Pass, blocks: 6, headline: "at 8 threads on 64 cores"}},

		{"growth beyond one core", 1, poolRuns(6, withCores(2), wait), expect{
			outcome: analysis.Fail, blocks: 6, headline: "at 2 threads on 1 core,", reasons: stops("1 thread"),
		}},
		{"growth beyond two cores", 2, poolRuns(6, withCores(8), wait), expect{
			outcome: analysis.Fail, blocks: 6, headline: "at 8 threads on 2 cores", reasons: stops("2 threads"),
		}},
		{"no growth up to the cores", 4, poolRuns(6, withCores(2), wait), expect{
			outcome: analysis.Fail, blocks: 6, headline: "at 2 threads on 4 cores", reasons: stops("4 threads"),
		}},
		{"none at all", 8, poolRuns(6, withCores(1), wait), expect{
			outcome: analysis.Fail, blocks: 6, headline: "at 1 thread on 8 cores", reasons: stops("8 threads"),
		}},
		// 144 to 131 ms is 1.10 times the throughput, give or take 2 %.
		{"a doubling that gains about a tenth", 2, poolRuns(6, machine{1: 288, 2: 144, 4: 131, 8: 131}, wait), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "where throughput stops growing is not settled; the probe waits 75× less", reasons: open,
		}},
		// 144 to 136 ms is 1.06 times the throughput: under 10 %, give or take 2 %.
		{"a doubling that gains less", 2, poolRuns(6, machine{1: 288, 2: 144, 4: 136, 8: 136}, wait), expect{
			outcome: analysis.Pass, blocks: 6, headline: "at 2 threads on 2 cores",
		}},
		{"unsettled in one place, wrong in another", 2, poolRuns(6, machine{1: 288, 2: 144, 4: 131, 8: 72}, wait), expect{
			outcome: analysis.Fail, blocks: 6, headline: "not settled", reasons: open,
		}},
		{"five blocks settle nothing", 2, poolRuns(5, withCores(2), wait), expect{
			outcome: analysis.Inconclusive, blocks: 5, headline: "not settled", warnings: few,
		}},

		{"the probe waits twice as long, not more", 2, poolRuns(6, withCores(2), 4*ms), expect{
			outcome: analysis.Fail, blocks: 6, headline: "on 2 cores, waiting gains up to 8",
		}},
		{"as long", 2, poolRuns(6, withCores(2), 2*ms), expect{outcome: analysis.Fail, blocks: 6, headline: "on 2 cores, waiting gains up to 8"}},

		// The effect is half of the 288 … 294 ms of one thread: being late by 20 %
		// of that, 29 ms, does no harm.
		{"the generator a little late", 2, in(poolRuns(6, withCores(2), wait), by(28*ms), 0, 1, 2, 3, 4, 5), expect{
			outcome: analysis.Pass, blocks: 6, headline: "at 2 threads", warnings: []analysis.Warning{
				"block 1, sync: send lag p99 28 ms", "and 53 more of 54 runs with such a warning"},
		}},
		{"the generator late in all blocks", 2, in(poolRuns(6, withCores(2), wait), by(31*ms), 0, 1, 2, 3, 4, 5), expect{
			outcome: analysis.Invalid, headline: "no block can be trusted", reasons: allLeftOut(
				"96.2 % of the requests were sent more than 29 ms late (send lag p99 31 ms)"), // 200 of 208
		}},
		{"nothing run", 2, nil, expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, poolSize().judge(settings(c.cores), c.runs)) })
	}
}

func by(late time.Duration) func(attack.Run) attack.Run {
	return func(r attack.Run) attack.Run { return sentLate(r, late) }
}

// allLeftOut is the reason for each run of six blocks.
func allLeftOut(reason string) []string {
	var reasons []string
	for _, block := range strings.Fields("1 2 3 4 5 6") {
		arms := []string{"sync"}
		for _, size := range poolSizes {
			arms = append(arms, hashing.arm(size), waiting.arm(size))
		}
		for _, arm := range arms {
			reasons = append(reasons, "block "+block+", "+arm+", left out: "+reason)
		}
	}
	return reasons
}

func TestPoolSizeFindings(t *testing.T) {
	v := poolSize().judge(settings(2), poolRuns(6, withCores(2), 150*ms)).Verdict
	want := []struct {
		statement string
		outcome   analysis.Outcome
		threshold float64
	}{
		{"probe mean: 150 ms with sync, 2.0 ms with pool 4, 75× (75–75×)", analysis.Pass, 2},
		{"hashing from 1 to 2 threads: throughput 2.0× (2.0–2.0×), grows", analysis.Pass, 1.1},
		// The blocks' 0 to 2 %: 1.02/1.01, 1.00/1.02 and 1.01/1.00, twice each.
		{"hashing from 2 to 4 threads: throughput 1.00× (0.98–1.01×), grows by less than 10 %", analysis.Pass, 1.1},
		// 1.01/1.02, 1.02/1.00 and 1.00/1.01.
		{"hashing from 4 to 8 threads: throughput 1.00× (0.99–1.02×), grows by less than 10 %", analysis.Pass, 1.1},
		// 400 ms over the number of threads, in every block.
		{"waiting from 1 to 2 threads: throughput 2.0× (2.0–2.0×), grows", analysis.Pass, 1.1},
		{"waiting from 2 to 4 threads: throughput 2.0× (2.0–2.0×), grows", analysis.Pass, 1.1},
		{"waiting from 4 to 8 threads: throughput 2.0× (2.0–2.0×), grows", analysis.Pass, 1.1},
	}
	if len(v.Findings) != len(want) {
		t.Fatalf("got %d findings, want %d", len(v.Findings), len(want))
	}
	for i, f := range v.Findings {
		if f.Statement != want[i].statement || f.Outcome != want[i].outcome || math.Abs(f.Threshold-want[i].threshold) > 1e-9 {
			t.Errorf("got %q, %s against %v; want %+v", f.Statement, f.Outcome, f.Threshold, want[i])
		}
	}
}

func TestPoolSizeShows(t *testing.T) {
	// 8 jobs in 288, 288, 144, 72 and 36 ms, and 1 % more in the median block.
	r := poolSize().judge(settings(8), poolRuns(6, withCores(8), 150*ms))
	if len(r.Figures) != 2 || r.Figures[1].Values["waiting, pool 8"] != 160 || r.Figures[0].Unit != "hashes/s" {
		t.Fatalf("got figures %+v", r.Figures)
	}
	for arm, want := range map[string]float64{syncArm: 27.5, "pool 1": 27.5, "pool 2": 55.0, "pool 4": 110, "pool 8": 220} {
		if got := r.Figures[0].Values[arm]; math.Abs(got/want-1) > 0.001 {
			t.Errorf("%s: got %v hashes/s, want %v", arm, got, want)
		}
	}
	titles := []string{
		"8 hashes on 1, 2, 4, 8 threads take 291 ms, 145 ms, 73 ms, 36 ms on 8 cores",
		"Hashing in the handler makes the probe wait 150 ms on average, on the pool 2.0 ms",
	}
	arms := [][]string{{"pool 1", "pool 2", "pool 4", "pool 8"}, {"sync", "pool 4"}}
	for i, c := range r.Charts[1:] { // behind the curve
		if c.Title != titles[i] || !slices.Equal(c.Arms, arms[i]) {
			t.Errorf("%s: got %q of %q, want %q of %q", c.Name, c.Title, c.Arms, titles[i], arms[i])
		}
	}
}

func TestSizeForCores(t *testing.T) {
	for cores, want := range map[int]int{1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 8: 8, 9: 8, 64: 8} {
		if got := hashing.sizeFor(cores); got != want {
			t.Errorf("%d cores: got %d, want %d", cores, got, want)
		}
	}
}
