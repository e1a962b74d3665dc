package loop

import (
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

// The thread pool's size, as in libuv (docs/src/threadpool.rst).
const (
	DefaultPoolSize = 4
	MaxPoolSize     = 1024
)

// PoolSize clamps a number of threads to what libuv allows.
func PoolSize(threads int) int { return min(max(threads, 1), MaxPoolSize) }

// poolSizeFromEnvironment honours UV_THREADPOOL_SIZE like libuv: what isn't a
// number counts as 0, and 0 becomes 1.
func poolSizeFromEnvironment() int {
	value, set := os.LookupEnv("UV_THREADPOOL_SIZE")
	if !set {
		return DefaultPoolSize
	}
	threads, _ := strconv.Atoi(value)
	return PoolSize(threads)
}

// pool is a fixed number of threads that start jobs first in, first out. Slow
// I/O (name lookups) takes at most half of them, so that it cannot hold up
// everything else.
type pool struct {
	loop    *Loop
	threads int
	jobs    int          // submitted, and not yet answered on the loop; the loop's own
	free    []*job       // answered, for their memory; likewise
	running atomic.Int64 // submitted, and not yet posted back

	mu       sync.Mutex
	more     *sync.Cond
	queue    queue[*job]
	slow     queue[*job] // waits behind one place in queue, as in libuv
	slowTurn bool        // that place is taken
	slowBusy int         // threads at slow jobs
	idle     int
	started  int
	ending   bool
	ended    sync.WaitGroup
}

type job struct {
	label  string
	work   func()
	done   func()
	slow   bool
	panic  any
	answer func() // pool.answered for this job, made once
}

// slowTurn in the queue stands for "one of the slow jobs".
var slowTurn = &job{}

func newPool(l *Loop, threads int) *pool {
	p := &pool{loop: l, threads: PoolSize(threads)}
	p.more = sync.NewCond(&p.mu)
	return p
}

// PoolSize is the number of threads in the loop's pool.
func (l *Loop) PoolSize() int { return l.pool.threads }

// Work runs work on the pool and then done on the loop. Jobs start first in,
// first out and are answered in the order they finish. A panic in work is
// raised again on the loop, in place of done.
func (l *Loop) Work(work, done func()) {
	l.pool.submit(l.newJob(work, done, false))
}

// SlowWork is Work for jobs that only wait, as name lookups do: at most half of
// the pool's threads (rounded up) are at such jobs.
func (l *Loop) SlowWork(work, done func()) {
	l.pool.submit(l.newJob(work, done, true))
}

// newJob gives a job that was answered before, or a new one.
func (l *Loop) newJob(work, done func(), slow bool) *job {
	p := l.pool
	var j *job
	if last := len(p.free) - 1; last >= 0 {
		j, p.free = p.free[last], p.free[:last]
	} else {
		j = &job{}
		j.answer = func() { p.answered(j) }
	}
	j.label, j.work, j.done, j.slow = l.label, work, done, slow
	return j
}

func (p *pool) submit(j *job) {
	p.jobs++
	p.running.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.slow {
		p.slow.push(j)
		p.takeSlowTurn()
	} else {
		p.queue.push(j)
	}
	// idle falls only when a woken thread runs: count what it will take first.
	if p.queue.len() > p.idle && p.started < p.threads {
		p.started++
		p.ended.Add(1)
		go p.thread()
		return
	}
	p.more.Signal()
}

// PoolQueue is how many pool jobs are queued or running. It is safe from any
// goroutine.
func (l *Loop) PoolQueue() int { return int(l.pool.running.Load()) }

func (p *pool) takeSlowTurn() {
	if !p.slowTurn && p.slow.len() > 0 {
		p.slowTurn = true
		p.queue.push(slowTurn)
	}
}

// thread takes jobs until the pool ends.
func (p *pool) thread() {
	defer p.ended.Done()
	for {
		j := p.take()
		if j == nil {
			return
		}
		j.run()
		p.finished(j)
	}
}

// take waits for the next job that may start; nil when the pool ends.
func (p *pool) take() *job {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if p.ending {
			return nil
		}
		if j := p.startable(); j != nil {
			return j
		}
		p.idle++
		p.more.Wait()
		p.idle--
	}
}

// startable takes the first job in the queue that is allowed to start now.
func (p *pool) startable() *job {
	for range p.queue.len() {
		j := p.queue.pop()
		if j != slowTurn {
			return j
		}
		if p.slowBusy >= (p.threads+1)/2 {
			p.queue.push(slowTurn) // to the back, as libuv does
			continue
		}
		p.slowTurn = false
		p.slowBusy++
		j = p.slow.pop()
		p.takeSlowTurn()
		return j
	}
	return nil
}

func (j *job) run() {
	defer func() { j.panic = recover() }()
	j.work()
}

// finished sends the answer to the loop.
func (p *pool) finished(j *job) {
	if j.slow {
		p.mu.Lock()
		p.slowBusy--
		p.mu.Unlock()
		p.more.Signal()
	}
	first, _ := p.loop.door.put(task{label: j.label, fn: j.answer, source: sourcePool})
	p.running.Add(-1) // after the answer is in: virtual time must not slip between
	p.loop.wakeUp(first)
}

// answered runs on the loop. The job is free again before its callback, which
// is likely to submit the next.
func (p *pool) answered(j *job) {
	p.jobs--
	done, thrown := j.done, j.panic
	j.work, j.done, j.panic = nil, nil, nil
	p.free = append(p.free, j)
	if thrown != nil {
		panic(thrown)
	}
	if done != nil {
		done()
	}
}

// busy reports whether jobs are queued or running.
func (p *pool) busy() bool { return p.running.Load() > 0 }

// shutdown drops what is queued and waits for what is running.
func (p *pool) shutdown() {
	p.mu.Lock()
	p.ending = true
	p.mu.Unlock()
	p.more.Broadcast()
	p.ended.Wait()
}
