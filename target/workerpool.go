package target

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/looptest/looptest/target/loop"
)

// workerPool is a fixed number of workers for CPU work. Every message carries
// an id, and a reply is matched to its request by it: the guide's own example
// listens once per request for "the next message", which mixes replies up as
// soon as two requests are under way. A pool belongs to the loop.
type workerPool struct {
	loop    *loop.Loop
	size    int
	members []*poolWorker
	waiting []*poolTask
	nextID  int
}

// poolWorker is one worker with the task that it is at.
type poolWorker struct {
	worker *loop.Worker
	task   *poolTask // nil when idle
}

// poolTask is a request as the loop sees it.
type poolTask struct {
	message workerTask
	done    func(result string, err error)
}

// workerTask and workerReply are what goes over the line.
type (
	workerTask struct {
		ID   int
		Name string
		Args []int64
	}
	workerReply struct {
		ID     int
		Result string
	}
)

// workerJobs is what a worker can do.
var workerJobs = map[string]func(args []int64) string{
	"sum":       func(args []int64) string { return formatSum(sum(0, 0, args[0])) },
	"fibonacci": func(args []int64) string { return strconv.FormatInt(fibonacci(args[0]), 10) },
	"panic":     func([]int64) string { panic(errors.New("boom in a worker")) },
}

func newWorkerPool(l *loop.Loop, size int) *workerPool { return &workerPool{loop: l, size: size} }

// do has a worker run the named job and gives the result to done, on the loop.
// Tasks start first in, first out.
func (p *workerPool) do(name string, args []int64, done func(result string, err error)) {
	p.nextID++
	t := &poolTask{workerTask{p.nextID, name, args}, done}
	p.waiting = append(p.waiting, t)
	p.dispatch()
}

// dispatch gives waiting tasks to idle workers.
func (p *workerPool) dispatch() {
	for len(p.waiting) > 0 {
		m := p.idle()
		if m == nil {
			return
		}
		t := p.waiting[0]
		p.waiting = p.waiting[1:]
		m.task = t
		if err := m.worker.Post(t.message); err != nil {
			m.task = nil
			t.done("", err)
		}
	}
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
	m := &poolWorker{worker: p.loop.StartWorker(workerMain)}
	m.worker.Unref()
	m.worker.OnMessage(func(message any) { p.answered(m, message.(workerReply)) })
	m.worker.OnError(func(err error) { p.failed(m, err) })
	m.worker.OnExit(func(int) { p.failed(m, errors.New("the worker ended")) })
	p.members = append(p.members, m)
	return m
}

func (p *workerPool) answered(m *poolWorker, r workerReply) {
	t := m.task
	if t == nil || t.message.ID != r.ID {
		return // the answer to a task that was given up
	}
	m.task = nil
	p.dispatch()
	t.done(r.Result, nil)
}

// failed takes a dead worker out; its task fails, and no other.
func (p *workerPool) failed(m *poolWorker, err error) {
	for i, other := range p.members {
		if other == m {
			p.members = append(p.members[:i], p.members[i+1:]...)
		}
	}
	t := m.task
	m.task = nil
	p.dispatch()
	if t != nil {
		t.done("", fmt.Errorf("the worker failed: %w", err))
	}
}

// workerMain is what runs in a worker.
func workerMain(_ *loop.Loop, port *loop.Port) {
	port.OnMessage(func(message any) {
		t := message.(workerTask)
		job, known := workerJobs[t.Name]
		if !known {
			panic(fmt.Errorf("no job is named %q", t.Name))
		}
		guard(nil, func() { port.Post(workerReply{t.ID, job(t.Args)}) })
	})
}

// onWorker answers the request with what a worker's job gives.
func (x *Exchange) onWorker(job string, args ...int64) {
	x.server.workers.do(job, args, func(result string, err error) {
		if err != nil {
			x.workerFailed(err)
			return
		}
		x.Reply(http.StatusOK, result)
	})
}
