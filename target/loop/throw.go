package loop

import (
	"fmt"
	"runtime/debug"
)

// A panic in a callback is what a throw is in JavaScript: it ends the callback,
// and then it is the loop's to handle. No drain follows a callback that threw;
// the next callback runs first, and then what both left drains.

// Exit codes of a program (Node: doc/api/process.md, "Exit codes").
const (
	exitUncaught       = 1 // something was thrown, and nobody handled it
	exitUncaughtFailed = 7 // and the handler threw
)

// exitSignal is thrown by Exit, so that nothing of the callback runs after it.
type exitSignal struct{ code int }

// Exit ends the program at once, with that exit code (process.exit). It does
// not return.
func (l *Loop) Exit(code int) { panic(exitSignal{code}) }

// OnExit sets what runs last, with the exit code; what it schedules never runs.
func (l *Loop) OnExit(fn func(code int)) { l.onExit = fn }

// OnUncaughtException sets what runs for everything that is thrown. Without it
// the program ends with code 1; when it throws itself, with code 7.
func (l *Loop) OnUncaughtException(fn func(thrown any)) { l.onUncaught = fn }

// Thrown is what ended the program, with the stack of the throw; nil when it
// ended otherwise. Valid after Run.
func (l *Loop) Thrown() *Uncaught { return l.thrown }

// Uncaught is something thrown that nobody handled.
type Uncaught struct {
	Value any
	Stack []byte
}

func (u *Uncaught) Error() string { return fmt.Sprintf("uncaught exception: %v", u.Value) }

// try runs a callback and reports whether it threw.
func (l *Loop) try(fn func()) (threw bool) {
	defer func() {
		if v := recover(); v != nil {
			threw = true
			l.threw(v)
		}
	}()
	fn()
	return false
}

// threw ends a callback that threw.
func (l *Loop) threw(v any) {
	l.caught(v)
	if l.monitor != nil {
		l.monitor.end()
	}
	if made == drainAfterThrow {
		l.drain()
	}
}

// caught handles what was thrown.
func (l *Loop) caught(v any) {
	if exit, ok := v.(exitSignal); ok {
		l.end(exit.code)
		return
	}
	if l.onUncaught == nil {
		l.thrown = &Uncaught{v, debug.Stack()}
		l.end(exitUncaught)
		return
	}
	l.handle(v)
}

func (l *Loop) handle(v any) {
	defer func() {
		if again := recover(); again != nil {
			if exit, ok := again.(exitSignal); ok {
				l.end(exit.code)
				return
			}
			l.thrown = &Uncaught{again, debug.Stack()}
			l.onExit = nil // Node ends at once
			l.end(exitUncaughtFailed)
		}
	}()
	l.onUncaught(v)
	// Node queues a no-op immediate, so that what the error left drains soon.
	if made != noNoopImmediate {
		l.SetImmediate(func() {})
	}
}

// end stops the program: nothing runs any more but the exit handler.
func (l *Loop) end(code int) {
	if l.ended {
		return
	}
	l.ended = true
	l.code = code
	l.stop.Store(true)
	l.emitExit()
}

func (l *Loop) emitExit() {
	if l.onExit == nil {
		return
	}
	fn := l.onExit
	l.onExit = nil
	defer func() {
		if exit, ok := recover().(exitSignal); ok {
			l.code = exit.code
		}
	}()
	fn(l.code)
}
