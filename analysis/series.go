package analysis

import (
	"time"

	"github.com/looptest/looptest/attack"
)

// Series is the load over time, in windows of one length.
type Series struct {
	Window  time.Duration
	Windows []Window
}

// Window is what happened in one window. Requests belong to the one in which
// they were meant to be sent, and answers (achieved) to the one in which they
// came.
type Window struct {
	Begins        time.Duration
	Offered, Sent int
	Achieved      int           // good answers that came
	Failed        int           // of those sent: without a good answer
	P50, P99      time.Duration // response time, to 2 digits
	Max           time.Duration // response time, exact
	Lag           time.Duration // the longest of the target's heartbeats
}

// Windows are a second long at first.
const (
	firstWindow = time.Second
	mostWindows = 600
)

// moment is what happened in one window.
type moment struct {
	flows []flow // by stream; none when nothing happened
	lag   time.Duration
}

// flow is one stream's part of a moment.
type flow struct {
	sent, failed int
	achieved     int
	response     Histogram // coarse
}

func newMoments(streams int) columns[moment] {
	return columns[moment]{width: firstWindow, limit: mostWindows, fold: func(into, from *moment) {
		into.lag = max(into.lag, from.lag)
		for i := range from.flows {
			into.flow(i, streams).merge(&from.flows[i])
		}
	}}
}

func (m *moment) flow(stream, streams int) *flow {
	if m.flows == nil {
		m.flows = make([]flow, streams)
		for i := range m.flows {
			m.flows[i].response = newCoarse()
		}
	}
	return &m.flows[stream]
}

func (f *flow) merge(other *flow) {
	f.sent += other.sent
	f.failed += other.failed
	f.achieved += other.achieved
	f.response.Merge(other.response)
}

func (t *Tally) addMoment(s *attack.Sample, m *measures) {
	meant := t.moments.at(s.Intended).flow(s.Stream, len(t.streams))
	meant.sent++
	if m.counts {
		meant.response.add(m.response.d, m.response.bucket)
	}
	if s.Err != "" {
		meant.failed++
		return
	}
	t.moments.at(s.Done).flow(s.Stream, len(t.streams)).achieved++
}

// series describes the windows of the streams that are wanted. limits are the
// moments up to which each stream's schedule was carried out.
func (t *Tally) series(wanted []int, limits []time.Duration) Series {
	s := Series{Window: t.moments.width, Windows: make([]Window, len(t.moments.all))}
	for i := range t.moments.all {
		s.Windows[i] = t.window(i, wanted, limits)
	}
	return s
}

func (t *Tally) window(i int, wanted []int, limits []time.Duration) Window {
	width := t.moments.width
	w := Window{Begins: time.Duration(i) * width, Lag: t.moments.all[i].lag}
	response := newCoarse()
	for _, stream := range wanted {
		var f flow
		if flows := t.moments.all[i].flows; flows != nil {
			f = flows[stream]
		}
		w.Sent += f.sent
		w.Achieved += f.achieved
		w.Failed += f.failed
		response.Merge(f.response)
		if schedule := t.layout.Streams[stream].Schedule; schedule == nil {
			w.Offered += f.sent
		} else {
			w.Offered += dueWithin(schedule, w.Begins, min(w.Begins+width, limits[stream]))
		}
	}
	w.P50, w.P99, w.Max = response.Quantile(0.5), response.Quantile(0.99), response.Max()
	return w
}

// dueWithin is how many requests are due from the one moment to before the other.
func dueWithin(s attack.Schedule, from, to time.Duration) int {
	if to <= from {
		return 0
	}
	return attack.DueBefore(s, to) - attack.DueBefore(s, from)
}

// piece is a part of a run, long enough for its own quantiles.
type piece struct {
	flow
	lasts time.Duration
}

// mostPieces is into how many pieces a run is cut to see how much its numbers
// vary within it.
const mostPieces = 12

// pieces cuts the streams' time, up to their last request, into pieces of whole
// windows.
func (t *Tally) pieces(streams []int) []piece {
	windows := t.moments.all
	last := 0
	for i := range windows {
		for _, s := range streams {
			if windows[i].flows != nil && windows[i].flows[s].sent > 0 {
				last = i + 1
			}
		}
	}
	pieces := make([]piece, min(last, mostPieces))
	for i := range pieces {
		from, to := i*last/len(pieces), (i+1)*last/len(pieces)
		pieces[i] = sumPiece(windows[from:to], streams)
		pieces[i].lasts = time.Duration(to-from) * t.moments.width
	}
	return pieces
}

func sumPiece(windows []moment, streams []int) piece {
	p := piece{flow: flow{response: newCoarse()}}
	for i := range windows {
		for _, s := range streams {
			if windows[i].flows != nil {
				p.merge(&windows[i].flows[s])
			}
		}
	}
	return p
}
