package analysis

import (
	"slices"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Tally sums a load up while its samples come, in memory that does not grow
// with their number or the run's length. The order in which they come makes no
// difference. It is not safe for concurrent use: several goroutines fill one
// each, and Merge adds them up.
type Tally struct {
	layout  Layout
	streams []streamTally
	moments columns[moment]
	lags    []Histogram // of the whole, then of each phase
	recent  recent
	latest  time.Duration // the last thing known to have happened
	late    int           // requests sent later than lateLimit
	noticed int           // requests sent later than lateNotice
	strays  int           // samples of streams that the layout doesn't have
}

// streamTally is one stream's part. A sample is recorded in its phase's cell
// and, where there are several requests, in its request's; all other rows are
// sums of these. The number of cells is phases + requests and not their product.
type streamTally struct {
	phases   []cell
	requests []cell // none when there is only one
	labels   []string
	cellOf   []int // by Sample.Request
	outline  columns[outlineColumn]
	turns    columns[turn]
}

// Bounds of a tally's memory.
const (
	mostLabels = 200 // request rows of one stream
	allLabels  = 600 // request rows of all streams
	fineLabels = 32  // requests of all streams, beyond which their rows have 2 digits
)

// Others is the label of the requests beyond those that get a row of their own.
const Others = "(others)"

// NewTally makes an empty tally.
func NewTally(l Layout) *Tally {
	t := &Tally{
		layout:  l,
		streams: make([]streamTally, len(l.Streams)),
		lags:    make([]Histogram, 1+len(l.Phases)),
	}
	t.moments = newMoments(len(l.Streams))
	most := max(1, min(mostLabels, allLabels/max(len(l.Streams), 1)))
	labels := 0
	for i, s := range l.Streams {
		t.streams[i] = newStreamTally(s.Labels, max(len(l.Phases), 1), most)
		labels += len(t.streams[i].requests)
	}
	if labels > fineLabels+len(l.Streams) { // one cell of each stream is for the others
		for _, s := range t.streams {
			for i := range s.requests {
				s.requests[i].coarsen()
			}
		}
	}
	return t
}

func newStreamTally(labels []string, phases, most int) streamTally {
	s := streamTally{phases: make([]cell, phases), outline: newOutline(), turns: newTurns()}
	for _, label := range labels {
		i := slices.Index(s.labels, label)
		if i < 0 && len(s.labels) < most {
			i = len(s.labels)
			s.labels = append(s.labels, label)
		}
		s.cellOf = append(s.cellOf, i) // −1 for the others
	}
	others := len(s.labels)
	s.labels = append(s.labels, Others)
	for i, own := range s.cellOf {
		if own < 0 {
			s.cellOf[i] = others
		}
	}
	if len(labels) > 1 {
		s.requests = make([]cell, len(s.labels))
	}
	return s
}

// request gives the cell of a request.
func (s *streamTally) request(index int) *cell {
	if index >= 0 && index < len(s.cellOf) {
		return &s.requests[s.cellOf[index]]
	}
	return &s.requests[len(s.requests)-1]
}

// Add takes one sample.
func (t *Tally) Add(s attack.Sample) { t.add(&s) }

// AddBatch takes several samples, and keeps none of them.
func (t *Tally) AddBatch(samples []attack.Sample) {
	for i := range samples {
		t.add(&samples[i])
	}
}

func (t *Tally) add(s *attack.Sample) {
	if s.Stream < 0 || s.Stream >= len(t.streams) {
		t.strays++
		return
	}
	m := measure(s)
	stream := &t.streams[s.Stream]
	stream.phases[t.phaseAt(s.Intended)].add(s, &m)
	if stream.requests != nil {
		stream.request(s.Request).add(s, &m)
	}
	t.late += count(m.sendLag.d > lateLimit)
	t.noticed += count(m.sendLag.d > lateNotice)
	t.latest = max(t.latest, s.Done)
	t.addMoment(s, &m)
	stream.addOutline(s)
	stream.addTurn(s)
	t.recent.add(s, &m)
}

// phaseAt is the index of the phase at a moment, 0 when there are none.
func (t *Tally) phaseAt(moment time.Duration) int {
	return max(attack.PhaseOf(t.layout.Phases, moment), 0)
}

// AddLag takes the target's heartbeats.
func (t *Tally) AddLag(readings []target.LagReading) {
	for _, r := range readings {
		lag := r.Lag()
		t.lags[0].Add(lag)
		if len(t.layout.Phases) > 0 {
			t.lags[1+t.phaseAt(r.Due)].Add(lag)
		}
		m := t.moments.at(r.Due)
		m.lag = max(m.lag, lag)
	}
}

// Merge adds what another tally of the same layout holds.
func (t *Tally) Merge(other *Tally) {
	for i := range min(len(t.streams), len(other.streams)) {
		t.streams[i].merge(&other.streams[i])
	}
	for i := range min(len(t.lags), len(other.lags)) {
		t.lags[i].Merge(other.lags[i])
	}
	t.moments.merge(&other.moments)
	t.recent.merge(&other.recent)
	t.latest = max(t.latest, other.latest)
	t.late += other.late
	t.noticed += other.noticed
	t.strays += other.strays
}

func (s *streamTally) merge(other *streamTally) {
	for i := range min(len(s.phases), len(other.phases)) {
		s.phases[i].merge(&other.phases[i])
	}
	for i := range min(len(s.requests), len(other.requests)) {
		s.requests[i].merge(&other.requests[i])
	}
	s.outline.merge(&other.outline)
	s.turns.merge(&other.turns)
}
