package attack

import (
	"context"
	"runtime"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// pacer gives vegeta a schedule's due times. It waits by itself and returns
// zero, since vegeta's own sleep rounds to the runtime's millisecond.
type pacer struct {
	ctx      context.Context
	schedule Schedule
	origin   time.Time // when the measured part begins
	ends     time.Time // when what is still unsent is given up
	sleeper  *sleeper
}

var _ vegeta.Pacer = (*pacer)(nil)

const (
	// giveUpAfter is how long after its span a schedule's last requests may leave.
	// What has not left by then stays unsent: a rate that can't be reached must
	// not make a run endless.
	giveUpAfter = 5 * time.Second
	// yieldAfter is how late a request has to be for the pacer to let others go
	// first. Where the generator itself is short of time, more senders would only
	// make that worse.
	yieldAfter = time.Millisecond
)

func newPacer(ctx context.Context, s Schedule, origin time.Time, sleeper *sleeper) *pacer {
	return &pacer{ctx, s, origin, origin.Add(s.Span() + giveUpAfter), sleeper}
}

// Pace waits until request number hits is due, and stops when there is none or
// the run is interrupted.
func (p *pacer) Pace(_ time.Duration, hits uint64) (time.Duration, bool) {
	due, ok := p.schedule.Due(int(hits))
	if !ok || p.ctx.Err() != nil {
		return 0, true
	}
	moment := p.origin.Add(due)
	now := time.Now()
	switch late := now.Sub(moment); {
	case late < 0:
		p.sleeper.until(p.ctx, moment)
		return 0, p.ctx.Err() != nil
	case late > yieldAfter:
		runtime.Gosched()
	}
	return 0, now.After(p.ends)
}

// Rate is not called by the attacker; the schedule has no single rate.
func (p *pacer) Rate(time.Duration) float64 { return 0 }
