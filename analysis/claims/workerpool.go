package claims

import (
	"context"
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// workerPool proves the guide's "Moving CPU Work to Worker Threads" for more than
// one request: how many workers are worth having, and what a queue in front of
// them needs.
func workerPool() Claim {
	return Claim{
		Name:   "worker-pool",
		Title:  "a pool of workers frees the loop and gains up to the cores; its queue needs a limit",
		Proves: "CPU work on a fixed pool of workers leaves the loop free and gains throughput up to the number of cores; a short queue keeps what it takes quick and answers the rest at once",
		Arms:   workerPoolArms,
		Judge:  judgeWorkerPool,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, computing.arm(1), burstTime) / 2
		},
		Prepare: func(_ context.Context, s *Settings) error {
			s.Compute = target.ComputeTakes(computeNumber)
			return nil
		},
		Extra: true,
	}
}

const (
	computeNumber = 33 // whose Fibonacci number takes some 15 ms
	handlerArm    = "handler"
)

// computing is what the workers do; the names of its arms are numbers of them. Its
// margin is wide, since on a busy machine more workers get a larger share of it.
var computing = poolWork{"computing", "workers", "jobs/s", "worker", attack.LookWorker, []int{1, 2, 4}, 1.3}

func workerPoolArms(s Settings) []attack.Arm {
	jobs := func(mode string) burst {
		b := burst{url: fmt.Sprintf("/compute?n=%d&mode=%s", computeNumber, mode), jobs: computeAtOnce(s), each: s.Compute, times: 2, warm: 100 * time.Millisecond}
		if s.Quick {
			b.times, b.warm = 1, 50*time.Millisecond
		}
		return b
	}
	workers := func(size int) target.Reference {
		t := s.Target
		t.Workers = size
		return t
	}
	arms := []attack.Arm{jobs("block").arm(s, handlerArm, attack.LookBlock, workers(floodWorkers))}
	for _, size := range computing.sizes {
		arms = append(arms, jobs("worker").arm(s, computing.arm(size), computing.look, workers(size)))
	}
	return append(arms, queueArms(s, jobs("worker"), workers(floodWorkers))...)
}

// computeAtOnce is how many jobs are asked for at once where nothing is refused.
func computeAtOnce(s Settings) int {
	if s.Quick {
		return 8
	}
	return 12
}

func judgeWorkerPool(s Settings, blocks []analysis.Block) Judgement {
	cores := computing.sizeFor(s.Cores)
	waits := better("probe mean", blocks, probeMean, handlerArm, computing.arm(2))
	lag := better("loop lag, longest", blocks, worstLag, handlerArm, computing.arm(2))
	steps, knee := doublings(blocks, computing, cores)
	last, refused := queueFindings(blocks)

	v := analysis.Verdict{Findings: append(append([]analysis.Finding{waits, lag}, steps...), last, refused)}
	v.Headline = gains(s, knee, waits)
	if last.Outcome == analysis.Pass {
		v.Headline += fmt.Sprintf("; a queue of %d serves what it takes %s sooner", shortQueue, analysis.Times(last.Effect.Value))
	}
	v.Settle()
	if knee != 0 && knee != cores {
		v.Reasons = append(v.Reasons, "computing was expected to gain up to "+analysis.Count(cores, "worker"))
	}
	return Judgement{
		Verdict:         v,
		Recommendations: recommendWorkers(s, blocks, knee),
		Figures: []Figure{
			figure("throughput", computing.unit, blocks, throughput, append([]string{handlerArm}, computing.arms()...)...),
			figure("turned away", "%", blocks, func(r attack.Run) float64 { return 100 * refusedShare(r) }, longArm, shortArm),
		},
		Charts: workerCharts(s, blocks, v, knee),
	}
}

// gains says what workers are worth, and no more than is settled.
func gains(s Settings, knee int, waits analysis.Finding) string {
	said := "where throughput stops growing is not settled"
	if knee != 0 {
		said = fmt.Sprintf("workers stop gaining at %d on %s", knee, analysis.Count(s.Cores, "core"))
	}
	if waits.Outcome == analysis.Pass {
		said += fmt.Sprintf("; the probe waits %s less than in the handler", analysis.Times(waits.Effect.Value))
	}
	return said
}

// recommendWorkers gives the size after which throughput no longer grows.
func recommendWorkers(s Settings, blocks []analysis.Block, knee int) []Recommendation {
	if knee == 0 {
		return nil
	}
	why := "further workers only make each job take longer"
	if knee == computing.sizes[len(computing.sizes)-1] {
		why = "every doubling was worth having, and more were not compared"
	}
	rate := func(size int) string { return analysis.Digits(typical(blocks, computing.arm(size), throughput)) }
	return []Recommendation{{
		Setting: "workers for jobs that compute", Value: float64(knee), Unit: "workers",
		Reason: fmt.Sprintf("%s jobs/s with 1 worker, %s with %d, %s with 4 on %s: %s",
			rate(1), rate(knee), knee, rate(4), analysis.Count(s.Cores, "core"), why),
	}}
}
