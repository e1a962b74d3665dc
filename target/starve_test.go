package target

import (
	"testing"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// A recursion of ticks or of microtasks lets nothing else run until its end: no
// request that has come, and no timer that is due. One of immediates does.
func TestStarvation(t *testing.T) {
	for by, starves := range map[string]bool{"tick": true, "microtask": true, "immediate": false} {
		v := newVirtual(1)
		var timer time.Duration
		v.loop.Post("timer", func() {
			v.loop.SetTimeout(func() { timer = v.Virtual.Now() }, 20*time.Millisecond)
		})
		starve, ok := v.beside("/starve?by=" + by + "&ms=100")
		if ok.Code != 200 || starve.Code != 200 || starve.Answered-starve.Started < 100*time.Millisecond {
			t.Fatalf("%s: /starve became %+v, /ok %+v", by, starve, ok)
		}
		if waited := ok.Started > starve.Answered; waited != starves {
			t.Errorf("%s: a request that came at 10 ms was served at %v, /starve was answered at %v", by, ok.Started, starve.Answered)
		}
		if waited := timer > starve.Answered; waited != starves {
			t.Errorf("%s: a timer of 20 ms ran at %v, /starve was answered at %v", by, timer, starve.Answered)
		}
	}
}

// What held the loop meanwhile is the request's handler, with its ticks.
func TestStarvationIsNamed(t *testing.T) {
	for _, by := range []string{"tick", "microtask"} {
		v := newVirtual(1)
		v.beside("/starve?by=" + by + "&ms=100")
		late := 0
		for _, b := range v.monitor.Beats(0) {
			if b.Ran-b.Due < 20*time.Millisecond {
				continue
			}
			late++
			if h := b.HeldBy; h.Label != "/starve" || h.Phase != loop.PhasePoll || h.Length() < 100*time.Millisecond {
				t.Errorf("%s: the beat that was due at %v and ran at %v was held by %+v", by, b.Due, b.Ran, h)
			}
		}
		if late < 5 {
			t.Errorf("%s: %d heartbeats are late, of the ten that were due", by, late)
		}
	}
	v := newVirtual(1)
	v.beside("/starve?by=immediate&ms=100")
	for _, h := range v.monitor.Held(0) {
		if h.Length() > 10*time.Millisecond {
			t.Errorf("immediate: the loop was held by %+v", h)
		}
	}
}
