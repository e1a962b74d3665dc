package fuzz

import (
	"fmt"
	"sync"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// mostWorkers is how many workers a program starts, one at a time.
const mostWorkers = 3

// thread is a worker of the program. Two threads have no order between them, but
// for what run.cjs says under "Workers".
type thread struct {
	number int
	inside *interpreter
	port   *loop.Port

	changed *sync.Cond // any of what follows, or what waits for the parent
	greeted bool       // the greetings are posted
	posted  int        // messages of the worker
	heard   int        // of them that its parent has had
	parked  bool       // it waits for its parent to have had all
	ending  bool       // it does not: only its exit event is left to come
	alone   bool       // its parent has ended
}

func newThread(number int, p *Program, changed *sync.Cond) *thread {
	t := &thread{number: number, changed: changed}
	t.inside = newInterpreter(p, t)
	return t
}

// prefix is what the names of the thread's callbacks begin with.
func (t *thread) prefix() string {
	if t == nil {
		return ""
	}
	return fmt.Sprintf("w%d:", t.number)
}

// update changes what both threads see.
func (t *thread) update(change func()) {
	t.changed.L.Lock()
	defer t.changed.L.Unlock()
	change()
	t.changed.Broadcast()
}

// await waits until what both threads see is so.
func (t *thread) await(so func() bool) {
	t.changed.L.Lock()
	defer t.changed.L.Unlock()
	for !so() {
		t.changed.Wait()
	}
}

func (i *interpreter) startWorker(op *Op) {
	if i.thread != nil || i.living != nil || len(i.threads) >= mostWorkers {
		return
	}
	t := newThread(len(i.threads)+1, op.In, i.changed)
	i.living = t
	i.threads = append(i.threads, t)
	worker := i.loop.StartWorker(t.main)
	worker.OnMessage(func(id any) {
		t.update(func() { t.heard++ })
		i.log("M", id)
		i.body(op.Do)
	})
	worker.OnError(func(err error) { i.log("E", op.ID, ":", err) })
	worker.OnExit(func(code int) {
		i.living = nil
		i.log("X", op.ID, ":", code)
		i.body(op.Do)
	})
	for n := range op.In.Greetings {
		if err := worker.Post(n + 1); err != nil {
			panic(err)
		}
	}
	t.update(func() { t.greeted = true })
}

// main is the worker's. Node runs a worker's program as the listener of a message
// from its parent: in the poll phase, and what it throws is thrown again from a
// tick. The lines on which it hears others are made there and have their first
// turn in the next poll, so here the line that brings it comes last.
func (t *thread) main(l *loop.Loop, port *loop.Port) {
	t.await(func() bool { return t.greeted })
	i := t.inside
	loop.WithClock(i.clock, i.clock)(l)
	i.loop, t.port = l, port
	i.listen()
	i.line = newLine(l)
	newLine(l).send(func() {
		i.line.send(func() {}) // as run.cjs does
		t.hearGreetings()
		i.main()
	})
}

// hearGreetings listens to the parent while it has more to say.
func (t *thread) hearGreetings() {
	i := t.inside
	if i.program.Greetings == 0 {
		return
	}
	open := i.loop.Open("greetings")
	t.port.OnMessage(nil)
	t.port.Close() // it listens on, and open is what keeps the worker alive
	t.port.OnMessage(func(n any) {
		if n == i.program.Greetings {
			open.Unref()
		}
		i.log("G", n)
		i.body(i.program.OnGreeting)
	})
}

// post sends the parent a message.
func (t *thread) post(op *Op) {
	if t == nil {
		return
	}
	t.update(func() { t.posted++ })
	if err := t.port.Post(op.ID); err != nil {
		panic(err)
	}
}

// over says that the thread's program has ended. Its worker would be cut off
// somewhere; a worker parks.
func (i *interpreter) over() {
	if living := i.living; living != nil {
		living.await(living.stands)
		living.update(func() { living.alone = true })
	}
	if t := i.thread; t != nil {
		t.park()
	}
}

func (i *interpreter) overIfThrown() {
	if v := recover(); v != nil {
		i.over()
		panic(v)
	}
}

func (t *thread) park() {
	heard := func() bool { return t.heard == t.posted || t.alone }
	t.update(func() { t.parked = true })
	t.await(heard)
	t.update(func() { t.ending = true })
}

// stands says that the worker does nothing more by itself.
func (t *thread) stands() bool { return t.parked && t.heard < t.posted || t.ending }

// poller is virtual time for the main thread: it also waits until its worker is
// parked or has ended, so that what it sent is there in a known poll.
type poller struct {
	*loop.Virtual
	of *interpreter
}

var _ loop.Poller = poller{}

// Wait waits for the worker, then for the rest.
func (p poller) Wait(timeout time.Duration, busy func() bool) {
	if t := p.of.living; t != nil {
		t.await(func() bool { return t.stands() && (!t.ending || p.exitHasCome()) })
	}
	p.of.line.polled()
	p.Virtual.Wait(timeout, busy)
}

// exitHasCome says that there is more at the loop's door than the pool's answers
// and the line's turn: the exit of a worker that has nothing else to say.
func (p poller) exitHasCome() bool {
	most := p.of.jobs
	if n := p.of.line; n.atDoor || len(n.underWay) > 0 {
		most++
	}
	return p.of.loop.DoorQueue() > most
}

// Wake ends the wait, and lets it look at the door again.
func (p poller) Wake() {
	p.Virtual.Wake()
	p.of.changed.L.Lock()
	defer p.of.changed.L.Unlock()
	p.of.changed.Broadcast()
}
