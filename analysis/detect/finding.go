package detect

import (
	"cmp"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Endpoint is a request that is suspected.
type Endpoint struct {
	Request attack.Request
	Expect  func(code int) bool // the codes of a good answer; 2xx and 3xx when nil
	// Often is how often it is asked for: requests a second, or a number that is
	// comparable among the endpoints; 0 when nothing is known.
	Often float64
}

func (e Endpoint) expects(code int) bool {
	return attack.Stream{Expect: e.Expect}.Expects(code)
}

// Finding is what became of an endpoint.
type Finding struct {
	Endpoint Endpoint
	Kind     target.Kind
	Because  string // what the kind stands on, or why it is unsure
	// Confidence is which part of the evidence gives the same kind by itself, from
	// 0 to 1; it is no probability.
	Confidence float64

	Service   analysis.Distribution // of a suspect by itself
	Stall     Stall
	Chunk     analysis.Estimate // of cooperative work, in ns: how long the loop is held at a time
	Capacity  Capacity          // of work off the loop
	Processes int               // of a server that has several; 0 when unknown
	Advice    string

	Bursts   []Burst
	Warnings []analysis.Warning
	Sent     int // requests to the endpoint
	Took     time.Duration
	Partial  bool // interrupted before it was judged
}

// Held is how long a request holds the loop at least: its stall, or all the time
// that was waited for the answer of one that gave none, nor let others have theirs.
// 0 when no stall was found.
func (f Finding) Held() time.Duration {
	switch {
	case f.Stall.Found:
		return time.Duration(f.Stall.Length.Value)
	case f.Kind == target.Blocking:
		return f.Service.P50
	}
	return 0
}

// Harm ranks findings: how long a request makes others wait, as often as it is
// asked for. In ns, and ns a second where rates are known.
func (f Finding) Harm() float64 {
	return float64(f.Held()) * cmp.Or(f.Endpoint.Often, 1)
}

// Capacity is how many jobs run at once.
type Capacity struct {
	Value     int // 0 when unknown
	Low, High int // what is compatible with what was seen; High is 0 for no bound
	By        CapacityMethod
}

// CapacityMethod is how a capacity was found.
type CapacityMethod string

// The methods.
const (
	ByOccupancy CapacityMethod = "occupancy" // a short request for the same pool waits from there on
	BySteps     CapacityMethod = "steps"     // of the bursts' answers
)
