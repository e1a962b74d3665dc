package attack

import "time"

// Phase is a named piece of a run's measured part. A sample belongs to the phase
// in which it was meant to be sent.
type Phase struct {
	Name   string
	Begins time.Duration // from the beginning of the measured part
	Lasts  time.Duration
}

// PhaseOf gives the index of the phase in which the moment falls; the last phase
// also takes what comes after it, and −1 says that there are no phases.
func PhaseOf(phases []Phase, moment time.Duration) int {
	for i := len(phases) - 1; i > 0; i-- {
		if moment >= phases[i].Begins {
			return i
		}
	}
	return min(len(phases), 1) - 1
}
