package target

import (
	"time"

	"github.com/looptest/looptest/target/loop"
)

// lateTimer runs on the loop every so often and tells how late it ran: the lag
// as the program itself can see it. It is unreferenced, so that it never keeps
// the loop alive, and counts from one run to the next, as setInterval does.
func lateTimer(l *loop.Loop, every time.Duration, tell func(late time.Duration)) *loop.Timer {
	due := l.Clock().Now() + every
	return l.SetInterval(func() {
		now := l.Clock().Now()
		late := max(0, now-due)
		due = now + every
		tell(late)
	}, every).Unref()
}

// startTimers begins to look at the lag from within the loop.
func (s *Server) startTimers() {
	s.timers = []*loop.Timer{s.shedding.start(s.loop, s.lagEvery)}
	if s.config.WatchLag {
		s.timers = append(s.timers, s.watch(s.watchEvery))
	}
}

func (s *Server) stopTimers() {
	for _, t := range s.timers {
		t.Clear()
	}
}
