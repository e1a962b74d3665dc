package attack

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/looptest/looptest/target"
)

// side is an arm in an interleaved block: its process, its connections and the
// run that it is becoming.
type side struct {
	arm    Arm
	target target.Target
	conns  *connections
	run    Run
	slices int // that the run is to have
	usage  usageOver
}

// interleaved runs a block's two arms slice by slice. However it ends, there are
// either two runs or, where a target did not even start, none.
func (e *execution) interleaved(ctx context.Context, block int) error {
	sides, err := e.startSides(ctx, block)
	defer stopSides(sides)
	if err != nil {
		return fmt.Errorf("block %d, %w", block+1, err)
	}
	alive, cancel := whileAllAlive(ctx, sides)
	defer cancel()
	if err = e.warmUpSides(alive, block, sides); err == nil {
		err = e.driveSides(alive, block, sides)
	}
	if err != nil {
		mayDie(alive)
	}
	if alive.Err() != nil {
		err = context.Cause(alive)
	}
	for _, s := range sides {
		s.finish(err)
		e.runs = append(e.runs, s.run)
	}
	if err != nil {
		return fmt.Errorf("block %d, %w", block+1, err)
	}
	return nil
}

// dying is how long after an error it may be told that a target has ended.
const dying = 500 * time.Millisecond

// mayDie waits a moment for a target's end: where there is one, it is the reason,
// and not that nobody answered any more.
func mayDie(alive context.Context) {
	timer := time.NewTimer(dying)
	defer timer.Stop()
	select {
	case <-alive.Done():
	case <-timer.C:
	}
}

// named says which arm an error is of.
func (s *side) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("arm %q: %w", s.arm.Name, err)
}

// startSides starts a process for each arm, in the block's order.
func (e *execution) startSides(ctx context.Context, block int) ([]*side, error) {
	var sides []*side
	for place, i := range e.plan.Order(block) {
		s := &side{arm: e.plan.Arms[i], slices: e.plan.SlicesOf()}
		e.tell(Progress{Block: block, Arm: s.arm.Name})
		t, err := s.arm.Target.Start(ctx)
		if err != nil {
			return sides, s.named(errors.Join(context.Cause(ctx), err))
		}
		s.target, s.conns = t, newConnections(s.arm.Transport)
		s.run = e.newRun(s.arm, block, place)
		sides = append(sides, s)
	}
	return sides, nil
}

// stopSides stops what was started last first.
func stopSides(sides []*side) {
	for _, s := range slices.Backward(sides) {
		s.conns.close()
		s.target.Stop()
	}
}

// whileAllAlive makes a context that is also done when one of the targets dies.
func whileAllAlive(ctx context.Context, sides []*side) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	for _, s := range sides {
		go func() {
			select {
			case <-s.target.Gone():
				cancel(s.named(s.target.Err()))
			case <-ctx.Done():
			}
		}()
	}
	return ctx, func() { cancel(nil) }
}

func (e *execution) warmUpSides(ctx context.Context, block int, sides []*side) error {
	for _, s := range sides {
		e.tell(Progress{Block: block, Arm: s.arm.Name, Slices: len(e.plan.SliceOrder(block))})
		if err := s.arm.Warmup.run(ctx, s.conns, s.target.URL(), s.arm.Streams); err != nil || ctx.Err() != nil {
			return s.named(err)
		}
	}
	return nil
}

// driveSides drives the block's slices. The sides stand in the block's order.
func (e *execution) driveSides(ctx context.Context, block int, sides []*side) error {
	order := e.plan.SliceOrder(block)
	for place, i := range order {
		driven := sides
		if !e.plan.Interleave.Duet {
			s := slices.Index(e.plan.Order(block), i)
			driven = sides[s : s+1]
		}
		e.tell(Progress{Block: block, Arm: e.plan.Arms[i].Name, Slice: place, Slices: len(order)})
		if err := driveSlice(ctx, place, driven); err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// driveSlice drives the next slice of one side, or of both at once. The
// generator's garbage is collected before, so that no arm pays for the other's.
func driveSlice(ctx context.Context, place int, driven []*side) error {
	runtime.GC()
	observed := make([]*observation, len(driven))
	for i, s := range driven {
		var err error
		if observed[i], err = beginObserving(ctx, s.target, nil); err != nil {
			return s.named(err)
		}
	}
	origin := time.Now().Add(lead)
	errs := make([]error, len(driven))
	var driving sync.WaitGroup
	for i, s := range driven {
		driving.Go(func() { errs[i] = s.named(s.drive(ctx, place, origin)) })
	}
	driving.Wait()
	for i, s := range driven {
		errs = append(errs, s.named(s.observe(observed[i], origin, ctx.Err() != nil)))
	}
	return errors.Join(errs...)
}

// drive sends the side's next slice and adds it to the run.
func (s *side) drive(ctx context.Context, place int, origin time.Time) error {
	done, span := len(s.run.Slices), s.arm.span()
	slice := Slice{Begins: s.cut(span, done), Place: place}
	slice.Lasts = s.cut(span, done+1) - slice.Begins
	if done == 0 {
		s.run.Began = origin
	}
	s.run.Slices = append(s.run.Slices, slice)
	collected := newCollector(func(sample Sample) {
		sample.Intended += slice.Begins
		sample.Sent += slice.Begins
		sample.Done += slice.Begins
		s.run.Samples = append(s.run.Samples, sample)
	}, nil)
	counts, err := drive(ctx, s.conns, s.target.URL(), slice.within(s.arm.Streams, done+1 == s.slices), origin, collected)
	for i, c := range counts {
		if done > 0 {
			counts[i] = s.run.Streams[i].plus(c)
		}
	}
	if err == nil {
		s.run.Streams = counts
	}
	return err
}

// cut is where slice i begins: the last nanoseconds are nobody's loss.
func (s *side) cut(span time.Duration, i int) time.Duration {
	return time.Duration(float64(span) * float64(i) / float64(s.slices))
}

// observe adds what was seen of the target since the slice began. What was due
// or read after it is left out: on the run's axis the next slice is there.
func (s *side) observe(o *observation, origin time.Time, interrupted bool) error {
	slice := s.run.Slices[len(s.run.Slices)-1]
	usage, lag, err := o.end(origin.Add(-slice.Begins), interrupted)
	if usage != nil {
		usage.Memory = slices.DeleteFunc(usage.Memory, func(r target.MemoryReading) bool { return !slice.holds(r.At) })
	}
	s.usage.add(usage, slice.Lasts)
	for _, r := range lag {
		if slice.holds(r.Due) {
			s.run.Lag = append(s.run.Lag, r)
		}
	}
	return err
}

// finish makes the run whole, or partial where there was an error.
func (s *side) finish(err error) {
	s.run.Phases, s.run.Target = s.arm.Phases, s.usage.sum
	if s.run.Target != nil {
		s.run.Target.Memory = thinned(s.run.Target.Memory)
	}
	collected := collector{kept: s.run.Samples}
	s.run.Samples = collected.samples()
	if err != nil {
		s.run.Partial, s.run.Failure = true, err.Error()
	}
}
