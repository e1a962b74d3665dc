package target

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/target/loop"
)

func TestShedShare(t *testing.T) {
	for _, c := range []struct {
		lag  time.Duration
		want float64
	}{
		{0, 0}, {69 * time.Millisecond, 0}, {70 * time.Millisecond, 0},
		{84 * time.Millisecond, 0.2}, // 14/70
		{105 * time.Millisecond, 0.5},
		{140 * time.Millisecond, 1}, {time.Hour, 1},
	} {
		if got := shedShare(c.lag, GuideMaxLag); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("at a lag of %v: %v of the requests, want %v", c.lag, got, c.want)
		}
	}
}

func TestSmoothedLag(t *testing.T) {
	lag := time.Duration(0)
	for i, c := range []struct{ newest, want time.Duration }{
		{300 * time.Millisecond, 100 * time.Millisecond}, // 300/3
		{600 * time.Millisecond, 266_666_666},            // 600/3 + 100·2/3
		{0, 177_777_777},                                 // 266.7·2/3
		{0, 118_518_518},
	} {
		lag = smoothedLag(lag, c.newest)
		if d := lag - c.want; d < -2 || d > 2 {
			t.Errorf("after sample %d: %v, want %v", i+1, lag, c.want)
		}
	}
}

// With half of the requests to be turned away about half of them are, none below
// the limit, and without a limit none at all.
func TestTurnsAway(t *testing.T) {
	const draws = 10_000
	turned := func(most, lag time.Duration) (n int) {
		s := shedder{most: most}
		s.lag.Store(int64(lag))
		for range draws {
			if s.turnsAway() {
				n++
			}
		}
		return n
	}
	if n := turned(GuideMaxLag, GuideMaxLag); n != 0 {
		t.Errorf("at the limit %d of %d are turned away", n, draws)
	}
	if n := turned(GuideMaxLag, 2*GuideMaxLag); n != draws {
		t.Errorf("at twice the limit %d of %d are turned away", n, draws)
	}
	if n := turned(GuideMaxLag, GuideMaxLag*3/2); n < draws*45/100 || n > draws*55/100 { // 5 % are ten standard deviations
		t.Errorf("halfway %d of %d are turned away", n, draws)
	}
	if n := turned(0, time.Hour); n != 0 {
		t.Errorf("without a limit %d of %d are turned away", n, draws)
	}
}

func TestBusy(t *testing.T) {
	for _, c := range []struct {
		most, lag time.Duration
		want      bool
	}{
		{0, 70 * time.Millisecond, false}, {0, 71 * time.Millisecond, true}, // the guide's limit
		{time.Second, 71 * time.Millisecond, false}, {time.Second, 1001 * time.Millisecond, true},
	} {
		s := shedder{most: c.most}
		s.lag.Store(int64(c.lag))
		if got := s.busy(); got != c.want {
			t.Errorf("with at most %v and a lag of %v: busy is %v", c.most, c.lag, got)
		}
	}
}

// A sample is due half a second after the one before it ran.
func TestLateTimer(t *testing.T) {
	v := loop.NewVirtual()
	l := loop.New(loop.WithClock(v, v))
	var late []time.Duration
	lateTimer(l, lagEvery, func(d time.Duration) { late = append(late, d/time.Millisecond) })
	l.SetTimeout(func() { v.Advance(150 * time.Millisecond) }, 450*time.Millisecond)  // until 600; 500 was due
	l.SetTimeout(func() { v.Advance(800 * time.Millisecond) }, 1450*time.Millisecond) // after the one at 1100, until 2250; 1600 was due
	l.SetTimeout(func() {}, 2800*time.Millisecond)                                    // 2750 was due
	l.Run(nil)
	if want := []time.Duration{100, 0, 650, 0}; !slices.Equal(late, want) {
		t.Errorf("samples were late by %v ms, want %v", late, want)
	}
}

// A loop with nothing else to do ends, and no sample is taken.
func TestLateTimerKeepsNoLoopAlive(t *testing.T) {
	v := loop.NewVirtual()
	l := loop.New(loop.WithClock(v, v))
	lateTimer(l, lagEvery, func(time.Duration) { t.Error("a sample was taken") })
	l.Run(nil)
	if v.Now() != 0 {
		t.Errorf("the loop ended after %v", v.Now())
	}
}

// Whatever a program's timers do, they run in the same order and at the same
// time with the sampling beside them. (Timers of the very duration are in one
// list with it, in Node too, and left out here.)
func TestLateTimerChangesNoOrder(t *testing.T) {
	type step struct{ After, Holds int } // ms
	trace := func(steps []step, sampled bool) (ran []int64) {
		v := loop.NewVirtual()
		l := loop.New(loop.WithClock(v, v))
		if sampled {
			lateTimer(l, lagEvery, func(time.Duration) {})
		}
		for i, s := range steps {
			l.SetTimeout(func() {
				v.Advance(time.Duration(s.Holds) * time.Millisecond)
				ran = append(ran, int64(i), v.Now().Milliseconds())
				l.SetImmediate(func() { ran = append(ran, -int64(i)) })
				l.SetTimeout(func() { ran = append(ran, int64(i), v.Now().Milliseconds()) }, time.Duration(s.Holds)*time.Millisecond)
			}, time.Duration(s.After)*time.Millisecond)
		}
		l.Run(nil)
		return ran
	}
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{rapid.SampledFrom([]int{1, 5, 100, 499, 501, 999, 1000, 1500}).Draw(t, "after"), rapid.IntRange(0, 300).Draw(t, "holds")}
		}), 1, 20).Draw(t, "steps")
		if with, without := trace(steps, true), trace(steps, false); !slices.Equal(with, without) {
			t.Errorf("with sampling %v, without %v", with, without)
		}
	})
}
