package loop

// Immediate is a callback that waits for the check phase.
type Immediate struct {
	loop    *Loop
	label   string
	fn      func()
	unref   bool
	done    bool // cleared or run
	counted bool
}

// immediates is the lists for this check phase and the next.
type immediates struct {
	waiting    []*Immediate
	batch      []*Immediate // the list that is run now, from at on
	at         int
	slab       slab[Immediate]
	referenced int
}

// SetImmediate runs fn in the next check phase, right after poll. One that is
// made in the check phase waits for the next iteration, so that work cut into
// immediates lets I/O in between.
func (l *Loop) SetImmediate(fn func()) *Immediate {
	i := l.immediates.slab.get()
	i.loop, i.label, i.fn = l, l.label, fn
	l.immediates.count(i, true)
	l.immediates.waiting = append(l.immediates.waiting, i)
	return i
}

// Clear drops the immediate; an earlier immediate of the same phase may do so.
func (i *Immediate) Clear() { i.finish() }

// Unref lets the loop end although the immediate is waiting.
func (i *Immediate) Unref() *Immediate {
	i.unref = true
	i.loop.immediates.count(i, !i.done)
	return i
}

// Ref undoes Unref.
func (i *Immediate) Ref() *Immediate {
	i.unref = false
	i.loop.immediates.count(i, !i.done)
	return i
}

func (i *Immediate) finish() {
	i.done = true
	i.loop.immediates.count(i, false)
}

// count keeps the number of referenced immediates.
func (q *immediates) count(i *Immediate, on bool) {
	switch on = on && (!i.unref || made == unrefIgnored); {
	case on && !i.counted:
		q.referenced++
	case !on && i.counted:
		q.referenced--
	}
	i.counted = on
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
	for again := len(l.immediates.waiting) > 0; again && !l.stop.Load(); {
		again = l.runImmediates()
	}
	if made == nestedImmediatesAtOnce && len(l.immediates.waiting) > 0 && !l.stop.Load() {
		l.runCheck()
	}
}

// runImmediates runs what a throw has left, or else takes the list that is
// waiting, which is detached so that it cannot grow while it is run. It reports
// whether one of them, or a tick between them, threw. One guard for all of them
// costs less than one for each.
func (l *Loop) runImmediates() (threw bool) {
	q := &l.immediates
	if q.at == len(q.batch) {
		q.batch, q.waiting, q.at = q.waiting, q.batch[:0], 0
	}
	defer func() {
		if v := recover(); v != nil {
			threw = true
			l.threw(v)
		}
	}()
	for ran := false; q.at < len(q.batch); ran = true {
		if ran && made != noDrainBetweenImmediates && !l.drain() {
			return true
		}
		i := q.batch[q.at]
		q.batch[q.at] = nil
		q.at++
		if i.done {
			continue
		}
		i.finish()
		l.begin(PhaseCheck, i.label)
		i.fn()
		if l.stop.Load() {
			return false
		}
	}
	l.drain()
	return false
}
