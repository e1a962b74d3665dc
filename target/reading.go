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

// MemoryReading is what a process held at one moment.
type MemoryReading struct {
	At       time.Duration // on the time axis of whoever holds the reading
	Heap     int64         // bytes of live and not yet collected objects
	Resident int64         // bytes resident; 0 where it can't be read
}

// Held is what the process held: what was resident where that is known, else
// its heap.
func (r MemoryReading) Held() int64 {
	if r.Resident > 0 {
		return r.Resident
	}
	return r.Heap
}

// Lag is how late the heartbeat ran.
func (r LagReading) Lag() time.Duration { return r.Ran - r.Due }
