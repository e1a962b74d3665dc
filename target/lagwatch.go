package target

import (
	"log/slog"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// The guide's watch over the loop.
const (
	watchEvery = time.Second
	watchLimit = 100 * time.Millisecond
)

// watch warns when a timer on the loop runs too late. It sees only what holds the
// loop at the moment at which it is due; the monitor's heartbeats, from which it
// takes what held the loop, see the rest.
func (s *Server) watch(every time.Duration) *loop.Timer {
	return lateTimer(s.loop, every, func(late time.Duration) {
		if late > watchLimit {
			s.warnOfLag(late, longestHeld(s.monitor.Held(s.sinceStart()-late-every)))
		}
	})
}

func (s *Server) warnOfLag(late time.Duration, by loop.Held) {
	s.config.Log.Warn("event loop lag", slog.Float64("lag_ms", ms(late)),
		slog.String("held_by", by.Label), slog.Float64("held_ms", ms(by.Length())))
}
