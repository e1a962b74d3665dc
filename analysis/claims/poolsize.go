package claims

import (
	"fmt"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// poolSize proves the guide's thread-pool limit: eight hashes at once on pools
// of several sizes, and in the handler.
func poolSize() Claim {
	return Claim{
		Name:   "pool-size",
		Title:  "CPU work on the thread pool frees the loop, and gains up to the number of cores",
		Proves: "hashes on the thread pool leave the loop free, and more threads add throughput up to the number of cores and no further",
		Arms:   poolArms,
		Judge:  judgePool,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, poolArm(1), burstTime) / 2
		},
	}
}

const (
	hashJobs = 8 // at once, as in the guide
	syncArm  = "sync"
	// growsBy is the equivalence margin: a doubling of the pool that gains less
	// than 10 %, with its whole interval, gains nothing worth having.
	growsBy = 1.10
)

// poolSizes are the pools that are compared.
var poolSizes = []int{1, 2, 4, 8}

func poolArm(size int) string { return fmt.Sprintf("pool %d", size) }

func poolArms(s Settings) []attack.Arm {
	// A burst must be over before the next begins, also on one thread.
	every := max(600*time.Millisecond, hashJobs*s.Hash*3/2+100*time.Millisecond)
	times, warmup := 2, attack.Warmup{Lasts: 150 * time.Millisecond}
	if s.Quick {
		times, warmup.Lasts = 1, 100*time.Millisecond
		every = max(350*time.Millisecond, hashJobs*s.Hash*5/4)
	}
	every = every.Round(50 * time.Millisecond)
	lasts := time.Duration(times) * every
	arm := func(name string, look attack.Look, size int, mode string) attack.Arm {
		target := s.Target
		target.PoolSize = size
		return attack.Arm{
			Name: name, Look: look, Target: target, Warmup: warmup, Takes: lasts,
			Streams: []attack.Stream{probe(s, lasts), {
				Name: "/hash", Role: attack.Offender, Timeout: offenderTimeout,
				Requests: []attack.Request{{URL: "/hash?mode=" + mode}},
				Schedule: attack.Bursts{Size: hashJobs, Every: every, Times: times, Offset: 20 * time.Millisecond},
			}},
		}
	}
	arms := []attack.Arm{arm(syncArm, attack.LookBlock, 4, "sync")}
	for _, size := range poolSizes {
		arms = append(arms, arm(poolArm(size), attack.LookPool, size, "pool"))
	}
	return arms
}

func judgePool(s Settings, blocks []analysis.Block) Judgement {
	waits := better("probe mean", blocks, probeMean, syncArm, poolArm(4))
	expected := sizeForCores(s.Cores)
	steps, knee := doublings(blocks, expected)

	v := analysis.Verdict{Findings: append([]analysis.Finding{waits}, steps...)}
	v.Headline = fmt.Sprintf("throughput stops growing at %s on %s", count(knee, "thread"), count(s.Cores, "core"))
	for _, f := range v.Findings {
		v.Outcome = analysis.Worst(v.Outcome, f.Outcome)
		v.Warnings = append(v.Warnings, f.Warnings...)
	}
	switch {
	case knee == 0:
		v.Headline = "where throughput stops growing is not settled"
		v.Reasons = append(v.Reasons, "the intervals do not tell where throughput stops growing; more blocks would")
	case knee != expected:
		v.Reasons = append(v.Reasons, fmt.Sprintf("expected it to stop at %s, the cores that %d jobs can use", count(expected, "thread"), hashJobs))
	}
	v.Headline += fmt.Sprintf("; the probe waits %s less than in the handler", analysis.Times(waits.Effect.Value))
	return Judgement{Verdict: v, Figures: []Figure{hashesPerSecond(blocks)}, Charts: poolCharts(s, blocks, v)}
}

// doublings compares the throughput of each pool with that of half the size. A
// doubling passes when its interval settles it as expected: growth up to the
// expected size, none beyond. knee is the smallest pool after which none grows,
// 0 when that is not settled.
func doublings(blocks []analysis.Block, expected int) (steps []analysis.Finding, knee int) {
	knee, settled := poolSizes[0], true
	for i, size := range poolSizes[1:] {
		small, large := poolArm(poolSizes[i]), poolArm(size)
		f := analysis.Finding{
			Comparison: analysis.Compare("throughput, "+large+" against "+small, blocks, throughput, large, small),
			Threshold:  growsBy,
		}
		said := "not settled whether it grows"
		switch f.Outcome = f.Judge(growsBy); f.Outcome {
		case analysis.Pass:
			said, knee = "grows", size
		case analysis.Fail:
			said = fmt.Sprintf("grows by less than %.0f %%", 100*(growsBy-1))
		default:
			settled = false
		}
		f.Statement = fmt.Sprintf("throughput from %d to %d threads: %s, %s", poolSizes[i], size, analysis.TimesWithin(f.Effect), said)
		if size > expected {
			f.Outcome = opposite(f.Outcome)
		}
		steps = append(steps, f)
	}
	if !settled {
		knee = 0
	}
	return steps, knee
}

// opposite is the outcome where an effect was not to be found.
func opposite(o analysis.Outcome) analysis.Outcome {
	switch o {
	case analysis.Pass:
		return analysis.Fail
	case analysis.Fail:
		return analysis.Pass
	}
	return o
}

// sizeForCores is the smallest pool that can keep all cores busy with the jobs
// that there are.
func sizeForCores(cores int) int {
	for _, size := range poolSizes {
		if size >= min(cores, hashJobs) {
			return size
		}
	}
	return poolSizes[len(poolSizes)-1]
}

func hashesPerSecond(blocks []analysis.Block) Figure {
	f := Figure{Name: "throughput", Unit: "hashes/s", Values: map[string]float64{syncArm: typical(blocks, syncArm, throughput)}}
	for _, size := range poolSizes {
		f.Values[poolArm(size)] = typical(blocks, poolArm(size), throughput)
	}
	return f
}

// burstTime is how long a burst took, on average.
func burstTime(r attack.Run) float64 {
	jobs, took := bursts(r)
	return float64(took) * hashJobs / float64(max(jobs, 1))
}

func poolCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	arms := []string{}
	for _, size := range poolSizes {
		arms = append(arms, poolArm(size))
	}
	subtitle := fmt.Sprintf("%d password hashes sent at once, probe /ok at %g/s beside them · %d blocks", hashJobs, s.Rate, len(blocks))
	steps := make([]string, len(poolSizes))
	for i, arm := range arms {
		steps[i] = analysis.Human(typicalTime(blocks, arm, burstTime))
	}
	return []Chart{
		{
			Kind: Staircase, Name: "pool-size-staircase", Arms: arms, Stream: attack.Offender,
			Title:    fmt.Sprintf("%d hashes on 1, 2, 4, 8 threads take %s: the gain ends with the %s", hashJobs, strings.Join(steps, ", "), count(s.Cores, "core")),
			Subtitle: subtitle,
		},
		{
			Kind: Percentiles, Name: "pool-size-percentiles", Arms: append([]string{syncArm}, arms...), Stream: attack.Probe,
			Title: fmt.Sprintf("hashing in the handler makes the probe wait %s on average, on the pool %s",
				analysis.Human(typicalTime(blocks, syncArm, probeMean)), analysis.Human(typicalTime(blocks, poolArm(4), probeMean))),
			Subtitle: fmt.Sprintf("%s · n = %d per arm", subtitle, samples(blocks, syncArm, attack.Probe)),
		},
	}
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
