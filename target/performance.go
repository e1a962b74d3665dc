package target

import (
	"slices"
	"time"

	"github.com/looptest/looptest/target/internal/ring"
	"github.com/looptest/looptest/target/loop"
)

// performance is the server's marks and measures, and who observes them, after
// Node's perf_hooks. It belongs to the loop.
//
// A measure lies between two marks. In the guide those are named, and the measure
// takes the newest of each name, which is another request's as soon as two are
// under way. Here it takes the marks themselves.
type performance struct {
	loop      *loop.Loop
	timelines map[entryType]*timeline
	observers []*entryObserver
	pending   []*entryObserver // that have to be told something
	due       bool             // a delivery is scheduled
}

// entryType is what an entry of a timeline is.
type entryType string

const (
	markEntry    entryType = "mark"
	measureEntry entryType = "measure"
)

// entry is a mark, which has no length, or a measure. Times are on the loop's clock.
type entry struct {
	kind  entryType
	name  string
	start time.Duration
	took  time.Duration
}

func (e entry) end() time.Duration { return e.start + e.took }

func newPerformance(l *loop.Loop) *performance {
	return &performance{loop: l, timelines: map[entryType]*timeline{markEntry: newTimeline(), measureEntry: newTimeline()}}
}

// mark notes that a point of that name is reached.
func (p *performance) mark(name string) entry {
	return p.record(entry{kind: markEntry, name: name, start: p.loop.Clock().Now()})
}

// measure notes what lies between two marks.
func (p *performance) measure(name string, from, to entry) entry {
	return p.record(entry{measureEntry, name, from.start, to.start - from.start})
}

func (p *performance) record(e entry) entry {
	p.timelines[e.kind].add(e)
	for _, o := range p.observers {
		if o.of == e.kind {
			o.pending.add(e)
			p.deliverSoon(o)
		}
	}
	return e
}

// deliverSoon has the observer told in the next check phase, with all others
// that are pending by then.
func (p *performance) deliverSoon(o *entryObserver) {
	if !o.due {
		o.due = true
		p.pending = append(p.pending, o)
	}
	if !p.due {
		p.due = true
		p.loop.SetImmediate(p.deliver)
	}
}

func (p *performance) deliver() {
	p.due = false
	for range len(p.pending) { // who has more to be told by now waits for the next
		o := p.pending[0]
		p.pending = p.pending[1:]
		o.deliver()
	}
}

// entryObserver is told of new entries of one type, of several at a time.
type entryObserver struct {
	performance *performance
	of          entryType
	told        func(entries []entry, dropped int)
	pending     *timeline
	due         bool // it has to be told something
}

// observe tells of the entries that are recorded from now on, oldest first, and
// of how many there was no room for. A buffered observer is first told of what
// is kept of the time before, also when that is nothing. (On Node that holds for
// observe({type, buffered}) alone: with entryTypes, as in the guide, buffered is
// ignored.)
func (p *performance) observe(of entryType, buffered bool, told func(entries []entry, dropped int)) *entryObserver {
	o := &entryObserver{performance: p, of: of, told: told, pending: newTimeline()}
	if buffered {
		o.pending = p.timelines[of].clone()
		p.deliverSoon(o)
	}
	p.observers = append(p.observers, o)
	return o
}

// disconnect ends the observation; what is pending is not told any more.
func (o *entryObserver) disconnect() {
	o.due = false
	p := o.performance
	p.observers = slices.DeleteFunc(p.observers, func(other *entryObserver) bool { return other == o })
}

func (o *entryObserver) deliver() {
	if !o.due {
		return
	}
	entries, dropped := o.pending.list()
	o.due, o.pending = false, newTimeline()
	o.told(entries, dropped)
}

// keptEntries bounds a timeline's memory.
const keptEntries = 1 << 10

// timeline is the newest entries, and how many there were in all.
type timeline struct {
	newest ring.Ring[entry]
	added  int
}

func newTimeline() *timeline { return &timeline{newest: ring.New[entry](keptEntries)} }

func (t *timeline) add(e entry) {
	t.newest.Push(e)
	t.added++
}

// list gives the entries that are kept, oldest first, and how many are not.
func (t *timeline) list() (entries []entry, dropped int) {
	entries = t.newest.From(func(entry) bool { return true })
	return entries, t.added - len(entries)
}

func (t *timeline) clone() *timeline {
	entries, dropped := t.list()
	c := newTimeline()
	for _, e := range entries {
		c.add(e)
	}
	c.added += dropped
	return c
}
