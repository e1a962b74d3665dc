package attack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/looptest/looptest/target"
)

// Stop is a target's end in the midst of its run, where the arm has asked for it.
type Stop struct {
	Asked time.Duration // when the target was asked to end, on the samples' time axis
	Ended time.Duration // when nothing of it was left
}

// Concerns reports whether the request was under way when the target was asked to
// end, or was sent later.
func (s Stop) Concerns(sample Sample) bool { return sample.Done >= s.Asked }

// TurnedAway reports whether the request found nobody any more: it was never sent,
// and a client that has another server goes there.
func (s Stop) TurnedAway(sample Sample) bool {
	return s.Concerns(sample) && (sample.Err == ErrRefused || sample.Err == ErrUnreachable)
}

// Lost reports whether the request was sent on an open connection and got no whole
// answer because of the end.
func (s Stop) Lost(sample Sample) bool {
	return s.Concerns(sample) && (sample.Err == ErrReset || sample.Err == ErrTimeout)
}

// explain takes what the target's end accounts for out of what is bad.
func (s Stop) explain(counts []StreamCount, samples []Sample) {
	for _, sample := range samples {
		c := &counts[sample.Stream]
		switch {
		case s.TurnedAway(sample):
			c.TurnedAway++
			c.Bad--
		case s.Lost(sample):
			c.Lost++
			c.Bad--
		}
	}
}

// stopper ends an arm's target in the midst of its run. A nil one ends nothing.
type stopper struct {
	after  time.Duration // since the measured part began
	target target.Target
	asked  chan struct{} // closed before the target is asked
}

func newStopper(arm Arm, t target.Target) *stopper {
	if arm.StopAfter == 0 {
		return nil
	}
	return &stopper{arm.StopAfter, t, make(chan struct{})}
}

// expected is closed when the target's end is none of its own; nil for never.
func (s *stopper) expected() <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.asked
}

// begin ends the target when it is time. What it gives waits for that, and says
// when it was; nil when it did not come to it.
func (s *stopper) begin(ctx context.Context, origin time.Time) (end func() *Stop) {
	if s == nil {
		return func() *Stop { return nil }
	}
	ended := make(chan *Stop, 1)
	go func() { ended <- s.stop(ctx, origin) }()
	return func() *Stop { return <-ended }
}

func (s *stopper) stop(ctx context.Context, origin time.Time) *Stop {
	timer := time.NewTimer(time.Until(origin.Add(s.after)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil
	}
	asked := time.Since(origin)
	close(s.asked)
	s.target.Stop()
	return &Stop{asked, time.Since(origin)}
}

var errEndless = errors.New("its target can't be asked to end: it runs already, and not by looptest")

// stoppable tells whether the target can be ended at all.
func (s *stopper) stoppable() error {
	if s != nil && s.target.Gone() == nil {
		return errEndless
	}
	return nil
}

func (a Arm) validateStop() error {
	if a.StopAfter < 0 || a.StopAfter > a.span() {
		return fmt.Errorf("arm %q: its target can't be stopped after %v; its load lasts %v", a.Name, a.StopAfter, a.span())
	}
	return nil
}
