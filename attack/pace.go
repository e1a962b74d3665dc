package attack

import (
	"context"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// pacer gives vegeta a schedule's due times. It waits by itself and returns
// zero, since vegeta's own sleep rounds to the runtime's millisecond.
type pacer struct {
	ctx      context.Context
	schedule Schedule
	origin   time.Time // when the measured part begins
	sleeper  *sleeper
}

var _ vegeta.Pacer = (*pacer)(nil)

// Pace waits until request number hits is due, and stops when there is none or
// the run is interrupted.
func (p *pacer) Pace(_ time.Duration, hits uint64) (time.Duration, bool) {
	due, ok := p.schedule.Due(int(hits))
	if !ok || p.ctx.Err() != nil {
		return 0, true
	}
	p.sleeper.until(p.ctx, p.origin.Add(due))
	return 0, p.ctx.Err() != nil
}

// Rate is not called by the attacker; the schedule has no single rate.
func (p *pacer) Rate(time.Duration) float64 { return 0 }
