package target

import (
	"container/list"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/looptest/looptest/target/loop"
)

// workerPool is a fixed number of workers for CPU work, with a bounded queue in
// front of them. Every message carries an id, and a reply is matched to its
// request by it: the guide's own example listens once per request for "the next
// message", which mixes replies up as soon as two requests are under way. A pool
// belongs to the loop, but for its counts.
type workerPool struct {
	loop    *loop.Loop
	size    int
	limit   int // of what waits
	members []*poolWorker
	waiting list.List // of *poolTask; others than the first leave it too
	nextID  int
	counts  workerCounts
}

// DefaultWorkerQueue is how many tasks may wait for a worker. MaxWorkerQueue is
// as many as there can be requests.
const (
	DefaultWorkerQueue = 1000
	MaxWorkerQueue     = maxInFlight
)

// poolWorker is one worker with the task that it is at.
type poolWorker struct {
	worker *loop.Worker
	task   *poolTask // nil when idle
}

// poolTask is a request as the loop sees it.
type poolTask struct {
	message workerTask
	done    func(result string, err error)
	place   *list.Element // in the queue; nil when it is not there
}

// What a task comes to when it does not come to its own end.
var (
	errQueueFull    = errors.New("the workers' queue is full")
	errWithdrawn    = errors.New("the client went away before a worker began")
	errWorkerFailed = errors.New("the worker failed")
)

func newWorkerPool(l *loop.Loop, size, limit int) *workerPool {
	return &workerPool{loop: l, size: size, limit: limit}
}

// do has a worker run the named job and gives the result to done, on the loop.
// Tasks start first in, first out; one that finds the queue full is done at once.
func (p *workerPool) do(name string, args []int64, done func(result string, err error)) *poolTask {
	p.nextID++
	t := &poolTask{message: workerTask{p.nextID, name, args}, done: done}
	m := p.idle()
	switch {
	case m != nil:
		p.give(m, t)
	case p.waiting.Len() < p.limit:
		t.place = p.waiting.PushBack(t)
		p.counts.waiting.Add(1)
	default:
		p.counts.rejected.Add(1)
		done("", fmt.Errorf("%w: %d tasks wait; try again later", errQueueFull, p.limit))
	}
	return t
}

// dispatch gives waiting tasks to idle workers.
func (p *workerPool) dispatch() {
	for p.waiting.Len() > 0 {
		m := p.idle()
		if m == nil {
			return
		}
		t := p.waiting.Front().Value.(*poolTask)
		p.unqueue(t)
		p.give(m, t)
	}
}

func (p *workerPool) unqueue(t *poolTask) {
	p.waiting.Remove(t.place)
	t.place = nil
	p.counts.waiting.Add(-1)
}

func (p *workerPool) give(m *poolWorker, t *poolTask) {
	m.task = t
	if err := m.worker.Post(t.message); err != nil {
		m.task = nil
		t.done("", err)
	}
}

// withdraw takes a task out of the queue. One that a worker has begun goes on:
// a computation can't be stopped.
func (p *workerPool) withdraw(t *poolTask) {
	if t.place == nil {
		return
	}
	p.unqueue(t)
	p.counts.withdrawn.Add(1)
	t.done("", errWithdrawn)
}

// idle gives a worker that has nothing to do, starting one while there are
// fewer than the pool may have.
func (p *workerPool) idle() *poolWorker {
	for _, m := range p.members {
		if m.task == nil {
			return m
		}
	}
	if len(p.members) == p.size {
		return nil
	}
	m := p.start()
	p.members = append(p.members, m)
	return m
}

func (p *workerPool) start() *poolWorker {
	m := &poolWorker{worker: p.loop.StartWorker(workerMain)}
	m.worker.Unref()
	m.worker.OnMessage(func(message any) { p.answered(m, message.(workerReply)) })
	m.worker.OnError(func(err error) { p.failed(m, err) })
	m.worker.OnExit(func(int) { p.failed(m, errors.New("the worker ended")) })
	return m
}

func (p *workerPool) answered(m *poolWorker, r workerReply) {
	t := m.task
	if t == nil || t.message.ID != r.ID {
		return // the answer to a task that was given up
	}
	m.task = nil
	p.dispatch()
	t.done(r.Result, r.err())
}

// failed puts a new worker in the place of one that died; its task fails, and no
// other.
func (p *workerPool) failed(m *poolWorker, err error) {
	place := slices.Index(p.members, m)
	if place < 0 {
		return // its exit, which follows its error
	}
	p.members[place] = p.start()
	p.counts.replaced.Add(1)
	p.dispatch()
	if m.task != nil {
		m.task.done("", fmt.Errorf("%w: %w", errWorkerFailed, err))
	}
}

// statusClientGone is nginx's code for a client that did not wait for its answer.
// Nobody gets it; it is how such a request is counted.
const statusClientGone = 499

// onWorker answers the request with what a worker's job gives.
func (x *Exchange) onWorker(job string, args ...int64) {
	pool := x.server.workers
	t := pool.do(job, args, func(result string, err error) {
		switch {
		case errors.Is(err, errQueueFull):
			x.Reply(http.StatusServiceUnavailable, err.Error()+"\n")
		case errors.Is(err, errWithdrawn):
			x.Reply(statusClientGone, err.Error())
		case errors.Is(err, errWorkerFailed):
			x.workerFailed(err)
		default:
			x.Result(result, err)
		}
	})
	x.OnClose(func() { pool.withdraw(t) })
}
