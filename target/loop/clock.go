package loop

import "time"

// Clock is a monotonic clock.
type Clock interface {
	// Now is the time since the clock's origin.
	Now() time.Duration
}

// Poller waits for the outside world on behalf of the loop.
type Poller interface {
	// Wait blocks until Wake is called or the timeout has passed; a negative
	// timeout is for ever. A Wake before Wait counts. busy reports whether pool
	// jobs are under way: virtual time must not pass while they run.
	Wait(timeout time.Duration, busy func() bool)
	// Wake ends the current Wait, or the next. It is safe from any goroutine.
	Wake()
}

// realTime is the runtime's monotonic clock, and a poller on a one-slot channel.
type realTime struct {
	origin time.Time
	wake   chan struct{}
	timer  *time.Timer
}

var (
	_ Clock  = (*realTime)(nil)
	_ Poller = (*realTime)(nil)
)

func newRealTime() (Clock, Poller) {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	r := &realTime{origin: time.Now(), wake: make(chan struct{}, 1), timer: timer}
	return r, r
}

func (r *realTime) Now() time.Duration { return time.Since(r.origin) }

func (r *realTime) Wait(timeout time.Duration, _ func() bool) {
	switch {
	case timeout == 0:
		select {
		case <-r.wake:
		default:
		}
	case timeout < 0:
		<-r.wake
	default:
		r.timer.Reset(timeout)
		select {
		case <-r.wake:
			r.timer.Stop()
		case <-r.timer.C:
		}
	}
}

func (r *realTime) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // a wake-up is already waiting
	}
}
