package loop

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// door is the one thread-safe way into the loop. Everything behind it is owned
// by the loop and needs no lock.
type door struct {
	mu     sync.Mutex
	queue  []task
	spare  []task // the batch that was run last, for its memory
	rung   bool   // something has come since the last look
	closed bool
	asleep atomic.Bool // the loop waits, or is about to
}

// Post hands fn to the loop, which runs it in its poll phase under that label.
// It is safe from any goroutine and never blocks; it reports false, and fn
// never runs, when the loop has ended. A posted callback is run even when
// nothing else keeps the loop alive.
func (l *Loop) Post(label string, fn func()) bool {
	return l.post(task{label: label, fn: fn, source: sourcePost})
}

func (l *Loop) post(t task) bool {
	first, ok := l.door.put(t)
	l.wakeUp(first)
	return ok
}

// wakeUp wakes the loop when it sleeps and nobody else has: waking costs more
// than all the rest. A poller of the caller's may also wait where the real one
// does not.
func (l *Loop) wakeUp(first bool) {
	if l.ownPoller || first && l.door.asleep.Load() {
		l.poller.Wake()
	}
}

// Sources of what comes through the door. In one poll they are looked at once
// each, in the order in which they were made, as libuv looks at its async
// handles: the pool's first, then the lines of messages. What an earlier source
// leads to in a later one still has its turn in the same poll.
const (
	noSource int32 = iota - 1
	sourcePool
	sourcePost
	sourcesFixed
)

// newSource gives the next line of messages its place.
func (l *Loop) newSource() int32 {
	l.sources++
	return sourcesFixed + l.sources
}

// DoorQueue is how many posted callbacks wait for the loop. It is safe from any
// goroutine.
func (l *Loop) DoorQueue() int {
	l.door.mu.Lock()
	defer l.door.mu.Unlock()
	return len(l.door.queue)
}

// put reports whether t is the first since the last look, and whether it is in at
// all.
func (d *door) put(t task) (first, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false, false
	}
	d.queue = append(d.queue, t)
	first, d.rung = !d.rung, true
	return first, true
}

// look begins a poll: it takes from the first source, and reports whether
// anything has come since the last look. That may have been taken already, for a
// later source of the same poll; this poll does not wait all the same, as
// libuv's does not, whose wake-up is still there to be read.
func (d *door) look() (batch []task, rung bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.rung {
		return nil, false
	}
	d.rung = false
	return d.takeLocked(noSource), true
}

// take gives what has come from the first source after the given one, first in,
// first out; nothing when there is none. The batch is the loop's until the next
// take.
func (d *door) take(after int32) (batch []task) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.takeLocked(after)
}

func (d *door) takeLocked(after int32) (batch []task) {
	source, same := int32(math.MaxInt32), true
	for _, t := range d.queue {
		if t.source > after && t.source < source {
			source = t.source
		}
		same = same && t.source == d.queue[0].source
	}
	switch {
	case source == math.MaxInt32:
		return nil
	case same:
		batch = d.queue
		d.queue, d.spare = d.spare[:0], batch
		return batch
	}
	batch, rest := d.spare[:0], d.queue[:0]
	for _, t := range d.queue {
		if t.source == source {
			batch = append(batch, t)
		} else {
			rest = append(rest, t)
		}
	}
	clear(d.queue[len(rest):])
	d.queue, d.spare = rest, batch
	return batch
}

func (d *door) quiet() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.rung
}

func (d *door) empty() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.queue) == 0
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.queue = nil
}

func (d *door) shutIfEmpty() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = len(d.queue) == 0
	return d.closed
}

// forever is the poll timeout without a timer to wait for.
const forever = -1

// pollTimeout gives how long poll may wait, in milliseconds: not at all when
// nothing is active or other phases have work, else until the next timer
// (libuv's uv__backend_timeout).
func (l *Loop) pollTimeout() int64 {
	switch {
	case l.stop.Load() || !l.hasActive():
		return 0
	case l.pending.len() > 0 || l.idle.active() || len(l.closing) > 0:
		return 0
	case l.immediates.referenced > 0:
		return 0 // Node keeps an idle handle active meanwhile
	case !l.timers.armed:
		return forever
	}
	return max(0, l.timers.alarm-l.time)
}

// poll runs what has come in, one batch, with a drain after each callback.
// Like Node, which measures idle time, it looks without waiting first, and then
// waits only for what is left of the timeout.
func (l *Loop) poll(timeout int64) {
	entry := l.time
	l.poller.Wait(0, l.busy)
	l.updateTime()
	batch, rung := l.door.look()
	for !rung && timeout != 0 && !l.stop.Load() {
		left := timeout
		if timeout != forever {
			if left = timeout - (l.time - entry); left <= 0 {
				return
			}
		}
		l.door.asleep.Store(true)
		if l.door.quiet() {
			l.wait(left)
		}
		l.door.asleep.Store(false)
		batch, rung = l.door.look()
	}
	for len(batch) > 0 {
		source := batch[0].source
		for i, t := range batch {
			batch[i] = task{} // let go of what it refers to
			if l.stop.Load() {
				return
			}
			if t.bare {
				t.fn()
				continue
			}
			l.call(PhasePoll, t.label, t.fn)
		}
		batch = l.door.take(source)
	}
}

// wait sleeps in the poller and books the time as idle. The monitor's
// heartbeat, which is no timer of the program's, may end the sleep early.
func (l *Loop) wait(ms int64) {
	timeout := time.Duration(ms) * time.Millisecond
	if ms == forever {
		timeout = forever
	}
	if l.monitor == nil {
		l.poller.Wait(timeout, l.busy)
		l.updateTime()
		return
	}
	if next := l.monitor.untilBeat(); timeout == forever || next < timeout {
		timeout = next
	}
	l.monitor.idleBegins()
	l.poller.Wait(timeout, l.busy)
	l.monitor.idleEnds()
	l.updateTime()
	l.monitor.beat()
}
