package loop

import "slices"

// rejections keeps promises whose rejection nobody handles, until both queues
// are empty (Node: lib/internal/process/promises.js).
type rejections struct {
	unhandled []*Promise // not reported yet
	late      []*Promise // reported, and handled since
}

func (r *rejections) any() bool { return len(r.unhandled) > 0 || len(r.late) > 0 }

func (r *rejections) add(p *Promise) { r.unhandled = append(r.unhandled, p) }

func (r *rejections) handled(p *Promise) {
	if p.warned {
		r.late = append(r.late, p)
	}
}

// OnUnhandledRejection sets what runs for a rejection that nobody handles by
// the time both queues are empty. Without it the reason is thrown.
func (l *Loop) OnUnhandledRejection(fn func(reason any, p *Promise)) { l.onRejection = fn }

// OnRejectionHandled sets what runs for a rejection that was reported as
// unhandled and is handled after all.
func (l *Loop) OnRejectionHandled(fn func(p *Promise)) { l.onRejectionHandled = fn }

// lookAtRejections reports them, and says whether the queues have to be looked
// at again.
func (l *Loop) lookAtRejections() (again bool) {
	again = len(l.rejections.late) > 0
	for len(l.rejections.late) > 0 {
		p := l.rejections.late[0]
		l.rejections.late = l.rejections.late[1:]
		if l.onRejectionHandled != nil {
			l.onRejectionHandled(p)
		}
	}
	// Detached first: when a handler throws, the rest is not reported, as in Node.
	pending := slices.DeleteFunc(l.rejections.unhandled, func(p *Promise) bool { return p.handled })
	l.rejections.unhandled = nil
	for _, p := range pending {
		p.warned = true
		again = true
		if l.onRejection != nil {
			l.onRejection(p.value, p)
			continue
		}
		if l.caught(p.value); l.ended {
			return false
		}
	}
	return again || len(l.rejections.unhandled) > 0
}
