package loop

import "time"

// Virtual is a clock and a poller whose time passes only when the loop waits or
// a callback calls Advance, so that programs run at once and give the same
// order and time stamps every time.
type Virtual struct {
	now  time.Duration
	wake chan struct{}
}

var (
	_ Clock  = (*Virtual)(nil)
	_ Poller = (*Virtual)(nil)
)

// NewVirtual makes a virtual clock that stands at zero.
func NewVirtual() *Virtual { return &Virtual{wake: make(chan struct{}, 1)} }

// Now is the virtual time.
func (v *Virtual) Now() time.Duration { return v.now }

// Advance lets d pass, as a callback that works for d does.
func (v *Virtual) Advance(d time.Duration) { v.now += d }

// Wait lets the pool finish what it has; without any of it, and without a
// wake-up, it advances the clock by the timeout.
func (v *Virtual) Wait(timeout time.Duration, busy func() bool) {
	woken := false
	for busy() {
		<-v.wake
		woken = true
	}
	select {
	case <-v.wake:
		woken = true
	default:
	}
	switch {
	case woken || timeout == 0:
	case timeout < 0:
		<-v.wake
	default:
		v.now += timeout
	}
}

// Wake ends the wait. It is safe from any goroutine.
func (v *Virtual) Wake() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}
