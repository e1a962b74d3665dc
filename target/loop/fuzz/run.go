package fuzz

import (
	"fmt"
	"sync"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// Run runs the program on our loop in virtual time, with one pool thread, and
// gives its trace: "ms name" for each callback, and at last its exit code.
func Run(p *Program) []string {
	i := newInterpreter(p, nil)
	i.changed = sync.NewCond(&sync.Mutex{})
	i.loop = loop.New(loop.WithClock(i.clock, poller{i.clock, i}), loop.WithPoolSize(1))
	i.listen()
	i.line = newLine(i.loop)
	code := i.loop.Run(i.main)
	trace := i.trace
	for _, t := range i.threads {
		trace = append(trace, t.inside.trace...)
	}
	return append(trace, codeLine(code))
}

func newInterpreter(p *Program, t *thread) *interpreter {
	return &interpreter{
		program:  p,
		thread:   t,
		clock:    loop.NewVirtual(),
		handles:  map[int]handle{},
		promises: map[int]*loop.Promise{},
		reasons:  map[*loop.Promise]any{},
	}
}

func (i *interpreter) main() {
	i.log("main")
	i.body(i.program.Main)
}

// codeLine is the last line of a trace.
func codeLine(code int) string { return fmt.Sprint("code ", code) }

// interpreter runs one program; run.cjs is the same in JavaScript.
type interpreter struct {
	program   *Program
	loop      *loop.Loop
	clock     *loop.Virtual
	trace     []string
	callbacks int
	handles   map[int]handle        // by the operation that made it last
	promises  map[int]*loop.Promise // likewise
	reasons   map[*loop.Promise]any // of unhandled rejections
	line      *line
	exits     int // times that beforeExit came
	jobs      int // of the pool, not answered yet

	thread  *thread    // the worker that this is; nil in the main thread
	threads []*thread  // the workers that it has started
	living  *thread    // the one that has not ended
	changed *sync.Cond // something that both it and a worker see
}

// handle is a timer or an immediate.
type handle interface{ Clear() }

func (i *interpreter) listen() {
	p := i.program
	i.loop.OnBeforeExit(func() {
		i.log("B", i.exits)
		if i.exits++; i.exits <= len(p.BeforeExit) {
			i.body(p.BeforeExit[i.exits-1])
		}
	})
	i.loop.OnExit(func(code int) {
		i.log("exit ", code)
		i.over()
	})
	if p.Catches {
		i.loop.OnUncaughtException(func(thrown any) {
			i.log("UE:", thrown)
			defer i.overIfThrown()
			i.body(p.OnError)
		})
	}
	if p.Watches {
		i.loop.OnUnhandledRejection(func(reason any, promise *loop.Promise) {
			i.reasons[promise] = reason
			i.log("UR:", reason)
			i.body(p.OnRejection)
		})
		i.loop.OnRejectionHandled(func(promise *loop.Promise) { i.log("RH:", i.reasons[promise]) })
	}
}

func (i *interpreter) log(name ...any) {
	i.callbacks++
	ms := i.clock.Now().Milliseconds()
	i.trace = append(i.trace, fmt.Sprint(ms, " ", i.thread.prefix(), fmt.Sprint(name...)))
}

func (i *interpreter) spent() bool { return i.callbacks > i.program.Limit }

// body runs the operations of a callback. Past the limit callbacks do nothing.
func (i *interpreter) body(ops []*Op) {
	if i.spent() {
		return
	}
	for _, op := range ops {
		i.do(op)
	}
}

func (i *interpreter) callback(letter string, op *Op) func() {
	return func() {
		i.log(letter, op.ID)
		i.body(op.Do)
	}
}

func (i *interpreter) do(op *Op) {
	l := i.loop
	switch op.Kind {
	case Tick:
		l.NextTick(i.callback("t", op))
	case Micro:
		l.QueueMicrotask(i.callback("q", op))
	case Then:
		i.chain(l.Resolve(nil).Then(i.settle(op), nil), op)
	case Finally:
		i.chain(l.Resolve(nil).Finally(i.callback("f", op)), op)
	case Reject:
		i.chain(l.Reject(fmt.Sprint("r", op.ID)), op)
	case Handle:
		if promise := i.promises[op.To]; promise != nil {
			promise.Catch(i.caught(op))
		}
	case Immediate:
		i.handles[op.ID] = l.SetImmediate(i.callback("I", op))
	case Timeout:
		i.handles[op.ID] = l.SetTimeout(i.callback("T", op), op.duration())
	case Interval:
		i.interval(op)
	case Close:
		l.Open("handle").Close(i.callback("C", op))
	case Pending:
		l.Pending(i.callback("P", op))
	case Job:
		i.jobs++
		answer := i.callback("W", op)
		l.Work(func() {}, func() {
			i.jobs--
			answer()
		})
	case Message:
		i.line.send(i.callback("m", op))
	case Worker:
		i.startWorker(op)
	case Post:
		i.thread.post(op)
	case Advance:
		i.clock.Advance(op.duration())
	case Throw:
		panic(fmt.Sprint("x", op.ID))
	case Exit:
		l.Exit(op.N)
	case Clear, Refresh, Ref, Unref:
		if h := i.handles[op.To]; h != nil {
			steer(op.Kind, h)
		}
	default:
		panic(fmt.Sprintf("the program has an unknown operation %q", op.Kind))
	}
}

// steer changes a timer or an immediate that was made before.
func steer(kind Kind, h handle) {
	timer, isTimer := h.(*loop.Timer)
	immediate, _ := h.(loop.Immediate)
	switch {
	case kind == Clear:
		h.Clear()
	case kind == Refresh && isTimer:
		timer.Refresh()
	case kind == Ref && isTimer:
		timer.Ref()
	case kind == Unref && isTimer:
		timer.Unref()
	case kind == Ref:
		immediate.Ref()
	case kind == Unref:
		immediate.Unref()
	}
}

func (i *interpreter) interval(op *Op) {
	runs := 0
	var interval *loop.Timer
	interval = i.loop.SetInterval(func() {
		if runs++; runs >= op.N || i.spent() {
			interval.Clear()
		}
		i.callback("V", op)()
	}, op.duration())
	i.handles[op.ID] = interval
}

func (i *interpreter) chain(promise *loop.Promise, op *Op) {
	for _, link := range op.Next {
		switch link.Kind {
		case Then:
			promise = promise.Then(i.settle(link), nil)
		case Catch:
			promise = promise.Catch(i.caught(link))
		case Finally:
			promise = promise.Finally(i.callback("f", link))
		}
	}
	i.promises[op.ID] = promise
}

// settle is a callback that may return a promise.
func (i *interpreter) settle(op *Op) func(any) any {
	fn := i.callback("p", op)
	return func(any) any {
		fn()
		if op.N == 1 {
			return i.loop.Resolve(nil)
		}
		return nil
	}
}

func (i *interpreter) caught(op *Op) func(any) any {
	return func(reason any) any {
		i.log("c", op.ID, ":", reason)
		i.body(op.Do)
		return nil
	}
}

func (op *Op) duration() time.Duration { return time.Duration(op.MS) * time.Millisecond }
