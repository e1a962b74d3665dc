// Package loop is an event loop with Node's semantics: one goroutine runs one
// callback at a time, in libuv's phases, and drains ticks and microtasks after
// each.
//
// A callback's way through the loop:
//
//  1. It comes in through Post (from any goroutine), or is scheduled by another
//     callback as a timer, an immediate, a pool job, a tick or a microtask.
//  2. The cycle reaches its phase and runs it with call.
//  3. drain empties the ticks and microtasks that it left.
//
// The order follows libuv 1.46 (src/unix/core.c, uv_run) and Node 20
// (lib/internal/timers.js, lib/internal/process/task_queues.js).
package loop

import (
	"sync"
	"sync/atomic"
	"time"
)

// Loop is an event loop. All of its methods belong to the loop's own callbacks
// (or to the code that sets it up before Run), except Post, Stop and those of
// its Monitor, which are safe from any goroutine.
type Loop struct {
	clock     Clock
	poller    Poller
	ownPoller bool // it is not the real one
	door      door
	pool      *pool
	busy      func() bool // pool.busy, made once

	time  int64  // the loop's cached time: whole milliseconds of the clock
	label string // of the callback that runs now; what it schedules inherits it
	stop  atomic.Bool

	ticks      queue[func()]
	microtasks queue[microtask]
	rejections rejections
	promises   promises
	timers     timers
	immediates immediates
	pending    queue[task]
	idle       hooks
	prepare    hooks
	handles    int // active and referenced
	closing    []*Handle
	beforeExit func()
	ended      bool // by Exit, or by something thrown
	code       int  // the exit code
	thrown     *Uncaught

	onExit             func(code int)
	onUncaught         func(thrown any)
	onRejection        func(reason any, p *Promise)
	onRejectionHandled func(p *Promise)

	living  map[*Worker]struct{}
	sources int32 // lines of messages so far
	workers sync.WaitGroup

	monitor *Monitor
}

// task is a callback with the label it runs under.
type task struct {
	label  string
	fn     func()
	source int32
	bare   bool // fn calls callbacks itself: no drain belongs to it
}

// Option changes how a loop is made.
type Option func(*Loop)

// WithClock sets the clock and the poller, so that virtual time can drive the
// loop. One value may be both (see Virtual).
func WithClock(c Clock, p Poller) Option {
	return func(l *Loop) { l.clock, l.poller, l.ownPoller = c, p, true }
}

// WithPoolSize sets the number of threads in the pool, from 1 to MaxPoolSize.
// Without it UV_THREADPOOL_SIZE is honoured, and the default is 4.
func WithPoolSize(threads int) Option {
	return func(l *Loop) { l.pool = newPool(l, threads) }
}

// WithMonitor lets the loop measure itself. The cost is two clock readings a
// callback.
func WithMonitor(m *Monitor) Option {
	return func(l *Loop) { l.monitor = m }
}

// New makes a loop that is ready to be given its first work.
func New(options ...Option) *Loop {
	l := &Loop{}
	for _, option := range options {
		option(l)
	}
	if l.clock == nil {
		l.clock, l.poller = newRealTime()
	}
	if l.pool == nil {
		l.pool = newPool(l, poolSizeFromEnvironment())
	}
	l.busy = l.pool.busy
	l.timers.init()
	l.updateTime()
	return l
}

// Run runs main (the program's first callback; nil for none) and then the loop,
// until nothing keeps it alive or Stop is called, and gives the exit code. When
// Run returns, the pool's threads and the workers have ended and the door is
// shut. The goroutine is not locked to its thread: nothing here belongs to a
// thread, and each wake-up would be a switch of threads, which cost a hello world
// over HTTP a third of its throughput.
func (l *Loop) Run(main func()) (code int) {
	defer l.pool.shutdown()
	defer l.endWorkers()
	if l.monitor != nil {
		l.monitor.start(l.clock)
	}
	if main != nil {
		l.run(PhaseMain, "main", main)
		l.drain() // also when it threw: Node's scope around the program is not marked as failed
	}
	for {
		l.runUntilDone()
		if l.beforeExit != nil && !l.stop.Load() {
			l.call(PhaseBeforeExit, "beforeExit", l.beforeExit)
		}
		switch {
		case l.stop.Load():
			l.door.shut()
			return l.code
		case !l.alive() && l.door.shutIfEmpty():
			l.emitExit()
			return l.code
		}
	}
}

// runUntilDone is uv_run in its default mode: timers once at the entry, for
// programs that expect them first, then cycles while something is alive. As in
// libuv, one cycle follows even when those timers were all that was.
func (l *Loop) runUntilDone() {
	alive := l.alive()
	if alive && made != noTimersAtEntry {
		l.updateTime()
		l.runTimers()
	}
	for (alive || !l.door.empty()) && !l.stop.Load() {
		if made == timersBeforePoll {
			l.cycleBefore145()
		} else {
			l.cycle()
		}
		alive = l.alive()
	}
}

// cycle is one iteration of the loop. Since libuv 1.45 timers run after poll.
func (l *Loop) cycle() {
	l.runPending()
	l.runIdle()
	l.runPrepare()
	l.poll(l.pollTimeout())
	l.runPendingAgain()
	l.runCheck()
	l.runClosing()
	l.updateTime()
	l.runTimers()
}

// alive reports whether anything would still run: referenced timers,
// immediates and handles, pool jobs, and pending or closing work.
func (l *Loop) alive() bool {
	return l.hasActive() || l.pending.len() > 0 || len(l.closing) > 0
}

func (l *Loop) hasActive() bool {
	return l.handles > 0 || l.pool.jobs > 0 || l.timers.referenced > 0 || l.immediates.referenced > 0
}

// Stop ends the loop after the callback that runs now. It is safe from any
// goroutine.
func (l *Loop) Stop() {
	l.stop.Store(true)
	l.poller.Wake()
}

// OnBeforeExit sets what runs each time nothing is alive any more; the loop
// goes on when it makes something alive.
func (l *Loop) OnBeforeExit(fn func()) { l.beforeExit = fn }

// Now is the loop's time: milliseconds of its clock, as of the last update.
func (l *Loop) Now() int64 { return l.time }

// Clock is what the loop takes its time from.
func (l *Loop) Clock() Clock { return l.clock }

func (l *Loop) updateTime() { l.time = int64(l.clock.Now() / time.Millisecond) }

// call runs one callback and drains what it left; no drain follows one that
// threw. It reports whether both came to their end.
func (l *Loop) call(phase Phase, label string, fn func()) (finished bool) {
	if l.ended || l.run(phase, label, fn) {
		return false
	}
	return l.drain()
}

// run runs one callback under its label and lets the monitor time it, together
// with the ticks and microtasks that the next drain runs in its name. It
// reports whether it threw.
func (l *Loop) run(phase Phase, label string, fn func()) (threw bool) {
	l.begin(phase, label)
	return l.try(fn)
}

// begin is said before a callback, and its end by drain or threw.
func (l *Loop) begin(phase Phase, label string) {
	l.label = label
	if l.monitor != nil {
		l.monitor.begin(phase, label)
	}
}
