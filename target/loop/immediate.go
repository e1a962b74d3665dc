package loop

// Immediate is the handle of a callback that waits for the check phase. The
// zero value is that of one that has run.
type Immediate struct {
	loop   *Loop
	number uint64 // counted from the loop's beginning
}

// immediate is the callback itself. The lists hold it by value and are used
// again, so that an immediate allocates nothing.
type immediate struct {
	label string
	fn    func()
	unref bool
	done  bool // cleared or run
}

// immediates is the list for the next check phase, and the one that is run. A
// cleared immediate keeps its place, so that numbers are places; nothing else
// may notice it: Node takes it out of its list.
type immediates struct {
	waiting    []immediate
	running    []immediate // afterwards kept for its memory
	at         int         // in running: what comes before has had its turn
	first      uint64      // number of waiting[0]; those of running end before it
	live       int         // neither cleared nor run
	referenced int         // of the live
}

// SetImmediate runs fn in the next check phase, right after poll. One that is
// made in the check phase waits for the next iteration, so that work cut into
// immediates lets I/O in between.
func (l *Loop) SetImmediate(fn func()) Immediate {
	q := &l.immediates
	q.waiting = append(q.waiting, immediate{label: l.label, fn: fn})
	q.live++
	q.referenced++
	return Immediate{l, q.first + uint64(len(q.waiting)) - 1}
}

// find gives the callback while it is live; nil afterwards.
func (h Immediate) find() *immediate {
	if h.loop == nil {
		return nil
	}
	q := &h.loop.immediates
	var i *immediate
	switch start := q.first - uint64(len(q.running)); {
	case h.number >= q.first:
		i = &q.waiting[h.number-q.first]
	case h.number >= start:
		i = &q.running[h.number-start]
	}
	if i == nil || i.done {
		return nil
	}
	return i
}

// Clear drops the immediate; an earlier immediate of the same phase may do so.
func (h Immediate) Clear() {
	if i := h.find(); i != nil {
		h.loop.immediates.finish(i)
	}
}

// Unref lets the loop end although the immediate is waiting.
func (h Immediate) Unref() Immediate {
	if i := h.find(); i != nil && !i.unref && made != unrefIgnored {
		i.unref = true
		h.loop.immediates.referenced--
	}
	return h
}

// Ref undoes Unref.
func (h Immediate) Ref() Immediate {
	if i := h.find(); i != nil && i.unref {
		i.unref = false
		h.loop.immediates.referenced++
	}
	return h
}

// finish takes i out of the counts, and lets go of what it refers to.
func (q *immediates) finish(i *immediate) {
	q.live--
	if !i.unref {
		q.referenced--
	}
	*i = immediate{done: true}
}

// detach makes the waiting list the running one, which cannot grow then.
func (q *immediates) detach() {
	q.first += uint64(len(q.waiting))
	q.running, q.waiting, q.at = q.waiting, q.running[:0], 0
}

// next steps over cleared immediates and reports whether one is left to run.
func (q *immediates) next() bool {
	for q.at < len(q.running) && q.running[q.at].done {
		q.at++
	}
	return q.at < len(q.running)
}

// runCheck is the check phase. It begins with a drain: what a callback that
// threw has left runs here at the latest. Then it runs the immediates that are
// waiting, and goes on after one that threw; by then the list may be used up, and
// those that were made meanwhile have their turn too (Node: CheckImmediate in
// src/env.cc, processImmediate in lib/internal/timers.js).
//
// Here is the one place where Node is not followed: when a tick that an
// immediate queued clears the next immediate and then throws, Node 20 loops for
// ever over the list's broken link. This loop goes on with the one after.
func (l *Loop) runCheck() {
	if made != noDrainAtCheck {
		l.drain()
	}
	if l.immediates.live == 0 {
		l.immediates.detach() // lets the cleared ones go
		return
	}
	for again := true; again && !l.stop.Load(); {
		again = l.runImmediates()
	}
	if made == nestedImmediatesAtOnce && l.immediates.live > 0 && !l.stop.Load() {
		l.runCheck()
	}
}

// runImmediates runs what a throw has left, or else detaches the list that is
// waiting. It reports whether one of them, or a tick between them, threw. One
// guard for all of them costs less than one for each.
func (l *Loop) runImmediates() (threw bool) {
	q := &l.immediates
	if !q.next() {
		q.detach()
	}
	defer func() {
		if v := recover(); v != nil {
			threw = true
			l.threw(v)
		}
	}()
	for ran := false; q.next(); ran = true {
		if ran && made != noDrainBetweenImmediates && !l.drain() {
			return true
		}
		i := &q.running[q.at]
		if i.done {
			continue // cleared by a tick of that drain
		}
		label, fn := i.label, i.fn
		q.finish(i)
		l.begin(PhaseCheck, label)
		fn()
		if l.stop.Load() {
			return false
		}
	}
	l.drain()
	return false
}
