package attack

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Climb drives one load after the other against the same process, which it starts
// and warms up as the arm says: next gives the streams of each step, from the
// runs so far, and none at the end. A run's Block is its step. On an error it
// gives what was measured so far, the last run partial.
func Climb(ctx context.Context, arm Arm, next func(steps []Run) []Stream) ([]Run, error) {
	if err := arm.validate(); err != nil {
		return nil, err
	}
	if arm.StopAfter > 0 {
		return nil, fmt.Errorf("arm %q: steps can't be driven against a target that is stopped", arm.Name)
	}
	t, err := arm.Target.Start(ctx)
	if err != nil {
		return nil, fmt.Errorf("arm %q: %w", arm.Name, errors.Join(context.Cause(ctx), err))
	}
	defer t.Stop()
	ctx, cancel := WhileAlive(ctx, t)
	defer cancel()
	conns := newConnections(arm.Transport)
	defer conns.close()
	e := execution{began: time.Now(), environment: ReadEnvironment()}
	err = arm.Warmup.run(ctx, conns, t.URL(), arm.Streams)
	for err == nil && ctx.Err() == nil {
		if arm.Streams = next(e.runs); len(arm.Streams) == 0 {
			return e.runs, nil
		}
		if err = arm.validate(); err != nil {
			break
		}
		run := e.newRun(arm, len(e.runs), 0)
		err = e.measure(ctx, arm, t, nil, conns, &run)
		run.Partial = err != nil || ctx.Err() != nil
		e.runs = append(e.runs, run)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return e.runs, fmt.Errorf("arm %q: %w", arm.Name, err)
}
