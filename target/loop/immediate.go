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

// immediates is the list for the next check phase.
type immediates struct {
	waiting    []*Immediate
	spare      []*Immediate // the list that was run last, for its memory
	referenced int
}

// SetImmediate runs fn in the next check phase, right after poll. One that is
// made in the check phase waits for the next iteration, so that work cut into
// immediates lets I/O in between.
func (l *Loop) SetImmediate(fn func()) *Immediate {
	i := &Immediate{loop: l, label: l.label, fn: fn}
	l.immediates.count(i, true)
	l.immediates.waiting = append(l.immediates.waiting, i)
	return i
}

// Clear drops the immediate; an earlier immediate of the same phase may do so.
func (i *Immediate) Clear() { i.finish() }

// Unref lets the loop end although the immediate is waiting.
func (i *Immediate) Unref() *Immediate {
	i.unref = true
	i.loop.immediates.count(i, false)
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
	switch on = on && !i.unref; {
	case on && !i.counted:
		q.referenced++
	case !on && i.counted:
		q.referenced--
	}
	i.counted = on
}

// runCheck is the check phase. It begins with a drain: what a callback that
// threw has left runs here at the latest. The list is detached first, so that it
// cannot grow while it is run.
//
// Here is the one place where Node is not followed: when a tick that an
// immediate queued clears the next immediate and then throws, Node 20 loops for
// ever over the list's broken link. This loop goes on with the one after.
func (l *Loop) runCheck() {
	if l.drain(); l.ended {
		return
	}
	if len(l.immediates.waiting) == 0 {
		return
	}
	batch := l.immediates.waiting
	l.immediates.waiting, l.immediates.spare = l.immediates.spare[:0], batch
	for k, i := range batch {
		batch[k] = nil
		if i.done {
			continue
		}
		i.finish()
		l.call(PhaseCheck, i.label, i.fn)
		if l.stop.Load() {
			return
		}
	}
}
