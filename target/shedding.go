package target

import (
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// The lag that shedding goes by, as in toobusy-js.
const (
	lagEvery = 500 * time.Millisecond // between two samples
	lagShare = 1.0 / 3                // of the newest sample in the smoothed lag
)

// Bounds of Config.MaxLag, and what the guide takes.
const (
	LeastMaxLag = 10 * time.Millisecond
	GuideMaxLag = 70 * time.Millisecond
	MostMaxLag  = time.Minute
)

// tooBusy is the guide's answer to a request that is turned away.
const tooBusy = "Server is too busy right now"

// shedder is the guide's load shedding: requests are turned away while the
// loop's smoothed lag is over the most that it may be. Its methods belong to the
// loop, what it counts is read from anywhere.
type shedder struct {
	most time.Duration // nobody is turned away when zero
	lag  atomic.Int64  // smoothed, in nanoseconds
	shed atomic.Int64  // requests that were turned away
}

// start takes a sample of the loop's lag every so often.
func (s *shedder) start(l *loop.Loop, every time.Duration) *loop.Timer {
	return lateTimer(l, every, func(late time.Duration) {
		s.lag.Store(int64(smoothedLag(s.smoothed(), late)))
	})
}

// smoothed is the smoothed lag.
func (s *shedder) smoothed() time.Duration { return time.Duration(s.lag.Load()) }

// smoothedLag lets the newest sample count for a third and all before for the
// rest, so that one late sample alone does not turn everyone away.
func smoothedLag(before, newest time.Duration) time.Duration {
	return time.Duration(lagShare*float64(newest) + (1-lagShare)*float64(before))
}

// busy reports whether requests are turned away, or would be if the server were
// asked to.
func (s *shedder) busy() bool {
	most := s.most
	if most == 0 {
		most = GuideMaxLag
	}
	return s.smoothed() > most
}

// turnsAway draws whether the next request is turned away.
func (s *shedder) turnsAway() bool {
	return s.most > 0 && rand.Float64() < shedShare(s.smoothed(), s.most)
}

// shedShare is the share of the requests that are turned away: none up to the
// most that the lag may be, and all from twice as much.
func shedShare(lag, most time.Duration) float64 {
	return min(1, max(0, float64(lag-most)/float64(most)))
}

// before is the middleware that turns a request away before its handler begins.
func (s *shedder) before(handle func(*Exchange)) func(*Exchange) {
	return func(x *Exchange) {
		if s.turnsAway() {
			s.shed.Add(1)
			x.Reply(http.StatusServiceUnavailable, tooBusy)
			return
		}
		handle(x)
	}
}
