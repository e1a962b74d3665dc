package loop

import "errors"

// Promise is a JavaScript promise: its reactions run as microtasks, one job each
// (ECMA-262, 27.2). It is at the same time the reaction that it follows from, and
// one link of the list of reactions that wait for the same promise, so that a
// Then costs one piece of memory, of 64 bytes.
type Promise struct {
	loop     *Loop
	value    any      // or the reason of the rejection; of an await, what goes on (*awaiting)
	waiting  *Promise // its reactions: the last of a ring
	state    promiseState
	resolved bool
	handled  bool // somebody reacts to its rejection
	warned   bool // its rejection was reported as unhandled
	await    bool // no promise, but only a reaction: nobody sees it

	// Of the reaction, until it has run.
	link        *Promise // the next in the ring; then, as a job, the promise it waited for
	onFulfilled func(any) any
	onRejected  func(any) any
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

// newPromise takes the memory for it from a slab.
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
	case nil:
		p.settle(fulfilled, nil)
	case *Promise:
		if v == p {
			p.settle(rejected, ErrSelfResolution)
			return
		}
		p.loop.QueueMicrotask(func() {
			p.loop.Await(v, p.settleThrough, func(reason any) { p.settle(rejected, reason) })
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
	if last := p.waiting; last != nil {
		p.waiting = nil
		p.queueRing(last)
	}
}

// queueRing makes jobs of the reactions in a ring, from the first to the last.
func (p *Promise) queueRing(last *Promise) {
	for r := last.link; ; {
		next := r.link // before it serves the job
		p.queue(r)
		if r == last {
			return
		}
		r = next
	}
}

// queue makes a job of one of the reactions.
func (p *Promise) queue(r *Promise) {
	if r.await {
		r.value.(*awaiting).over(p)
		return
	}
	r.link = p
	p.loop.microtasks.push(microtask{of: r})
}

// Then gives a promise for what the handlers make of this one's result; either
// may be nil. What a handler throws rejects it.
func (p *Promise) Then(onFulfilled, onRejected func(any) any) *Promise {
	child := p.loop.newPromise()
	child.onFulfilled, child.onRejected = onFulfilled, onRejected
	p.react(child)
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

// react adds a reaction; it runs at once, as a job, when the promise is settled.
func (p *Promise) react(r *Promise) {
	p.handle()
	if p.state != pendingPromise {
		p.queue(r)
		return
	}
	p.wait(r)
}

// handle notes that somebody reacts to the promise.
func (p *Promise) handle() {
	if p.state == rejected && !p.handled {
		p.loop.rejections.handled(p)
	}
	p.handled = true
}

// wait puts a reaction at the end of the ring.
func (p *Promise) wait(r *Promise) {
	if p.waiting == nil {
		r.link = r
	} else {
		r.link, p.waiting.link = p.waiting.link, r
	}
	p.waiting = r
}

// run is the reaction's job. The drain's guard gives what the handler throws
// to the promise that follows.
func (p *Promise) run() {
	from := p.link
	handler := p.onFulfilled
	if from.state == rejected {
		handler = p.onRejected
	}
	p.link, p.onFulfilled, p.onRejected = nil, nil, nil // let go of what they refer to
	switch {
	case handler != nil:
		p.resolve(handler(from.value))
	case from.state == rejected:
		p.rejectOnce(from.value)
	default:
		p.resolve(from.value)
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
