package loop

import (
	"container/heap"
	"math"
	"time"
)

// Timer is a timeout or an interval. Its methods belong to the loop.
type Timer struct {
	loop       *Loop
	label      string
	fn         func()
	ms         int64 // duration; its list's key
	repeat     bool
	unref      bool
	done       bool // cleared, or fired for the last time
	cleared    bool
	muted      bool // cleared after it had fired: a Refresh brings back its time, and not its callback
	counted    bool // in timers.referenced
	start      int64
	list       *timerList
	prev, next *Timer
}

// timers is Node's own queue of timer lists (lib/internal/timers.js) on top of
// the loop's single libuv timer, the alarm.
type timers struct {
	lists      map[int64]*timerList
	queue      timerHeap
	last       *timerList   // the list that was asked for last, likely to be so again; nil for none
	free       []*timerList // dropped, for their memory
	slab       slab[Timer]
	running    bool // a pass is under way
	lastID     int64
	next       int64 // expiry that the alarm stands for
	referenced int
	armed      bool
	alarm      int64 // loop time at which the alarm goes off
}

func (q *timers) init() {
	q.lists = map[int64]*timerList{}
	q.next = math.MaxInt64
}

// SetTimeout runs fn once, in the timers phase, when d has passed. Node's rules
// for d hold: fractions of a millisecond are cut off, and anything under 1 ms
// or over 2³¹−1 ms becomes 1 ms.
func (l *Loop) SetTimeout(fn func(), d time.Duration) *Timer { return l.newTimer(fn, d, false) }

// SetInterval runs fn every d until the timer is cleared, counted from the
// start of one run to the next.
func (l *Loop) SetInterval(fn func(), d time.Duration) *Timer { return l.newTimer(fn, d, true) }

func (l *Loop) newTimer(fn func(), d time.Duration, repeat bool) *Timer {
	t := l.timers.slab.get()
	t.loop, t.label, t.fn, t.ms, t.repeat = l, l.label, fn, timerDuration(d), repeat
	l.timers.count(t, true)
	if made != cachedTimeoutTime {
		l.updateTime() // a timer starts at fresh time
	}
	l.insertTimer(t, l.time)
	return t
}

func timerDuration(d time.Duration) int64 {
	if d < time.Millisecond || d > math.MaxInt32*time.Millisecond {
		return 1
	}
	return int64(d / time.Millisecond)
}

// Clear stops the timer for good. Clearing twice, or after it fired, does
// nothing more.
func (t *Timer) Clear() {
	if t.done || t.muted {
		t.muted = true
		return
	}
	t.cleared, t.done = true, true
	t.loop.timers.clear(t)
	t.loop.timers.count(t, false)
}

// Refresh starts the timer's time anew; one that has fired is armed again.
func (t *Timer) Refresh() *Timer {
	if t.cleared {
		return t
	}
	l := t.loop
	l.updateTime()
	l.timers.remove(t)
	l.insertTimer(t, l.time)
	t.done = false
	l.timers.count(t, true)
	return t
}

// Unref lets the loop end although the timer is waiting.
func (t *Timer) Unref() *Timer {
	t.unref = true
	t.loop.timers.count(t, !t.done)
	return t
}

// Ref undoes Unref.
func (t *Timer) Ref() *Timer {
	t.unref = false
	t.loop.timers.count(t, !t.done)
	return t
}

// count keeps the number of referenced timers.
func (q *timers) count(t *Timer, on bool) {
	switch on = on && (!t.unref || made == unrefIgnored); {
	case on && !t.counted:
		q.referenced++
	case !on && t.counted:
		q.referenced--
	}
	t.counted = on
}

// insertTimer appends t to the list of its duration and, when that makes a
// nearer expiry than any, sets the alarm.
func (l *Loop) insertTimer(t *Timer, start int64) {
	q := &l.timers
	t.start = start
	list := q.list(t.ms)
	if list == nil {
		q.lastID++
		list = q.newList()
		list.ms, list.expiry, list.id = t.ms, start+t.ms, q.lastID
		q.lists[t.ms] = list
		heap.Push(&q.queue, list)
		if list.expiry < q.next {
			l.setAlarm(t.ms)
			q.next = list.expiry
		}
	}
	list.append(t)
}

// list gives the list of that duration; nil when there is none.
func (q *timers) list(ms int64) *timerList {
	if q.last == nil || q.last.ms != ms {
		q.last = q.lists[ms]
	}
	return q.last
}

// remove takes t out of its list, which stays with its old expiry.
func (q *timers) remove(t *Timer) {
	if t.list != nil {
		t.list.unlink(t)
	}
}

// clear removes t and, like Node, drops a list that this empties only when the
// timer was referenced.
func (q *timers) clear(t *Timer) {
	q.remove(t)
	list := q.list(t.ms) // also when t is being run, and in no list
	if list != nil && list.head == nil && !t.unref && made != listKeptAfterClear {
		q.drop(list)
	}
}

func (q *timers) drop(list *timerList) {
	delete(q.lists, list.ms)
	q.last = nil
	heap.Remove(&q.queue, list.queueAt)
	q.free = append(q.free, list)
}

// newList gives a list that was dropped before, or a new one.
func (q *timers) newList() *timerList {
	last := len(q.free) - 1
	if last < 0 || q.running { // a list being run must not turn into another
		return &timerList{}
	}
	list := q.free[last]
	q.free = q.free[:last]
	return list
}

func (l *Loop) setAlarm(ms int64) {
	l.timers.armed = true
	l.timers.alarm = l.time + ms
}

// runTimers is the timers phase (libuv's uv__run_timers with Node's one timer).
func (l *Loop) runTimers() {
	q := &l.timers
	for q.armed && q.alarm <= l.time && !l.stop.Load() {
		q.armed = false
		l.updateTime()
		for now := l.time; !l.runTimerLists(now) && !l.stop.Load(); {
			// something threw: the pass begins again
		}
		// Only now, with the alarm set: when this drain lets time pass, the alarm
		// may go off in the same phase.
		l.drain()
	}
	if l.monitor != nil {
		l.monitor.beat()
	}
}

// runTimerLists runs every list that is due at now, with a drain between two.
// Timers made meanwhile are not due in the same pass, since now stands still. At
// its end the alarm is set again, at least 1 ms ahead. It reports false when
// something threw (Node: processTimers).
func (l *Loop) runTimerLists(now int64) (finished bool) {
	q := &l.timers
	q.next = math.MaxInt64
	q.running = true
	defer func() { q.running = false }()
	for ran := false; len(q.queue) > 0; ran = true {
		list := q.queue[0]
		if list.expiry > now {
			q.next = list.expiry
			l.setAlarm(max(rearmMinimum(), list.expiry-l.time))
			return true
		}
		if ran && !l.drainBetween() || !l.runTimerList(list, now) || l.stop.Load() {
			return false
		}
	}
	return true
}

// drainBetween is the drain between two timers.
func (l *Loop) drainBetween() (finished bool) {
	return made == noDrainBetweenTimers || l.drain()
}

// rearmMinimum is how far ahead, in ms, the alarm is set at least.
func rearmMinimum() int64 {
	if made == noRearmMinimum {
		return 0
	}
	return 1
}

// runTimerList runs all due timers of one list, with a drain between two, before
// any other list has its turn. It reports false when something threw (Node:
// listOnTimeout).
func (l *Loop) runTimerList(list *timerList, now int64) (finished bool) {
	q := &l.timers
	ms := list.ms
	for ran := false; list.head != nil; ran = true {
		t := list.head
		if now-t.start < ms {
			q.requeue(list, max(t.start+ms, now+1))
			return true
		}
		if ran && !l.drainBetween() {
			return false
		}
		if t.list == list {
			list.unlink(t)
		}
		if t.cleared || t.muted {
			t.done = true
			q.count(t, false)
			continue
		}
		if l.fire(t) || l.stop.Load() {
			return false
		}
	}
	if q.lists[ms] == list {
		q.drop(list)
	}
	return true
}

// requeue puts a list back among the others; it counts as new for ties.
func (q *timers) requeue(list *timerList, expiry int64) {
	list.expiry = expiry
	if made != noNewListID {
		q.lastID++
		list.id = q.lastID
	}
	heap.Fix(&q.queue, list.queueAt)
}

// fire runs one timer and reports whether it threw. An interval's next start is
// read before its callback; it is set again before an error is handled.
func (l *Loop) fire(t *Timer) (threw bool) {
	if t.repeat {
		l.updateTime()
	}
	start := l.time
	defer func() {
		v := recover()
		if t.repeat && made == intervalStartAfter {
			l.updateTime()
			start = l.time
		}
		l.fired(t, start)
		if v != nil {
			threw = true
			l.threw(v)
		}
	}()
	l.begin(PhaseTimers, t.label)
	t.fn()
	return false
}

// fired sets an interval again and counts a timeout as done.
func (l *Loop) fired(t *Timer, start int64) {
	switch {
	case t.cleared: // by its own callback
	case t.repeat:
		l.timers.remove(t)
		l.insertTimer(t, start)
	case t.list == nil: // not refreshed by its own callback
		t.done = true
		l.timers.count(t, false)
	}
}
