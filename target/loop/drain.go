package loop

// NextTick queues fn to run right after the current callback, before any
// microtask and before the loop goes on (process.nextTick).
func (l *Loop) NextTick(fn func()) { l.ticks.push(fn) }

// QueueMicrotask queues fn to run after the current callback's ticks
// (queueMicrotask).
func (l *Loop) QueueMicrotask(fn func()) { l.microtasks.push(fn) }

// drain runs all ticks, then all microtasks, and starts again while there are
// ticks. A tick queued in a microtask therefore waits until the microtasks are
// empty, and the other way round. Neither queue lets the loop go on before it
// is empty: recursion here starves everything else.
func (l *Loop) drain() {
	for {
		for l.ticks.len() > 0 {
			l.ticks.pop()()
		}
		for l.microtasks.len() > 0 {
			l.microtasks.pop()()
		}
		if l.ticks.len() == 0 {
			break
		}
	}
	if l.monitor != nil {
		l.monitor.end()
	}
}
