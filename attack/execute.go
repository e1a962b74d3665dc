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
	Done, Total   int // runs
	Elapsed       time.Duration
	Expected      time.Duration // of the whole plan
}

// Hooks are told how an execution goes; each may be nil.
type Hooks struct {
	Progress func(Progress)
	// BlockDone gets the runs of each block that came to its end. Its error ends
	// the execution.
	BlockDone func([]Run) error
}

// Execute runs the plan and gives every run in the order in which they were
// made. When the context is done or a target fails it returns what was measured
// so far, the last run marked partial, with the reason.
func Execute(ctx context.Context, plan Plan, hooks Hooks) ([]Run, error) {
	if err := plan.validate(); err != nil {
		return nil, err
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
	e.tell(plan.FirstBlock+plan.Blocks-1, "")
	return e.runs, nil
}

type execution struct {
	plan        Plan
	hooks       Hooks
	began       time.Time
	environment Environment
	runs        []Run
}

func (e *execution) tell(block int, arm string) {
	if e.hooks.Progress == nil {
		return
	}
	e.hooks.Progress(Progress{
		Block: block, Blocks: e.plan.FirstBlock + e.plan.Blocks, Arm: arm,
		Done: len(e.runs), Total: e.plan.Blocks * len(e.plan.Arms),
		Elapsed: time.Since(e.began), Expected: e.plan.Takes(),
	})
}

// block runs every arm once. A target is kept while a later arm of the block
// wants the same one, and never beyond the block.
func (e *execution) block(ctx context.Context, block int) error {
	order := e.plan.Order(block)
	targets := map[target.Starter]target.Target{}
	defer func() {
		for _, t := range targets {
			t.Stop()
		}
	}()
	for place, i := range order {
		arm := e.plan.Arms[i]
		e.tell(block, arm.Name)
		t := targets[arm.Target]
		if t == nil {
			var err error
			if t, err = arm.Target.Start(ctx); err != nil {
				return errors.Join(context.Cause(ctx), err)
			}
			targets[arm.Target] = t
		}
		run, err := e.run(ctx, arm, t, block, place)
		e.runs = append(e.runs, run)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(order[place+1:], func(j int) bool { return e.plan.Arms[j].Target == arm.Target }) {
			t.Stop()
			delete(targets, arm.Target)
		}
	}
	return nil
}

// lead is the time between deciding to begin and the first due request, so that
// nothing is late before it starts.
const lead = 20 * time.Millisecond

// run drives one arm.
func (e *execution) run(ctx context.Context, arm Arm, t target.Target, block, place int) (Run, error) {
	run := Run{Arm: arm.Name, Look: arm.Look, Block: block, Order: place, Environment: e.environment}
	run.Environment.Target = arm.Target.String()
	run.Environment.Load1 = loadAverage()
	ctx, cancel := whileAlive(ctx, t)
	defer cancel()

	conns := newConnections()
	defer conns.close()
	if err := arm.Warmup.run(ctx, conns, t.URL(), arm.Streams); err != nil {
		return run, err
	}
	observed, err := beginObserving(ctx, t)
	if err == nil {
		origin := time.Now().Add(lead)
		run.Began = origin
		run.Samples, run.Streams, err = drive(ctx, conns, t.URL(), arm.Streams, origin)
		err = errors.Join(err, observed.into(&run, origin, ctx.Err() != nil))
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

// whileAlive makes a context that is also done when the target dies.
func whileAlive(ctx context.Context, t target.Target) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-t.Gone():
			cancel(t.Err())
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// observation is an observed interval that has begun; the zero value observes
// nothing.
type observation struct {
	observer target.Observer
	mark     target.Mark
}

func beginObserving(ctx context.Context, t target.Target) (observation, error) {
	observer := t.Observer()
	if observer == nil {
		return observation{}, nil
	}
	mark, err := observer.Mark(ctx)
	return observation{observer, mark}, err
}

// The last reading may take that long; less after an interruption, which it must
// not hold up.
const (
	observeTimeout     = 5 * time.Second
	observeInterrupted = 200 * time.Millisecond
)

// into ends the interval and adds what was observed to the run.
func (o observation) into(run *Run, origin time.Time, interrupted bool) error {
	if o.observer == nil {
		return nil
	}
	timeout := observeTimeout
	if interrupted {
		timeout = observeInterrupted
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	usage, lag, err := o.observer.Since(ctx, o.mark, origin)
	if err != nil {
		return err
	}
	run.Target = &usage
	run.Lag = slices.DeleteFunc(lag, func(r target.LagReading) bool { return r.Due < 0 })
	return nil
}
