package loop

import (
	"errors"
	"time"
)

// ErrAborted is the reason of an abort without one of its own; ErrTimedOut that
// of a timeout.
var (
	ErrAborted  = errors.New("the operation was aborted")
	ErrTimedOut = errors.New("the operation was aborted due to timeout")
)

// AbortSignal tells listeners, once, that something is to be given up.
type AbortSignal struct {
	loop      *Loop
	aborted   bool
	reason    any
	listeners []func(reason any)
}

// AbortController makes a signal and its abort function.
func (l *Loop) AbortController() (*AbortSignal, func(reason any)) {
	s := &AbortSignal{loop: l}
	return s, s.abort
}

// AbortTimeout makes a signal that is aborted after d. Its timer does not keep
// the loop alive.
func (l *Loop) AbortTimeout(d time.Duration) *AbortSignal {
	s := &AbortSignal{loop: l}
	l.SetTimeout(func() { s.abort(ErrTimedOut) }, d).Unref()
	return s
}

// Aborted reports whether and why.
func (s *AbortSignal) Aborted() (reason any, aborted bool) { return s.reason, s.aborted }

// OnAbort adds a listener; one that comes after the abort is never called.
func (s *AbortSignal) OnAbort(fn func(reason any)) { s.listeners = append(s.listeners, fn) }

// abort calls the listeners at once, in their order. What a listener throws is
// thrown again from a tick, and the others are called all the same.
func (s *AbortSignal) abort(reason any) {
	if s.aborted {
		return
	}
	if reason == nil {
		reason = ErrAborted
	}
	s.aborted, s.reason = true, reason
	for _, fn := range s.listeners {
		if thrown, threw := s.loop.thrownBy(func() { fn(reason) }); threw {
			s.loop.NextTick(func() { panic(thrown) })
		}
	}
	s.listeners = nil
}
