package loop

import (
	"sync"
	"time"

	"github.com/looptest/looptest/target/internal/ring"
)

// HeldFrom is the length from which a callback is kept as having held the loop.
const HeldFrom = time.Millisecond

// Monitor measures a loop: its lag by a heartbeat, its utilization, and the
// callbacks that held it. Its readings are safe from any goroutine, also while
// the loop is blocked.
type Monitor struct {
	every time.Duration

	mu       sync.Mutex
	clock    Clock
	started  time.Duration
	nextBeat time.Duration
	idle     time.Duration // in total
	idling   bool
	idleFrom time.Duration
	running  Held // the callback under way; its label is empty between callbacks
	worst    Held // the longest callback since the last beat
	beats    ring.Ring[Beat]
	lags     Histogram
	held     ring.Ring[Held]
}

// Beat is one heartbeat: due on a fixed grid, and run when the loop came round.
// A grid point that passes while the loop is held is a beat of its own, so that
// a stall weighs by its length.
type Beat struct {
	Due, Ran time.Duration
	HeldBy   Held // the longest callback since the beat before; zero under HeldFrom
}

// Held is a callback with its drain: what held the loop from Start to End.
type Held struct {
	Start, End time.Duration
	Phase      Phase
	Label      string
}

// Length is how long the loop was held.
func (h Held) Length() time.Duration { return h.End - h.Start }

// Histogram counts the lag of every heartbeat since the loop began.
type Histogram struct {
	Counts [len(lagBounds) + 1]uint64 // by LagBounds, the last without a bound
	Total  time.Duration
}

// lagBounds are the upper bounds of a Histogram's buckets.
var lagBounds = [...]time.Duration{
	500 * time.Microsecond, 1 * time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
	200 * time.Millisecond, 500 * time.Millisecond, 1 * time.Second, 2 * time.Second, 5 * time.Second,
}

// LagBounds gives the upper bounds of a Histogram's buckets.
func LagBounds() []time.Duration { return lagBounds[:] }

// Add counts one lag.
func (h *Histogram) Add(lag time.Duration) {
	bucket := 0
	for bucket < len(lagBounds) && lag > lagBounds[bucket] {
		bucket++
	}
	h.Counts[bucket]++
	h.Total += lag
}

// DefaultBeat is how often the heartbeat is due.
const DefaultBeat = 10 * time.Millisecond

// keptBeats bounds a monitor's memory: about 11 minutes at the default beat.
const keptBeats = 1 << 16

// NewMonitor makes a monitor whose heartbeat is due every so often.
func NewMonitor(every time.Duration) *Monitor {
	return &Monitor{every: every, beats: ring.New[Beat](keptBeats), held: ring.New[Held](keptBeats)}
}

func (m *Monitor) start(c Clock) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clock = c
	m.started = c.Now()
	m.nextBeat = m.started + m.every
}

// begin and end enclose a callback and its drain.
func (m *Monitor) begin(phase Phase, label string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running = Held{Start: m.clock.Now(), Phase: phase, Label: label}
}

func (m *Monitor) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running.Phase == "" {
		return
	}
	h := m.running
	m.running = Held{}
	h.End = m.clock.Now()
	if h.Length() >= HeldFrom {
		m.held.Push(h)
		if h.Length() > m.worst.Length() {
			m.worst = h
		}
	}
}

func (m *Monitor) idleBegins() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.idling, m.idleFrom = true, m.clock.Now()
}

func (m *Monitor) idleEnds() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.idling = false
	m.idle += m.clock.Now() - m.idleFrom
}

// untilBeat is how long the loop may sleep before the next beat is due.
func (m *Monitor) untilBeat() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return max(0, m.nextBeat-m.clock.Now())
}

// beat runs the heartbeats that have fallen due.
func (m *Monitor) beat() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Now()
	if now < m.nextBeat {
		return
	}
	for ; m.nextBeat <= now; m.nextBeat += m.every {
		m.beats.Push(Beat{Due: m.nextBeat, Ran: now, HeldBy: m.worst})
		m.lags.Add(now - m.nextBeat)
	}
	m.worst = Held{}
}

// Reading is a monitor's state at one moment. Times are on the loop's clock.
type Reading struct {
	At      time.Duration
	Elapsed time.Duration // since the loop began to run
	Idle    time.Duration // of it, waiting in poll
	Running Held          // the callback under way, with End zero; Phase is empty for none
	Lags    Histogram     // of all heartbeats
	Overdue time.Duration // how late the next heartbeat is by now: a stall under way
}

// Read takes a reading.
func (m *Monitor) Read() Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.clock == nil {
		return Reading{}
	}
	now := m.clock.Now()
	r := Reading{At: now, Elapsed: now - m.started, Idle: m.idle, Running: m.running, Lags: m.lags, Overdue: max(0, now-m.nextBeat)}
	if m.idling {
		r.Idle += now - m.idleFrom
	}
	return r
}

// Beats gives the kept heartbeats that ran at or after since, oldest first.
func (m *Monitor) Beats(since time.Duration) []Beat {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.beats.From(func(b Beat) bool { return b.Ran >= since })
}

// Held gives the kept callbacks of HeldFrom or more that ended at or after
// since, oldest first.
func (m *Monitor) Held(since time.Duration) []Held {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held.From(func(h Held) bool { return h.End >= since })
}
