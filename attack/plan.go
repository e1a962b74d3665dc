package attack

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/looptest/looptest/target"
)

// Look names an arm's kind of work, so that charts give the same arm the same
// colour everywhere.
type Look string

// The looks that charts know.
const (
	LookIdle   Look = "idle"
	LookBlock  Look = "block"
	LookChunk  Look = "chunk"
	LookWorker Look = "worker"
	LookPool   Look = "pool"
	LookBase   Look = "base"
	LookHead   Look = "head"
)

// Arm is one variant under comparison: a target and the load on it.
type Arm struct {
	Name    string
	Look    Look
	Target  target.Starter // arms of a block with equal starters share one process, but see StopAfter
	Streams []Stream
	// Transport is how the target is talked to.
	Transport Transport
	// Phases cut the measured part into named pieces; none when it is one piece.
	Phases []Phase
	// Warmup is sent before the measured part and left out of it.
	Warmup Warmup
	// StopAfter is when, from the beginning of the measured part, the target is asked
	// to end while the load goes on: 0 for never. Such an arm has a process of its
	// own, which is not observed. The run is whole when its schedules are over.
	StopAfter time.Duration
	// Takes is how long the measured part is expected to last; it feeds the
	// announcement and the progress bar, never a measurement.
	Takes time.Duration
}

// Plan is what is to be run: in each block every arm once, in an order drawn
// by the seed.
type Plan struct {
	Arms       []Arm
	Blocks     int
	FirstBlock int // the number of the first block: an extension counts on
	Seed       uint64
	// Interleave has a block's two arms driven in turn, slice by slice; nil has
	// each driven at one go.
	Interleave *Interleave
}

// Order gives the arms' order within a block. It depends on the seed and the
// block alone, so a seed repeats it.
func (p Plan) Order(block int) []int {
	return rand.New(rand.NewPCG(p.Seed, uint64(block))).Perm(len(p.Arms))
}

// process is what arms share within a block: those with equal starters do, but
// for one that ends it.
type process struct {
	of    target.Starter
	alone string // the arm that has it for itself
}

func (p Plan) process(arm int) process {
	a := p.Arms[arm]
	if a.StopAfter > 0 {
		return process{a.Target, a.Name}
	}
	return process{of: a.Target}
}

// StartTakes is how long a target is expected to take to start, for announcing
// how long a plan takes.
const StartTakes = 100 * time.Millisecond

// settleTakes is what is counted for the settling between arms.
const settleTakes = 50 * time.Millisecond

// Takes estimates how long the plan runs.
func (p Plan) Takes() time.Duration {
	if p.Interleave != nil {
		return p.interleavedTakes()
	}
	var block time.Duration
	processes := map[process]bool{}
	for i, arm := range p.Arms {
		block += arm.Warmup.Lasts + arm.Takes + settleTakes
		processes[p.process(i)] = true
	}
	block += time.Duration(len(processes)) * StartTakes
	return block * time.Duration(p.Blocks)
}

func (p Plan) validate() error {
	if len(p.Arms) == 0 {
		return fmt.Errorf("the plan has no arms")
	}
	if p.Blocks < 1 {
		return fmt.Errorf("the plan has %d blocks; at least 1 is needed", p.Blocks)
	}
	for _, arm := range p.Arms {
		if err := arm.validate(); err != nil {
			return err
		}
	}
	if p.Interleave != nil {
		return p.validateInterleaving()
	}
	return nil
}

func (a Arm) validate() error {
	if a.Target == nil {
		return fmt.Errorf("arm %q has no target", a.Name)
	}
	if err := a.Transport.validate(); err != nil {
		return fmt.Errorf("arm %q: %w", a.Name, err)
	}
	for _, s := range a.Streams {
		if err := s.validate(); err != nil {
			return fmt.Errorf("arm %q: %w", a.Name, err)
		}
	}
	return a.validateStop()
}

// span is how long the arm's schedules last.
func (a Arm) span() (span time.Duration) {
	for _, s := range a.Streams {
		span = max(span, s.Schedule.Span())
	}
	return span
}
