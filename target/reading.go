package target

import "time"

// LagReading is one heartbeat of an event loop: when it was due and when the
// loop came round to run it. Both are offsets on the time axis of whoever
// holds the reading (the server's own start, or a run's measured part).
//
// Heartbeats are due on a fixed grid, and every grid point that passes while
// the loop is held becomes a reading of its own, so that a stall weighs by its
// length and not as a single late beat (no coordinated omission).
type LagReading struct {
	Due time.Duration
	Ran time.Duration
	// Phase and Label name the longest callback that ran between Due and Ran:
	// what held the loop. Empty when nothing of a millisecond or more ran.
	Phase string
	Label string
}

// Lag is how late the heartbeat ran.
func (r LagReading) Lag() time.Duration { return r.Ran - r.Due }
