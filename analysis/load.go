package analysis

import (
	"time"

	"github.com/looptest/looptest/attack"
)

// Layout is what is known of a load before its samples come: names, and what
// the schedules ask for.
type Layout struct {
	Streams []LayoutStream
	Phases  []attack.Phase // in order; none when the run is one piece
	Span    time.Duration  // of the measured part, as scheduled; 0 when unknown
}

// LayoutStream is one stream of a layout.
type LayoutStream struct {
	Name     string
	Role     attack.Role
	Labels   []string        // of its requests, by Sample.Request
	Schedule attack.Schedule // nil when unknown: offered is then what was sent
}

// Load is what a load came to. A Tally makes it, and it stays as it is while the
// tally goes on.
type Load struct {
	// Rows are, in this order: the whole; each stream; each phase over all
	// streams; each stream in each phase; each stream's requests where it has
	// several. Phases have rows when they have names.
	Rows   []LoadRow
	Series Series
	// StreamSeries and Outlines go with Layout.Streams.
	StreamSeries []Series
	Outlines     [][]OutlinePoint
	Stalls       []Stall // the longest of all streams, the longest first

	Lag Distribution // of the target's heartbeats; N is 0 when it shows none
	// LagByPhase goes with Layout.Phases.
	LagByPhase []Distribution
	// Heartbeats are the same lags in full: of the whole, then of each phase.
	Heartbeats []Histogram

	Health   Health    // of the generator; what the target did wrong is no part of it
	Warnings []Warning // what a reader of the numbers has to know
	Span     time.Duration
	Layout   Layout

	pieces [][]piece // of the whole, then of each stream; see CompareRuns
}

// LoadRow is a part of a load: the empty name stands for all.
//
// Response, Service and SendLag are HDR histograms (3 digits). The first two
// hold every request that was answered, as expected or not, and those that were
// given up at their timeout: these had waited at least that long, so leaving
// them out would make a target look the better the more it hangs (the numbers of
// k6 and vegeta have them too). CutOff says how many there are; quantiles at or
// above them are lower bounds. A request that was refused, reset or never left
// says nothing about the target's speed, and is only in Errors. SendLag holds
// every request that was sent. The rows of requests have 2 digits where there are
// more than 32 of them.
type LoadRow struct {
	Stream, Phase, Request string
	Span                   time.Duration // that the part covers

	Response, Service, SendLag Histogram

	Offered int // that the schedule asked for; of a request: what was sent
	Sent    int
	Unsent  int // due and never sent; 0 while the run goes on
	Good    int // answers as expected
	CutOff  int // requests that had no answer when their timeout came

	Codes        map[int]int              // of the answers
	Errors       map[attack.ErrorKind]int // see attack.Sample.Err
	Bytes        int64
	OfferedRate  float64 // requests per second of Span
	AchievedRate float64 // good answers per second, from the part's beginning to the last of them, or over Span if that is longer
}

// ErrorRate is the share of requests sent without a good answer, from 0 to 1.
func (r LoadRow) ErrorRate() float64 {
	if r.Sent == 0 {
		return 0
	}
	return float64(r.Sent-r.Good) / float64(r.Sent)
}

// Row gives the row of a stream in a phase, each empty for all, over all
// requests.
func (l Load) Row(stream, phase string) (LoadRow, bool) {
	for _, r := range l.Rows {
		if r.Stream == stream && r.Phase == phase && r.Request == "" {
			return r, true
		}
	}
	return LoadRow{}, false
}

// namedPhases are the phases that get rows: none when there is only one,
// without a name.
func (l Layout) namedPhases() []attack.Phase {
	if len(l.Phases) == 1 && l.Phases[0].Name == "" {
		return nil
	}
	return l.Phases
}
