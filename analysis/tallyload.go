package analysis

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/attack"
)

// Load describes what was added so far; the tally may go on afterwards. counts
// are the streams' accounts at the end of the run, in the layout's order. They
// are nil midway and when they were lost: what was offered then follows from the
// schedules, up to the last thing known to have happened, and what was unsent is
// not known.
func (t *Tally) Load(counts []attack.StreamCount) Load {
	l := Load{Layout: t.layout}
	limits := t.limits(counts)
	for _, limit := range limits {
		l.Span = max(l.Span, limit)
	}
	if l.Span > 0 {
		t.moments.at(l.Span - 1) // windows in which nothing was sent or came are there too
	}
	b := rowBuilder{tally: t, counts: counts, limits: limits, span: l.Span}
	l.Rows = b.rows()
	l.Series = t.series(all(len(t.streams)), limits)
	l.pieces = append(l.pieces, t.pieces(all(len(t.streams))))
	for i := range t.streams {
		s := &t.streams[i]
		name := t.layout.Streams[i].Name
		l.StreamSeries = append(l.StreamSeries, t.series([]int{i}, limits))
		l.Outlines = append(l.Outlines, s.points())
		l.Stalls = append(l.Stalls, s.stalls(name, l.Rows[1+i].Response.Quantile(0.5))...)
		l.pieces = append(l.pieces, t.pieces([]int{i}))
	}
	l.Stalls = longestStalls(l.Stalls)
	l.Heartbeats = t.heartbeats()
	l.Lag = l.Heartbeats[0].Distribution()
	for _, h := range l.Heartbeats[1:] {
		l.LagByPhase = append(l.LagByPhase, h.Distribution())
	}
	l.Health = t.health(l.Rows[0], l.Rows[1:1+len(t.streams)])
	l.Warnings = t.warnings(l.Rows[0])
	return l
}

func all(n int) []int {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	return indices
}

// limits are the moments up to which each stream's schedule was carried out.
func (t *Tally) limits(counts []attack.StreamCount) []time.Duration {
	limits := make([]time.Duration, len(t.streams))
	for i, s := range t.layout.Streams {
		switch {
		case i < len(counts):
			limits[i] = counts[i].Span
		case s.Schedule != nil:
			limits[i] = min(s.Schedule.Span(), t.latest)
		case t.layout.Span > 0:
			limits[i] = min(t.layout.Span, t.latest)
		default:
			limits[i] = t.latest
		}
	}
	return limits
}

func (t *Tally) heartbeats() []Histogram {
	lags := make([]Histogram, len(t.lags))
	for i, h := range t.lags {
		lags[i].Merge(h)
	}
	return lags
}

// warnings say what a reader of the numbers has to know.
func (t *Tally) warnings(whole LoadRow) []Warning {
	var w []Warning
	if whole.CutOff > 0 {
		w = append(w, Warning(fmt.Sprintf("%d of %d requests were given up at their timeout: they count as having waited that long, and would have waited longer", whole.CutOff, whole.Sent)))
	}
	if whole.Sent > 0 && whole.Response.N() == 0 {
		w = append(w, "no request was answered: there are no response times")
	}
	if t.strays > 0 {
		w = append(w, Warning(fmt.Sprintf("%d samples belong to no known stream and were left out", t.strays)))
	}
	return w
}

// rowBuilder sums cells up to the rows of a load.
type rowBuilder struct {
	tally  *Tally
	counts []attack.StreamCount
	limits []time.Duration
	span   time.Duration
}

func (b rowBuilder) rows() []LoadRow {
	streams := all(len(b.tally.streams))
	named := all(len(b.tally.layout.namedPhases()))
	rows := []LoadRow{b.row(streams, -1)}
	for _, s := range streams {
		rows = append(rows, b.row([]int{s}, -1).of(b.name(s), "", ""))
	}
	for _, p := range named {
		rows = append(rows, b.row(streams, p).of("", b.tally.layout.Phases[p].Name, ""))
	}
	for _, s := range streams {
		for _, p := range named {
			rows = append(rows, b.row([]int{s}, p).of(b.name(s), b.tally.layout.Phases[p].Name, ""))
		}
	}
	for _, s := range streams {
		rows = append(rows, b.requestRows(s)...)
	}
	return rows
}

func (b rowBuilder) name(stream int) string { return b.tally.layout.Streams[stream].Name }

func (r LoadRow) of(stream, phase, request string) LoadRow {
	r.Stream, r.Phase, r.Request = stream, phase, request
	return r
}

// row sums the streams up in a phase, or in all of them when it is −1.
func (b rowBuilder) row(streams []int, phase int) LoadRow {
	var sum cell
	var begins, span time.Duration
	offered, unsent := 0, 0
	for _, s := range streams {
		cells := b.tally.streams[s].phases
		from, to := 0, len(cells)
		if phase >= 0 {
			from, to = phase, phase+1
		}
		sent := 0
		for i := from; i < to; i++ {
			sum.merge(&cells[i])
			sent += cells[i].sent
		}
		asked := b.dueBy(s, to) - b.dueBy(s, from)
		if b.tally.layout.Streams[s].Schedule == nil && (phase >= 0 || s >= len(b.counts)) {
			asked = sent
		}
		offered += asked
		if s < len(b.counts) {
			unsent += b.unsent(s, phase, asked-sent)
		}
		span = max(span, b.limits[s])
	}
	if phase >= 0 {
		p := b.tally.layout.Phases[phase]
		begins, span = p.Begins, max(0, min(p.Lasts, b.span-p.Begins))
	}
	return sum.row(begins, span, offered, unsent)
}

// unsent is what a stream, or its part in a phase, never sent. missing samples
// alone don't say that: records can be lost.
func (b rowBuilder) unsent(stream, phase, missing int) int {
	if phase < 0 {
		return b.counts[stream].Unsent
	}
	return min(max(missing, 0), b.counts[stream].Unsent)
}

// dueBy is how many requests of a stream were due before the phase begins, as
// far as its schedule was carried out. The last bound is the end.
func (b rowBuilder) dueBy(stream, phase int) int {
	if phase == 0 {
		return 0
	}
	schedule := b.tally.layout.Streams[stream].Schedule
	last := phase == len(b.tally.streams[stream].phases)
	limit := b.limits[stream]
	total := -1
	if stream < len(b.counts) {
		total = b.counts[stream].Offered
	}
	switch {
	case last && total >= 0:
		return total
	case schedule == nil:
		return 0
	case !last:
		limit = min(limit, b.tally.layout.Phases[phase].Begins)
	}
	due := attack.DueBefore(schedule, limit)
	if total >= 0 {
		due = min(due, total)
	}
	return due
}

// requestRows gives one row for each request of a stream that has several.
func (b rowBuilder) requestRows(stream int) []LoadRow {
	s := &b.tally.streams[stream]
	var rows []LoadRow
	for i := range s.requests {
		if s.requests[i].sent == 0 && s.labels[i] == Others {
			continue
		}
		var sum cell
		sum.merge(&s.requests[i])
		rows = append(rows, sum.row(0, b.limits[stream], sum.sent, 0).of(b.name(stream), "", s.labels[i]))
	}
	return rows
}
