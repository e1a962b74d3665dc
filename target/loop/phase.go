package loop

// Phase names a part of the loop's cycle.
type Phase string

// The phases, in the order of Node's documentation, and the two moments
// outside the cycle in which callbacks run.
const (
	PhaseMain       Phase = "main"
	PhaseTimers     Phase = "timers"
	PhasePending    Phase = "pending"
	PhaseIdle       Phase = "idle"
	PhasePrepare    Phase = "prepare"
	PhasePoll       Phase = "poll"
	PhaseCheck      Phase = "check"
	PhaseClose      Phase = "close"
	PhaseBeforeExit Phase = "beforeExit"
)
