package loop

// pendingRounds is how often pending work is looked at again after poll within
// one iteration (libuv's uv_run).
const pendingRounds = 8

// Pending runs fn in the pending phase, where libuv reports an I/O error that
// could not be reported in the callback that met it.
func (l *Loop) Pending(fn func()) { l.pending.push(task{label: l.label, fn: fn}) }

// runPending runs what is pending now; what that adds waits for the next round.
func (l *Loop) runPending() {
	for range l.pending.len() {
		t := l.pending.pop()
		l.call(PhasePending, t.label, t.fn)
		if l.stop.Load() {
			return
		}
	}
}

func (l *Loop) runPendingAgain() {
	for round := 0; made != noPendingAfterPoll && round < pendingRounds && l.pending.len() > 0; round++ {
		l.runPending()
	}
}

// Hook is a callback of every iteration, before poll.
type Hook struct{ fn func() }

// hooks is the callbacks of the idle or the prepare phase.
type hooks struct{ list []*Hook }

func (h *hooks) active() bool { return len(h.list) > 0 }

// OnIdle runs fn in the idle phase of every iteration, until it is removed.
// Meanwhile poll does not wait.
func (l *Loop) OnIdle(fn func()) *Hook { return l.idle.add(fn) }

// OnPrepare runs fn in the prepare phase of every iteration, right before
// poll, until it is removed.
func (l *Loop) OnPrepare(fn func()) *Hook { return l.prepare.add(fn) }

// RemoveHook takes a hook out of its phase.
func (l *Loop) RemoveHook(h *Hook) {
	l.idle.remove(h)
	l.prepare.remove(h)
}

func (h *hooks) add(fn func()) *Hook {
	hook := &Hook{fn}
	h.list = append(h.list, hook)
	return hook
}

func (h *hooks) remove(hook *Hook) {
	for i, other := range h.list {
		if other == hook {
			h.list = append(h.list[:i:i], h.list[i+1:]...)
			return
		}
	}
}

func (l *Loop) runIdle()    { l.runHooks(PhaseIdle, &l.idle) }
func (l *Loop) runPrepare() { l.runHooks(PhasePrepare, &l.prepare) }

func (l *Loop) runHooks(phase Phase, h *hooks) {
	for _, hook := range h.list {
		l.call(phase, string(phase), hook.fn)
	}
}
