package loop_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// The poll timeout is the time to the next timer: virtual time stands exactly
// at the due times when they run.
func TestTimersFireOnTime(t *testing.T) {
	clock := loop.NewVirtual()
	l := loop.New(loop.WithClock(clock, clock))
	var at []time.Duration
	note := func() { at = append(at, clock.Now()) }
	l.Run(func() {
		l.SetTimeout(note, 30*time.Millisecond)
		l.SetTimeout(note, 7*time.Millisecond)
		n := 0
		var every *loop.Timer
		every = l.SetInterval(func() {
			note()
			if n++; n == 2 {
				every.Clear()
			}
		}, 10*time.Millisecond)
	})
	want := []time.Duration{7, 10, 20, 30}
	if len(at) != len(want) {
		t.Fatalf("fired at %v, want %v ms", at, want)
	}
	for i := range want {
		if at[i] != want[i]*time.Millisecond {
			t.Errorf("timer %d fired at %v, want %v", i, at[i], want[i]*time.Millisecond)
		}
	}
}

// In the bubble's time the real poller sleeps exactly as long as it should, and
// the monitor books it as idle.
func TestUtilizationAndLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := loop.NewMonitor(10 * time.Millisecond)
		l := loop.New(loop.WithMonitor(m))
		l.Run(func() {
			l.SetTimeout(func() { time.Sleep(35 * time.Millisecond) }, 25*time.Millisecond) // holds the loop from 25 to 60
			l.SetTimeout(func() {}, 100*time.Millisecond)
		})
		r := m.Read()
		if r.Elapsed != 100*time.Millisecond || r.Idle != 65*time.Millisecond {
			t.Errorf("elapsed %v, idle %v; want 100ms, 65ms", r.Elapsed, r.Idle)
		}
		// Due at 30, 40, 50 and 60, all run at 60; the others on time.
		var lags []time.Duration
		for _, b := range m.Beats(0) {
			lags = append(lags, b.Ran-b.Due)
		}
		want := []time.Duration{0, 0, 30, 20, 10, 0, 0, 0, 0, 0}
		for i := range want {
			if i >= len(lags) || lags[i] != want[i]*time.Millisecond {
				t.Fatalf("lags %v, want %v ms", lags, want)
			}
		}
		held := m.Held(0)
		if len(held) != 1 || held[0].Length() != 35*time.Millisecond || held[0].Phase != loop.PhaseTimers {
			t.Errorf("held = %+v, want one of 35ms in timers", held)
		}
		if b := m.Beats(0)[2]; b.HeldBy.Length() != 35*time.Millisecond {
			t.Errorf("the late beat was held by %+v", b.HeldBy)
		}
	})
}

// Labels follow the work: what a callback schedules runs under its label.
func TestLabelsAreInherited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := loop.NewMonitor(time.Second)
		l := loop.New(loop.WithMonitor(m))
		busy := func() { time.Sleep(2 * time.Millisecond) }
		h := l.Open("test")
		go l.Post("/slow", func() {
			l.SetImmediate(busy)
			l.SetTimeout(busy, time.Millisecond)
			l.Work(func() {}, func() { busy(); h.Close(nil) })
		})
		l.Run(nil)
		if len(m.Held(0)) != 3 {
			t.Fatalf("held: %+v", m.Held(0))
		}
		for _, h := range m.Held(0) {
			if h.Label != "/slow" {
				t.Errorf("%s ran under %q", h.Phase, h.Label)
			}
		}
	})
}

func TestMonitorAnswersWhileBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := loop.NewMonitor(10 * time.Millisecond)
		l := loop.New(loop.WithMonitor(m))
		done := make(chan struct{})
		go func() {
			defer close(done)
			l.Run(func() {
				l.SetTimeout(func() { time.Sleep(500 * time.Millisecond) }, 100*time.Millisecond)
			})
		}()
		time.Sleep(300 * time.Millisecond)
		r := m.Read()
		if r.Running.Phase != loop.PhaseTimers || r.At-r.Running.Start != 200*time.Millisecond {
			t.Errorf("running = %+v at %v, want timers for 200ms", r.Running, r.At)
		}
		if r.Idle != 100*time.Millisecond {
			t.Errorf("idle = %v, want 100ms", r.Idle)
		}
		<-done
	})
}

func TestStopEndsABusyLoop(t *testing.T) {
	l := loop.New()
	var again func()
	again = func() { l.SetImmediate(again) }
	go l.Stop()
	l.Run(again) // ends, or the test times out
	if l.Post("late", func() { t.Error("ran after the end") }) {
		t.Error("Post to an ended loop was accepted")
	}
}

func TestPostFromManyGoroutines(t *testing.T) {
	l := loop.New()
	const senders, each = 8, 500
	h := l.Open("test")
	last := make([]int, senders)
	left := senders * each
	for s := range senders {
		go func() {
			for i := range each {
				l.Post("test", func() {
					if last[s] != i {
						t.Errorf("sender %d: %d came after %d", s, i, last[s])
					}
					last[s]++
					if left--; left == 0 {
						h.Close(nil)
					}
				})
			}
		}()
	}
	l.Run(nil)
	if left != 0 {
		t.Errorf("%d posts were lost", left)
	}
}
