package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// poolSize proves the guide's thread-pool limit: eight jobs at once on pools of
// several sizes, jobs that compute and jobs that only wait.
func poolSize() Claim {
	return Claim{
		Name:   "pool-size",
		Title:  "work on the pool frees the loop; computing gains up to the cores, waiting with every thread",
		Proves: "hashes on the thread pool leave the loop free and gain throughput up to the number of cores; jobs that only wait gain with every thread",
		Arms:   poolArms,
		Judge:  judgePool,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, hashing.arm(1), burstTime) / 2
		},
	}
}

const (
	poolJobs = 8 // at once, as in the guide
	syncArm  = "sync"
	growsBy  = 1.10 // of a doubling that is worth having
)

// poolSizes are the pools that are compared.
var poolSizes = []int{1, 2, 4, 8}

// poolWork is a kind of job for pools of several sizes.
type poolWork struct {
	name   string
	prefix string // of its arms
	unit   string
	of     string // what the pool is of, in the singular
	look   attack.Look
	sizes  []int // pools that are compared
	// worth is the equivalence margin: a doubling of the pool that gains less, with
	// its whole interval, gains nothing worth having.
	worth float64
}

var (
	hashing = poolWork{"hashing", "pool", "hashes/s", "thread", attack.LookPool, poolSizes, growsBy}
	waiting = poolWork{"waiting", "waiting, pool", "waits/s", "thread", attack.LookWorker, poolSizes, growsBy}
)

func (w poolWork) arm(size int) string { return fmt.Sprintf("%s %d", w.prefix, size) }

func (w poolWork) arms() []string {
	names := make([]string, len(w.sizes))
	for i, size := range w.sizes {
		names[i] = w.arm(size)
	}
	return names
}

// line is a metric of the work against the pool's size.
func (w poolWork) line(blocks []analysis.Block, m analysis.Metric, by float64) Line {
	l := Line{Name: w.name, Look: w.look}
	for _, size := range w.sizes {
		l.Points = append(l.Points, Point{float64(size), scaled(within95(blocks, w.arm(size), m), by)})
	}
	return l
}

func poolArms(s Settings) []attack.Arm {
	wait, times, warm := 50*time.Millisecond, 2, 150*time.Millisecond
	if s.Quick {
		wait, times, warm = 20*time.Millisecond, 1, 50*time.Millisecond
	}
	threads := func(size int) target.Reference {
		t := s.Target
		t.PoolSize = size
		return t
	}
	hashes := func(mode string) burst {
		return burst{url: "/hash?mode=" + mode, jobs: poolJobs, each: s.Hash, times: times, warm: warm}
	}
	waits := burst{url: fmt.Sprintf("/lookup?as=file&ms=%d", wait.Milliseconds()), jobs: poolJobs, each: wait, times: 1, warm: warm}
	arms := []attack.Arm{hashes("sync").arm(s, syncArm, attack.LookBlock, threads(4))}
	for _, size := range poolSizes {
		arms = append(arms, hashes("pool").arm(s, hashing.arm(size), hashing.look, threads(size)))
	}
	for _, size := range poolSizes {
		arms = append(arms, waits.arm(s, waiting.arm(size), waiting.look, threads(size)))
	}
	return arms
}

func judgePool(s Settings, blocks []analysis.Block) Judgement {
	waits := better("probe mean", blocks, probeMean, syncArm, hashing.arm(4))
	cores := hashing.sizeFor(s.Cores)
	hashes, hashKnee := doublings(blocks, hashing, cores)
	waitings, waitKnee := doublings(blocks, waiting, poolJobs)

	v := analysis.Verdict{Findings: append(append([]analysis.Finding{waits}, hashes...), waitings...)}
	v.Headline = fmt.Sprintf("hashing stops gaining at %s on %s, waiting gains up to %d", analysis.Count(hashKnee, "thread"), analysis.Count(s.Cores, "core"), waitKnee)
	v.Settle()
	if hashKnee == 0 || waitKnee == 0 {
		v.Headline = "where throughput stops growing is not settled"
	}
	if hashKnee != 0 && hashKnee != cores {
		v.Reasons = append(v.Reasons, "hashing was expected to gain up to "+analysis.Count(cores, "thread"))
	}
	if waitKnee != 0 && waitKnee != poolJobs {
		v.Reasons = append(v.Reasons, "waiting was expected to gain up to "+analysis.Count(poolJobs, "thread"))
	}
	if waits.Outcome == analysis.Pass {
		v.Headline += fmt.Sprintf("; the probe waits %s less than in the handler", analysis.Times(waits.Effect.Value))
	}
	return Judgement{
		Verdict:         v,
		Recommendations: recommendPool(s, blocks, hashKnee, waitKnee),
		Figures: []Figure{
			figure("hashing", hashing.unit, blocks, throughput, append([]string{syncArm}, hashing.arms()...)...),
			figure("waiting", waiting.unit, blocks, throughput, waiting.arms()...),
		},
		Charts: poolCharts(s, blocks, v, hashKnee, waitKnee),
	}
}

// doublings compares the throughput of each pool with that of the next smaller
// one, of about half the size. A doubling passes when its interval settles it as
// expected: growth up to the expected size, none beyond. knee is the smallest pool
// after which none grows, 0 when that is not settled.
func doublings(blocks []analysis.Block, work poolWork, expected int) (steps []analysis.Finding, knee int) {
	knee, settled := work.sizes[0], true
	for i, size := range work.sizes[1:] {
		small, large := work.arm(work.sizes[i]), work.arm(size)
		c := analysis.Compare("throughput, "+large+" against "+small, blocks, throughput, large, small)
		f, grows := c.Above(work.worth), c.Above(work.worth).Outcome
		if size > expected {
			f = c.Under(work.worth)
		}
		said := "not settled whether it grows"
		switch grows {
		case analysis.Pass:
			said, knee = "grows", size
		case analysis.Fail:
			said = fmt.Sprintf("grows by less than %.0f %%", 100*(work.worth-1))
		default:
			settled = false
		}
		f.Statement = fmt.Sprintf("%s from %d to %s: throughput %s, %s", work.name, work.sizes[i], analysis.Count(size, work.of), analysis.TimesWithin(f.Effect), said)
		steps = append(steps, f)
	}
	if !settled {
		knee = 0
	}
	return steps, knee
}

// sizeFor is the smallest pool that can keep all cores busy with the jobs that
// there are.
func (w poolWork) sizeFor(cores int) int {
	for _, size := range w.sizes {
		if size >= min(cores, poolJobs) {
			return size
		}
	}
	return w.sizes[len(w.sizes)-1]
}

// recommendPool gives a size for each kind of job.
func recommendPool(s Settings, blocks []analysis.Block, hashKnee, waitKnee int) []Recommendation {
	if hashKnee == 0 || waitKnee == 0 {
		return nil
	}
	rate := func(work poolWork, size int) string {
		return analysis.Digits(typical(blocks, work.arm(size), throughput)) + " " + work.unit
	}
	hash := Recommendation{
		Setting: "pool size for jobs that compute", Value: float64(hashKnee), Unit: "threads",
		Reason: fmt.Sprintf("%s with 1 thread, %s with %d, %s with 8: %s can do no more at once, and further threads only make each job take longer",
			rate(hashing, 1), rate(hashing, hashKnee), hashKnee, rate(hashing, 8), analysis.Count(s.Cores, "core")),
	}
	wait := Recommendation{
		Setting: "pool size for jobs that only wait", Value: float64(waitKnee), Unit: "threads or more",
		Reason: fmt.Sprintf("%s with 1 thread, %s with %d: every thread adds one more wait at a time, so take as many as there are jobs at once (name lookups get only half of the threads)",
			rate(waiting, 1), rate(waiting, waitKnee), waitKnee),
	}
	return []Recommendation{hash, wait}
}
