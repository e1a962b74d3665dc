package attack

import (
	"time"

	"github.com/looptest/looptest/target"
)

// Run is what one arm gave in one block: samples and lag readings, raw.
type Run struct {
	Arm   string
	Look  Look // how charts colour the arm
	Block int  // from 0
	Order int  // the arm's place in its block, from 0
	Began time.Time

	Streams []StreamCount
	Phases  []Phase
	Slices  []Slice  // when the arm was driven in turns with others; else none
	Samples []Sample // by stream, then by seq
	// Lag is the loop's heartbeats over the measured part, on the samples' time
	// axis; empty when the target does not show its lag.
	Lag []target.LagReading
	// Target is what the target says of itself over the measured part; nil when
	// it says nothing.
	Target *target.Usage
	// Stop is the target's end, when the arm was to end it.
	Stop *Stop `json:",omitempty"`

	Environment Environment
	// Partial is set when the run was interrupted or the target died midway.
	Partial bool
	// Failure says why a run is partial.
	Failure string
}

// Slice is a stretch in which the arm was driven while the block's other arms
// waited. The run's time axis is its slices end to end: every sample's intended
// time falls within one of them, and what lay between them is left out.
type Slice struct {
	Begins time.Duration // on the run's time axis
	Lasts  time.Duration
	Place  int // among all the block's slices, of every arm, from 0; in a duet both arms are driven in one
}

// StreamCount is a stream's accounting within a run. Offered = Sent + Unsent, and
// of those sent the good ones are neither Bad nor TurnedAway nor Lost.
type StreamCount struct {
	Name    string
	Role    Role
	Labels  []string      // of its requests
	Offered int           // requests the schedule asked for
	Sent    int           // requests that left
	Unsent  int           // due, and never sent
	Bad     int           // answers with an unexpected code, and requests without an answer that no Stop explains
	Span    time.Duration // what the schedule covers: Offered/Span is the offered rate
	// Of a run whose target was asked to end (see Stop):
	TurnedAway int `json:",omitempty"` // found nobody any more
	Lost       int `json:",omitempty"` // were sent on an open connection and got no whole answer
}

// Good is how many got the expected answer.
func (c StreamCount) Good() int { return c.Sent - c.Bad - c.TurnedAway - c.Lost }

// Of gives the samples of the first stream with that role.
func (r Run) Of(role Role) []Sample {
	for i, s := range r.Streams {
		if s.Role != role {
			continue
		}
		var of []Sample
		for _, sample := range r.Samples {
			if sample.Stream == i {
				of = append(of, sample)
			}
		}
		return of
	}
	return nil
}

// Count gives the accounting of the first stream with that role.
func (r Run) Count(role Role) StreamCount {
	for _, s := range r.Streams {
		if s.Role == role {
			return s
		}
	}
	return StreamCount{}
}
