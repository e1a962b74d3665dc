package claims

import (
	"fmt"
	"net/http"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// The part of the claim worker-pool about the queue: more jobs at once than the
// workers can do soon, with and without a limit on how many of them may wait.

const (
	// flood is so many jobs at once that two workers are busy with them for long,
	// and shortQueue how many of them may wait where there is a limit.
	flood        = 40
	shortQueue   = 4
	floodWorkers = 2
)

var (
	longArm  = fmt.Sprintf("queue %d", target.DefaultWorkerQueue)
	shortArm = fmt.Sprintf("queue %d", shortQueue)
)

// queueArms asks two workers for so many of the jobs, with a queue that takes all
// of them and with a short one.
func queueArms(s Settings, jobs burst, workers target.Reference) []attack.Arm {
	jobs.jobs, jobs.times, jobs.expect = flood, 1, servedOrRefused
	if s.Quick {
		jobs.jobs = flood / 2
	}
	limited := workers
	limited.Options = fmt.Sprintf("--worker-queue %d", shortQueue)
	return []attack.Arm{
		jobs.arm(s, longArm, attack.LookBlock, workers),
		jobs.arm(s, shortArm, attack.LookWorker, limited),
	}
}

// queueFindings are what a limit does to the jobs that are taken and to the rest.
func queueFindings(blocks []analysis.Block) (last, refused analysis.Finding) {
	last = better("last job served", blocks, lastServed, longArm, shortArm)
	last.Statement = fmt.Sprintf("%s at once: the last that is served takes %s with a queue that takes all, %s with one of %d, %s",
		analysis.Count(jobsOf(blocks, shortArm), "job"), analysis.Human(typicalTime(blocks, longArm, lastServed)),
		analysis.Human(typicalTime(blocks, shortArm, lastServed)), shortQueue, analysis.TimesWithin(last.Effect))
	refused = better("typical answer", blocks, jobMedian, longArm, shortArm)
	refused.Statement = fmt.Sprintf("%.0f %% of them get a 503, typically after %s; with a queue that takes all the typical job waits %s, %s",
		100*typical(blocks, shortArm, refusedShare), analysis.Human(typicalTime(blocks, shortArm, refusedMedian)),
		analysis.Human(typicalTime(blocks, longArm, jobMedian)), analysis.TimesWithin(refused.Effect))
	return last, refused
}

// queueDots is what a limit on the queue does to what is taken and to the rest.
func queueDots(blocks []analysis.Block, v analysis.Verdict) Chart {
	last := v.Findings[len(v.Findings)-2]
	dots := func(label, unit string, by float64, m analysis.Metric) Measure {
		return measure(label, unit, by, blocks, m, longArm, shortArm)
	}
	return Chart{
		Kind: Dots, Name: "worker-pool-queue", Outcome: last.Outcome,
		Title: fmt.Sprintf("a queue of %d answers the last job that it takes after %s, one that takes all after %s", shortQueue,
			analysis.Human(typicalTime(blocks, shortArm, lastServed)), analysis.Human(typicalTime(blocks, longArm, lastServed))),
		Subtitle: fmt.Sprintf("%d jobs at once for %d workers · %d blocks, intervals over blocks", jobsOf(blocks, shortArm), floodWorkers, len(blocks)),
		Measures: []Measure{
			dots("last job served, ms", "ms", inMS, lastServed),
			dots("typical answer, ms", "ms", inMS, jobMedian),
			dots("turned away with 503, %", "%", 100, refusedShare),
		},
	}
}

// answers gives the response times of the jobs that were answered with that code;
// with any, when it is 0.
func answers(r attack.Run, code int) []time.Duration {
	var d []time.Duration
	for _, s := range r.Of(attack.Offender) {
		if s.Answered() && (code == 0 || s.Code == code) {
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
	all := max(len(answers(r, 0)), 1)
	return float64(len(answers(r, http.StatusServiceUnavailable))) / float64(all)
}

// jobMedian is how long the typical job had to wait for its answer, whatever it was.
func jobMedian(r attack.Run) float64 {
	return float64(analysis.Describe(answers(r, 0)).P50)
}

// jobsOf is how many jobs an arm asks for in a block.
func jobsOf(blocks []analysis.Block, arm string) int {
	return len(blocks[0][arm].Of(attack.Offender))
}
