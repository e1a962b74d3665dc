package attack

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/looptest/looptest/target"
)

// observation is an observed interval that has begun. Without an observer it
// observes nothing.
type observation struct {
	observer target.Observer
	hand     func([]target.LagReading) // nil to keep the readings
	began    target.Mark
	mark     target.Mark   // from which the next look is
	seen     time.Duration // when the last reading handed on was due
}

const (
	// lookEvery is how often the readings are handed on.
	lookEvery = time.Second
	// beatsApart tells readings from each other: two looks overlap, and each reads
	// the target's clock against ours anew.
	beatsApart = 5 * time.Millisecond
	// The last look may take that long; less after an interruption, which it must
	// not hold up.
	observeTimeout     = 5 * time.Second
	observeInterrupted = 200 * time.Millisecond
)

func beginObserving(ctx context.Context, t target.Target, hand func([]target.LagReading)) (*observation, error) {
	o := &observation{observer: t.Observer(), hand: hand, seen: -beatsApart}
	if o.observer == nil {
		return o, nil
	}
	var err error
	o.began, err = o.observer.Mark(ctx)
	o.mark = o.began
	return o, err
}

// follow hands the readings on while they come in, until it is told to stop.
func (o *observation) follow(ctx context.Context, origin time.Time) (stop func()) {
	if o.observer == nil || o.hand == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				o.look(ctx, origin)
			}
		}
	})
	return func() {
		cancel()
		following.Wait()
	}
}

// look hands on what came since the last look. When the target can't be asked,
// the next look gives it.
func (o *observation) look(ctx context.Context, origin time.Time) {
	ctx, cancel := context.WithTimeout(ctx, observeTimeout)
	defer cancel()
	next, err := o.observer.Mark(ctx)
	if err != nil {
		return
	}
	if _, lag, err := o.observer.Since(ctx, o.mark, origin); err == nil {
		o.mark = next
		o.handOn(lag)
	}
}

// handOn leaves out what was handed on before, and what was due before the
// measured part.
func (o *observation) handOn(lag []target.LagReading) {
	from := o.seen + beatsApart
	lag = slices.DeleteFunc(lag, func(r target.LagReading) bool { return r.Due < from })
	for _, r := range lag {
		o.seen = max(o.seen, r.Due)
	}
	if len(lag) > 0 {
		o.hand(lag)
	}
}

// end ends the interval and gives what was observed in it; nil when that is
// nothing.
func (o *observation) end(origin time.Time, interrupted bool) (*target.Usage, []target.LagReading, error) {
	if o.observer == nil {
		return nil, nil, nil
	}
	timeout := observeTimeout
	if interrupted {
		timeout = observeInterrupted
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	usage, lag, err := o.observer.Since(ctx, o.began, origin)
	if err != nil {
		return nil, nil, err
	}
	return &usage, lag, nil
}

// into ends the interval and adds what was observed to the run.
func (o *observation) into(run *Run, origin time.Time, interrupted bool) error {
	usage, lag, err := o.end(origin, interrupted)
	if usage == nil {
		return err
	}
	usage.Memory = thinned(slices.DeleteFunc(usage.Memory, func(r target.MemoryReading) bool { return r.At < 0 }))
	run.Target = usage
	if o.hand != nil {
		o.handOn(lag)
		return nil
	}
	run.Lag = slices.DeleteFunc(lag, func(r target.LagReading) bool { return r.Due < 0 })
	return nil
}
