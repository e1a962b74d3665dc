package claims

import (
	"context"
	"fmt"
	"net/http"
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

	// flood is so many jobs at once that two workers are busy with them for long,
	// and shortQueue how many of them may wait where there is a limit.
	flood        = 40
	shortQueue   = 4
	floodWorkers = 2
)

// computing is what the workers do; the names of its arms are numbers of them. Its
// margin is wide, since on a busy machine more workers get a larger share of it.
var computing = poolWork{"computing", "workers", "jobs/s", attack.LookWorker, []int{1, 2, 4}, "worker", 1.3}

var (
	longArm  = fmt.Sprintf("queue %d", target.DefaultWorkerQueue)
	shortArm = fmt.Sprintf("queue %d", shortQueue)
)

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
	all := jobs("worker")
	all.jobs, all.times, all.expect = flood, 1, servedOrRefused
	if s.Quick {
		all.jobs = flood / 2
	}
	long, short := workers(floodWorkers), workers(floodWorkers)
	short.Options = fmt.Sprintf("--worker-queue %d", shortQueue)
	return append(arms, all.arm(s, longArm, attack.LookBlock, long), all.arm(s, shortArm, attack.LookWorker, short))
}

// computeAtOnce is how many jobs are asked for at once where nothing is refused.
func computeAtOnce(s Settings) int {
	if s.Quick {
		return 8
	}
	return 12
}

// servedOrRefused are the answers of a pool with a bounded queue.
func servedOrRefused(code int) bool {
	return code == http.StatusOK || code == http.StatusServiceUnavailable
}

func judgeWorkerPool(s Settings, blocks []analysis.Block) Judgement {
	cores := computing.sizeFor(s.Cores)
	waits := better("probe mean", blocks, probeMean, handlerArm, computing.arm(2))
	lag := better("loop lag, longest", blocks, worstLag, handlerArm, computing.arm(2))
	steps, knee := doublings(blocks, computing, cores)
	last := better("last job served", blocks, lastServed, longArm, shortArm)
	last.Statement = fmt.Sprintf("%s at once: the last that is served takes %s with a queue that takes all, %s with one of %d, %s",
		analysis.Count(jobsOf(blocks, shortArm), "job"), analysis.Human(typicalTime(blocks, longArm, lastServed)),
		analysis.Human(typicalTime(blocks, shortArm, lastServed)), shortQueue, analysis.TimesWithin(last.Effect))
	refused := better("typical answer", blocks, jobMedian, longArm, shortArm)
	refused.Statement = fmt.Sprintf("%.0f %% of them get a 503, typically after %s; with a queue that takes all the typical job waits %s, %s",
		100*typical(blocks, shortArm, refusedShare), analysis.Human(typicalTime(blocks, shortArm, refusedMedian)),
		analysis.Human(typicalTime(blocks, longArm, jobMedian)), analysis.TimesWithin(refused.Effect))

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
	rate := func(size int) string { return analysis.Digits(typical(blocks, computing.arm(size), throughput)) }
	return []Recommendation{{
		Setting: "workers for jobs that compute", Value: float64(knee), Unit: "workers",
		Reason: fmt.Sprintf("%s jobs/s with 1 worker, %s with %d, %s with 4 on %s: further workers only make each job take longer",
			rate(1), rate(knee), knee, rate(4), analysis.Count(s.Cores, "core")),
	}}
}

// answers gives the response times of the jobs that were answered with that code.
func answers(r attack.Run, code int) []time.Duration {
	var d []time.Duration
	for _, s := range r.Of(attack.Offender) {
		if s.Answered() && s.Code == code {
			d = append(d, s.Response())
		}
	}
	return d
}

// lastServed is how long the job that was served last had to wait: for all of the
// run when none was.
func lastServed(r attack.Run) float64 {
	served := analysis.Describe(answers(r, http.StatusOK))
	if served.N == 0 {
		return float64(r.Count(attack.Offender).Span)
	}
	return float64(served.Max)
}

func refusedMedian(r attack.Run) float64 {
	return float64(analysis.Describe(answers(r, http.StatusServiceUnavailable)).P50)
}

// refusedShare is which part of the jobs was turned away, from 0 to 1.
func refusedShare(r attack.Run) float64 {
	all := max(len(responses(r, attack.Offender)), 1)
	return float64(len(answers(r, http.StatusServiceUnavailable))) / float64(all)
}

// jobMedian is how long the typical job had to wait for its answer, whatever it was.
func jobMedian(r attack.Run) float64 {
	return float64(analysis.Describe(responses(r, attack.Offender)).P50)
}

// jobsOf is how many jobs an arm asks for in a block.
func jobsOf(blocks []analysis.Block, arm string) int {
	return len(blocks[0][arm].Of(attack.Offender))
}
