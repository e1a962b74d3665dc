package loop

import (
	"fmt"
	"sync/atomic"
)

// Worker is a loop of its own on a thread of its own, seen from the loop that
// started it. What it sends arrives in its parent's poll phase. Its methods
// belong to the parent.
type Worker struct {
	parent     *Loop
	child      *Loop
	handle     *Handle
	inbox      *inbox // from the worker
	inner      *Port
	onError    func(error)
	onExit     func(code int)
	terminated atomic.Bool
}

// Port is a worker's own end of the line to its parent. Its methods belong to
// the worker.
type Port struct {
	worker *Worker
	handle *Handle // keeps the worker alive while it listens
	inbox  *inbox  // from the parent
}

// StartWorker starts a worker that runs main on its own loop. The worker lives
// while its loop is alive, and as long as it listens to its port; meanwhile it
// keeps its parent alive.
func (l *Loop) StartWorker(main func(*Loop, *Port)) *Worker {
	w := &Worker{parent: l, child: New(WithPoolSize(1)), handle: l.Open("worker"), inbox: newInbox(l, l.label)}
	w.inner = &Port{worker: w, inbox: newInbox(w.child, "message")}
	w.inbox.listen(func(any) {}) // messages that nobody listens to are dropped
	l.workers.Add(1)
	if l.living == nil {
		l.living = map[*Worker]struct{}{}
	}
	l.living[w] = struct{}{}
	go func() {
		defer l.workers.Done()
		w.run(main)
	}()
	return w
}

// run is the worker's thread. What it throws ends it with an error event and
// exit code 1, like an uncaught exception in Node.
func (w *Worker) run(main func(*Loop, *Port)) {
	code := w.child.Run(func() { main(w.child, w.inner) })
	thrown := w.child.Thrown()
	if thrown != nil || w.terminated.Load() {
		code = exitUncaught // also when a handler of errors threw
	}
	// Ahead of the lines of messages: Node tells of it on a handle of its own.
	w.parent.post(task{label: w.inbox.label, source: sourcePost, fn: func() { w.exited(thrown, code) }})
}

// exited tells the parent, after all of the worker's messages.
func (w *Worker) exited(thrown *Uncaught, code int) {
	w.inbox.deliver()
	w.handle.Close(nil)
	delete(w.parent.living, w)
	if thrown != nil {
		w.failed(thrown.Value)
	}
	if w.onExit != nil {
		w.onExit(code)
	}
}

func (w *Worker) failed(thrown any) {
	err, isError := thrown.(error)
	if !isError {
		err = fmt.Errorf("%v", thrown)
	}
	if w.onError == nil {
		panic(err) // an error event that nobody listens to is thrown
	}
	w.onError(err)
}

// Post sends the worker a copy of the message. It is an error when the message
// can't be copied; a message to a worker that has ended is dropped.
func (w *Worker) Post(message any) error {
	copied, err := Clone(message)
	if err == nil {
		w.inner.inbox.send(copied)
	}
	return err
}

// OnMessage sets what runs for each message of the worker, in their order.
func (w *Worker) OnMessage(fn func(message any)) { w.inbox.handler = fn }

// OnError sets what runs when the worker has failed; its exit follows.
func (w *Worker) OnError(fn func(error)) { w.onError = fn }

// OnExit sets what runs when the worker has ended: with 0 when nothing kept it
// alive, with 1 when it failed or was terminated.
func (w *Worker) OnExit(fn func(code int)) { w.onExit = fn }

// Terminate ends the worker after the callback that it is at: unlike V8, Go
// can't stop a running computation.
func (w *Worker) Terminate() {
	w.terminated.Store(true)
	w.child.Stop()
}

// Unref lets the parent end although the worker lives; it is then terminated.
func (w *Worker) Unref() { w.handle.Unref() }

// Post sends the parent a copy of the message. It is an error when the message
// can't be copied.
func (p *Port) Post(message any) error {
	copied, err := Clone(message)
	if err == nil {
		p.worker.inbox.send(copied)
	}
	return err
}

// OnMessage sets what runs for each message of the parent, in their order. It
// keeps the worker alive until Close.
func (p *Port) OnMessage(fn func(message any)) {
	if p.handle == nil {
		p.handle = p.worker.child.Open("port")
	}
	p.inbox.listen(fn)
}

// Close stops listening, so that the worker can end.
func (p *Port) Close() {
	if p.handle != nil {
		p.handle.Close(nil)
	}
	p.inbox.handler = func(any) {}
}

// endWorkers terminates the workers that are left and waits for them.
func (l *Loop) endWorkers() {
	for w := range l.living {
		w.Terminate()
	}
	l.workers.Wait()
}
