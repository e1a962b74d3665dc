package target

import (
	"time"

	"github.com/looptest/looptest/target/loop"
)

// What a handler schedules belongs to its request. The methods here are the
// loop's own, with callbacks that are bound to the request, so that an error
// which one of them throws finds its way back to who waits for the answer.

// NextTick runs fn right after the current callback.
func (x *Exchange) NextTick(fn func()) { x.loop.NextTick(x.bind(fn)) }

// QueueMicrotask runs fn after the current callback's ticks.
func (x *Exchange) QueueMicrotask(fn func()) { x.loop.QueueMicrotask(x.bind(fn)) }

// SetImmediate runs fn in the next check phase.
func (x *Exchange) SetImmediate(fn func()) { x.loop.SetImmediate(x.bind(fn)) }

// SetTimeout runs fn when d has passed.
func (x *Exchange) SetTimeout(fn func(), d time.Duration) { x.loop.SetTimeout(x.bind(fn), d) }

// Work runs work on the pool and then done on the loop.
func (x *Exchange) Work(work, done func()) { x.loop.Work(x.bind(work), x.bind(done)) }

// SlowWork is Work for jobs that only wait.
func (x *Exchange) SlowWork(work, done func()) { x.loop.SlowWork(x.bind(work), x.bind(done)) }

// Resolve gives a promise that is resolved with v.
func (x *Exchange) Resolve(v any) *loop.Promise { return x.loop.Resolve(v) }

// Reject gives a promise that is rejected for that reason.
func (x *Exchange) Reject(reason any) *loop.Promise { return x.loop.Reject(asThrown(reason, x)) }

// Then is the promise's own; either handler may be nil. A reason is given as it
// was thrown.
func (x *Exchange) Then(p *loop.Promise, onFulfilled, onRejected func(any) any) *loop.Promise {
	var rejected func(any) any
	if onRejected != nil {
		rejected = x.bindHandler(func(reason any) any { return onRejected(reasonOf(reason)) })
	}
	return p.Then(x.bindHandler(onFulfilled), rejected)
}

func (x *Exchange) bind(fn func()) func() { return func() { guard(x, fn) } }

func (x *Exchange) bindHandler(fn func(any) any) func(any) any {
	if fn == nil {
		return nil
	}
	return func(v any) (result any) {
		guard(x, func() { result = fn(v) })
		return result
	}
}

// guard runs fn. What it throws is thrown on, so that it ends the callback by
// the loop's own rules, but with the request and the stack: those would be lost
// on the way out of the pool, a worker or a promise.
func guard(x *Exchange, fn func()) {
	defer func() {
		if v := recover(); v != nil {
			panic(asThrown(v, x))
		}
	}()
	fn()
}

func reasonOf(reason any) any {
	if t, bound := reason.(*thrown); bound {
		return t.value
	}
	return reason
}
