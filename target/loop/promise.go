package loop

import "errors"

// Promise is a JavaScript promise: its reactions run as microtasks, one job each
// (ECMA-262, 27.2).
type Promise struct {
	loop      *Loop
	state     promiseState
	value     any // or the reason of the rejection
	resolved  bool
	handled   bool // somebody reacts to its rejection
	warned    bool // its rejection was reported as unhandled
	reactions []*reaction
}

type promiseState uint8

const (
	pendingPromise promiseState = iota
	fulfilled
	rejected
)

// Thenable is anything else that a promise can be resolved with and then
// follows.
type Thenable interface {
	Then(resolve, reject func(any))
}

// ErrSelfResolution is why a promise that is resolved with itself is rejected.
var ErrSelfResolution = errors.New("chaining cycle detected for promise")

// reaction is what waits for a promise: handlers, and the promise that follows
// from them (nil for an await).
type reaction struct {
	promise     *Promise // that it waits for
	child       *Promise
	onFulfilled func(any) any
	onRejected  func(any) any
}

// promises is the memory of promises.
type promises struct {
	made      slab[Promise]
	reactions slab[reaction]
}

func (l *Loop) newPromise() *Promise {
	p := l.promises.made.get()
	p.loop = l
	return p
}

// NewPromise makes a promise and runs the executor at once; what that throws
// rejects the promise.
func (l *Loop) NewPromise(executor func(resolve, reject func(any))) *Promise {
	p := l.newPromise()
	if thrown, threw := l.thrownBy(func() { executor(p.resolve, p.rejectOnce) }); threw {
		p.rejectOnce(thrown)
	}
	return p
}

// Resolve gives a promise that is resolved with v; v itself when it is a
// promise.
func (l *Loop) Resolve(v any) *Promise {
	if p, ok := v.(*Promise); ok {
		return p
	}
	p := l.newPromise()
	p.resolve(v)
	return p
}

// Reject gives a promise that is rejected for that reason.
func (l *Loop) Reject(reason any) *Promise {
	p := l.newPromise()
	p.rejectOnce(reason)
	return p
}

// resolve settles the promise with a value, or lets it follow another promise,
// which takes two more jobs.
func (p *Promise) resolve(v any) {
	if p.resolved {
		return
	}
	p.resolved = true
	switch v := v.(type) {
	case *Promise:
		if v == p {
			p.settle(rejected, ErrSelfResolution)
			return
		}
		p.loop.QueueMicrotask(func() {
			v.react(&reaction{
				onFulfilled: func(value any) any { p.settleThrough(value); return nil },
				onRejected:  func(reason any) any { p.settle(rejected, reason); return nil },
			})
		})
	case Thenable:
		p.loop.QueueMicrotask(func() { p.follow(v) })
	default:
		p.settle(fulfilled, v)
	}
}

// settleThrough takes the value that a followed promise came to.
func (p *Promise) settleThrough(value any) {
	p.resolved = false
	p.resolve(value)
}

// follow lets a thenable settle the promise, once.
func (p *Promise) follow(t Thenable) {
	done := false
	once := func(settle func(any)) func(any) {
		return func(v any) {
			if !done {
				done = true
				settle(v)
			}
		}
	}
	reject := once(func(reason any) { p.settle(rejected, reason) })
	if thrown, threw := p.loop.thrownBy(func() { t.Then(once(p.settleThrough), reject) }); threw {
		reject(thrown)
	}
}

func (p *Promise) rejectOnce(reason any) {
	if !p.resolved {
		p.resolved = true
		p.settle(rejected, reason)
	}
}

func (p *Promise) settle(state promiseState, value any) {
	p.state, p.value = state, value
	if state == rejected && !p.handled {
		p.loop.rejections.add(p)
	}
	for _, r := range p.reactions {
		p.loop.microtasks.push(microtask{reaction: r})
	}
	p.reactions = nil
}

// Then gives a promise for what the handlers make of this one's result; either
// may be nil. What a handler throws rejects it.
func (p *Promise) Then(onFulfilled, onRejected func(any) any) *Promise {
	child := p.loop.newPromise()
	r := p.loop.promises.reactions.get()
	r.child, r.onFulfilled, r.onRejected = child, onFulfilled, onRejected
	p.react(r)
	return child
}

// Catch is Then for a rejection alone.
func (p *Promise) Catch(onRejected func(any) any) *Promise { return p.Then(nil, onRejected) }

// Finally runs fn when the promise is settled, and passes its result on.
func (p *Promise) Finally(fn func()) *Promise {
	after := func(then func(any) any) any {
		fn()
		return p.loop.Resolve(nil).Then(then, nil)
	}
	return p.Then(
		func(v any) any { return after(func(any) any { return v }) },
		func(reason any) any { return after(func(any) any { panic(reason) }) },
	)
}

// Await runs one of the two functions when v, or what it promises, is there: the
// rest of an async function, after one job. What it throws is the caller's.
func (l *Loop) Await(v any, then func(any), failed func(reason any)) {
	l.Resolve(v).react(&reaction{
		onFulfilled: func(v any) any { then(v); return nil },
		onRejected:  func(reason any) any { failed(reason); return nil },
	})
}

// react adds a reaction; it runs at once, as a job, when the promise is settled.
func (p *Promise) react(r *reaction) {
	r.promise = p
	if p.state == rejected && !p.handled {
		p.loop.rejections.handled(p)
	}
	p.handled = true
	if p.state == pendingPromise {
		p.reactions = append(p.reactions, r)
		return
	}
	p.loop.microtasks.push(microtask{reaction: r})
}

// run is the reaction's job.
func (r *reaction) run() {
	handler := r.onFulfilled
	if r.promise.state == rejected {
		handler = r.onRejected
	}
	if handler == nil {
		r.passOn()
		return
	}
	l := r.promise.loop
	l.reacting = r.child // for the drain's guard: what the handler throws is the child's
	result := handler(r.promise.value)
	l.reacting = nil
	if r.child != nil {
		r.child.resolve(result)
	}
}

// passOn gives the result of a promise on, where no handler wants it.
func (r *reaction) passOn() {
	switch {
	case r.child == nil:
	case r.promise.state == rejected:
		r.child.rejectOnce(r.promise.value)
	default:
		r.child.resolve(r.promise.value)
	}
}

// thrownBy runs fn and gives what it threw; an exit is not caught.
func (l *Loop) thrownBy(fn func()) (thrown any, threw bool) {
	defer func() {
		if v := recover(); v != nil {
			if exit, ok := v.(exitSignal); ok {
				panic(exit)
			}
			thrown, threw = v, true
		}
	}()
	fn()
	return nil, false
}
