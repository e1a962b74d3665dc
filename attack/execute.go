package attack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/looptest/looptest/target"
)

// Progress tells how far a plan is, at the start of each run and at the end.
type Progress struct {
	Block, Blocks int // Block from 0
	Arm           string
	// Slice is the one that begins, from 0, of the block's Slices; both are 0
	// where arms are driven at one go.
	Slice, Slices int
	Done, Total   int // runs
	Elapsed       time.Duration
	Expected      time.Duration // of the whole plan
}

// Hooks are told how an execution goes; each may be nil. Interleaved runs, of
// which two are under way at once, keep what they measure: Began, Sample and Lag
// are refused for them, and Sample for runs whose target is stopped.
type Hooks struct {
	Progress func(Progress)
	// BlockDone gets the runs of each block that came to its end. Its error ends
	// the execution.
	BlockDone func([]Run) error
	// Began is told where the time axis of the run under way begins.
	Began func(origin time.Time)
	// Sample gets every sample as it is done, one call at a time, and must be
	// quick. The runs then keep none: memory stays bounded however long they are.
	Sample func(Sample)
	// Lag gets the target's heartbeats while they come in, about once a second.
	// The runs then keep none.
	Lag func([]target.LagReading)
}

// Execute runs the plan and gives every run in the order in which they were
// made. When the context is done or a target fails it returns what was measured
// so far, the last run marked partial, with the reason.
func Execute(ctx context.Context, plan Plan, hooks Hooks) ([]Run, error) {
	if err := plan.validate(); err != nil {
		return nil, err
	}
	if plan.Interleave != nil && (hooks.Began != nil || hooks.Sample != nil || hooks.Lag != nil) {
		return nil, errors.New("interleaved runs can't be followed sample by sample")
	}
	if hooks.Sample != nil && slices.ContainsFunc(plan.Arms, func(a Arm) bool { return a.StopAfter > 0 }) {
		return nil, errors.New("a run whose target is stopped keeps its samples; they can't be handed on")
	}
	e := execution{plan: plan, hooks: hooks, began: time.Now(), environment: ReadEnvironment()}
	for i := range plan.Blocks {
		begins := len(e.runs)
		err := e.block(ctx, plan.FirstBlock+i)
		if err == nil && hooks.BlockDone != nil {
			err = hooks.BlockDone(e.runs[begins:])
		}
		if err != nil {
			return e.runs, err
		}
	}
	e.tell(Progress{Block: plan.FirstBlock + plan.Blocks - 1})
	return e.runs, nil
}

type execution struct {
	plan        Plan
	hooks       Hooks
	began       time.Time
	environment Environment
	runs        []Run
}

// tell adds to p what is the same wherever it is told.
func (e *execution) tell(p Progress) {
	if e.hooks.Progress == nil {
		return
	}
	p.Blocks = e.plan.FirstBlock + e.plan.Blocks
	p.Done, p.Total = len(e.runs), e.plan.Blocks*len(e.plan.Arms)
	p.Elapsed, p.Expected = time.Since(e.began), e.plan.Takes()
	e.hooks.Progress(p)
}

// block runs every arm once.
func (e *execution) block(ctx context.Context, block int) error {
	if e.plan.Interleave != nil {
		return e.interleaved(ctx, block)
	}
	return e.inTurn(ctx, block)
}

// inTurn drives one arm after the other, each at one go. A target is kept while
// a later arm of the block wants the same one, and never beyond the block.
func (e *execution) inTurn(ctx context.Context, block int) error {
	order := e.plan.Order(block)
	targets := map[process]target.Target{}
	defer func() {
		for _, t := range targets {
			t.Stop()
		}
	}()
	for place, i := range order {
		arm := e.plan.Arms[i]
		e.tell(Progress{Block: block, Arm: arm.Name})
		process := e.plan.process(i)
		t := targets[process]
		if t == nil {
			var err error
			if t, err = arm.Target.Start(ctx); err != nil {
				return errors.Join(context.Cause(ctx), err)
			}
			targets[process] = t
		}
		run, err := e.run(ctx, arm, t, block, place)
		e.runs = append(e.runs, run)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(order[place+1:], func(j int) bool { return e.plan.process(j) == process }) {
			t.Stop()
			delete(targets, process)
		}
	}
	return nil
}

// lead is the time between deciding to begin and the first due request, so that
// nothing is late before it starts.
const lead = 20 * time.Millisecond

// run drives one arm.
func (e *execution) run(ctx context.Context, arm Arm, t target.Target, block, place int) (Run, error) {
	run := e.newRun(arm, block, place)
	stop := newStopper(arm, t)
	ctx, cancel := whileAlive(ctx, t, stop.expected())
	defer cancel()

	conns := newConnections(arm.Transport)
	conns.once = stop != nil
	defer conns.close()
	err := stop.stoppable()
	if err == nil {
		err = arm.Warmup.run(ctx, conns, t.URL(), arm.Streams)
	}
	if err == nil && ctx.Err() == nil {
		err = e.measure(ctx, arm, t, stop, conns, &run)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		run.Partial, run.Failure = true, err.Error()
		return run, fmt.Errorf("block %d, arm %q: %w", block+1, arm.Name, err)
	}
	return run, nil
}

func (e *execution) newRun(arm Arm, block, place int) Run {
	run := Run{Arm: arm.Name, Look: arm.Look, Block: block, Order: place, Environment: e.environment}
	run.Environment.Target = arm.Target.String()
	run.Environment.Load1 = loadAverage()
	return run
}

// measure drives the measured part, and observes the target alongside.
func (e *execution) measure(ctx context.Context, arm Arm, t target.Target, end *stopper, conns *connections, run *Run) error {
	observed := &observation{} // of a target that will be gone, nothing
	var err error
	if end == nil {
		observed, err = beginObserving(ctx, t, e.hooks.Lag)
	}
	if err != nil {
		return err
	}
	origin := time.Now().Add(lead)
	run.Began, run.Phases = origin, arm.Phases
	if e.hooks.Began != nil {
		e.hooks.Began(origin)
	}
	collected := newCollector(e.hooks.Sample, arm.Streams)
	stop := observed.follow(ctx, origin)
	ended := end.begin(ctx, origin)
	run.Streams, err = drive(ctx, conns, t.URL(), arm.Streams, origin, collected)
	stop()
	run.Samples = collected.samples()
	if run.Stop = ended(); run.Stop != nil {
		run.Stop.explain(run.Streams, run.Samples)
	}
	return errors.Join(err, observed.into(run, origin, ctx.Err() != nil))
}

// WhileAlive makes a context that is also done when the target dies.
func WhileAlive(ctx context.Context, t target.Target) (context.Context, context.CancelFunc) {
	return whileAlive(ctx, t, nil)
}

// whileAlive makes a context that is also done when the target dies, until its end
// is expected (nil for never).
func whileAlive(ctx context.Context, t target.Target, expected <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-expected:
		case <-t.Gone():
			select {
			case <-expected: // both
			default:
				cancel(t.Err())
			}
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}
