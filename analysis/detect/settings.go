package detect

import (
	"time"

	"github.com/looptest/looptest/attack"
)

// Settings is what a user may choose.
type Settings struct {
	Probe     attack.Request  // the cheap request that feels the stalls
	PoolProbe *attack.Request // a short request for the same pool as the suspects; nil for none known
	Timeout   time.Duration   // for an answer; DefaultTimeout when zero
	Budget    time.Duration   // for one endpoint; DefaultBudget when zero
	Seed      uint64          // of the coins
}

// Defaults of the settings.
const (
	DefaultTimeout = 10 * time.Second
	DefaultBudget  = time.Minute
)

const (
	// phase is how long after the suspect the first probe is sent: long enough for
	// the order to be sure, short enough that a block of a millisecond still holds
	// it up.
	phase = 300 * time.Microsecond
	// nearest and farthest is when a first probe was aimed well. This looks at the
	// sender alone and never at an answer.
	nearest, farthest = 120 * time.Microsecond, 800 * time.Microsecond
	probeRate         = 500.0 // a second
	probeEvery        = time.Second / time.Duration(probeRate)
	tail              = 4 * time.Millisecond // that probes go on after the suspect is answered

	// negligible is the δ0 of the test: a shorter stall is none.
	negligible = 500 * time.Microsecond
	alpha      = 0.001 // of the test for stalls, with all of its looks

	burstSize  = 12
	burstLeast = 4 // of slow suspects
	burstTimes = 3
	mostTrials = 10 // for each pair that a look needs: on a busy machine many are aimed badly
	solos      = 3  // suspects sent alone beforehand, to know how long they take

	// ProbeRate is how many probes a second are sent beside a request.
	ProbeRate = probeRate

	// Connections is how many the scan needs: a burst's, and those on which probes
	// wait for a stall to end.
	Connections = 48
)

func (s Settings) timeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return DefaultTimeout
}

func (s Settings) budget() time.Duration {
	if s.Budget > 0 {
		return s.Budget
	}
	return DefaultBudget
}

// anything accepts every code: what an answer's code means is looked at apart.
func anything(int) bool { return true }

// probes is the row of probes, from the first one's phase on.
func (s Settings) probes(rate float64, lasts time.Duration) attack.Stream {
	return attack.Stream{
		Name: "probe", Role: attack.Probe, Requests: []attack.Request{s.Probe}, Timeout: s.timeout(), Expect: anything,
		Schedule: attack.Constant{Rate: rate, Lasts: lasts + phase, Offset: phase},
	}
}

// suspects is so many requests at once, at the beginning.
func (s Settings) suspects(r attack.Request, n int) attack.Stream {
	return attack.Stream{
		Name: "suspect", Role: attack.Offender, Requests: []attack.Request{r}, Timeout: s.timeout(), Expect: anything,
		Schedule: attack.Bursts{Size: n, Times: 1},
	}
}

// Streams of a run, by index.
const (
	probeStream = iota
	suspectStream
)

// volley is the probes with so many suspects.
func (s Settings) volley(r attack.Request, n int) []attack.Stream {
	return []attack.Stream{s.probes(probeRate, s.timeout()), s.suspects(r, n)}
}
