package loop

// NextTick queues fn to run right after the current callback, before any
// microtask and before the loop goes on (process.nextTick).
func (l *Loop) NextTick(fn func()) { l.ticks.push(fn) }

// QueueMicrotask queues fn to run after the current callback's ticks
// (queueMicrotask).
func (l *Loop) QueueMicrotask(fn func()) { l.microtasks.push(microtask{fn: fn}) }

// microtask is one of three: a function (fn), what goes on after an await (then)
// of a promise (of), or a promise's reaction, in which of is the promise that
// follows from it.
type microtask struct {
	fn   func()
	then func(any)
	of   *Promise
}

// drain runs all ticks, then all microtasks, then looks at rejections, and
// starts again while there is anything. A tick queued in a microtask therefore
// waits until the microtasks are empty, and the other way round. Neither queue
// lets the loop go on before it is empty: recursion here starves everything
// else. It reports whether it came to its end: a tick that throws leaves the
// rest for the next drain.
func (l *Loop) drain() (finished bool) {
	if l.ended {
		return false
	}
	finished = true
	if l.ticks.len() > 0 || l.microtasks.len() > 0 || l.rejections.any() {
		finished = l.drainQueues()
	}
	if l.monitor != nil {
		l.monitor.end()
	}
	return finished
}

// drainQueues runs rounds until one is finished, or a tick throws.
func (l *Loop) drainQueues() (finished bool) {
	inMicrotasks := false
	for {
		threw := l.drainRound(&inMicrotasks)
		switch {
		case l.ended || threw && !inMicrotasks:
			return false
		case !threw:
			return true
		}
		// A microtask that throws is handled on the spot; the others go on.
	}
}

// caughtInDrain gives what a promise's handler threw to the promise that follows
// from it; anything else is uncaught.
func (l *Loop) caughtInDrain(v any, reacting *Promise) {
	if _, exit := v.(exitSignal); reacting != nil && !exit {
		reacting.rejectOnce(v)
		return
	}
	l.caught(v)
}

// drainRound drains until all is empty or something throws. inMicrotasks tells
// where it is, and after a throw in a microtask where it goes on.
func (l *Loop) drainRound(inMicrotasks *bool) (threw bool) {
	var reacting *Promise // whose reaction runs now
	defer func() {
		if v := recover(); v != nil {
			threw = true
			l.caughtInDrain(v, reacting)
		}
	}()
	for {
		if !*inMicrotasks && made != microtasksFirst {
			for l.ticks.len() > 0 {
				l.ticks.pop()()
			}
		}
		if made == rejectionsEarly {
			l.lookAtRejections()
		}
		*inMicrotasks = true
		for l.microtasks.len() > 0 {
			m := l.microtasks.pop()
			reacting = nil
			switch {
			case m.fn != nil:
				m.fn()
			case m.then != nil:
				m.then(m.of.value)
			default:
				reacting = m.of
				reacting.run()
			}
		}
		reacting = nil
		*inMicrotasks = false
		if made == microtasksFirst && l.ticks.len() > 0 {
			l.ticks.pop()()
		}
		if l.ticks.len() == 0 && !l.lookAtRejections() {
			return false
		}
	}
}
