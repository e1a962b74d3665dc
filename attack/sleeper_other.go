//go:build !linux

package attack

import (
	"context"
	"time"
)

// sleeper waits with the runtime's timers, which round to a millisecond on some
// systems.
type sleeper struct{ timer *time.Timer }

func newSleeper(context.Context) (*sleeper, error) {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &sleeper{timer}, nil
}

func (s *sleeper) close() { s.timer.Stop() }

// until waits for the moment, or until the context is done.
func (s *sleeper) until(ctx context.Context, moment time.Time) {
	s.timer.Reset(time.Until(moment))
	select {
	case <-s.timer.C:
	case <-ctx.Done():
		s.timer.Stop()
	}
}
