package fuzz

import "math/rand/v2"

const (
	limit    = 400 // callbacks of a program that still do something
	mostOps  = 90  // operations of a program
	deepest  = 5
	longest  = 6 // operations of a callback
	mostRuns = 4 // of an interval

	mostInWorker = 25 // operations of a small worker
)

// durations are few, so that ties are common.
var durations = []int{0, 1, 1, 2, 3, 5, 5, 10}

// timed are the operations that need virtual time.
var timed = []Kind{Timeout, Interval, Refresh, Advance, Job}

// weighted is a kind and how often it is drawn.
type weighted struct {
	kind   Kind
	weight int
}

// weights say how often an operation is drawn, in parts of their sum.
var weights = []weighted{
	{Tick, 10}, {Micro, 8}, {Then, 8}, {Finally, 1},
	{Immediate, 14}, {Timeout, 16}, {Interval, 4},
	{Close, 5}, {Pending, 5}, {Job, 7}, {Message, 4},
	{Clear, 9}, {Refresh, 3}, {Ref, 2}, {Unref, 5}, {Advance, 5},
}

// posts is added to them in a worker, and starts in a main thread that never
// fails: after a failure Node's own messages from the worker, which the trace
// does not show, may drain what is left earlier.
const (
	posts  = 12
	starts = 1
)

// undrained are the operations whose callbacks run later than in the drain that
// follows. When time is real nothing is known of how the messages of a worker and
// such callbacks of its parent lie to each other.
var undrained = []Kind{
	Immediate, Timeout, Interval, Close, Pending, Job, Message,
	Clear, Refresh, Ref, Unref, Advance, Exit,
}

// failures are drawn only in programs that have handlers, mostly: elsewhere
// they end the program.
var failures = []weighted{{Throw, 5}, {Reject, 3}, {Handle, 3}}

// Options narrow what Generate makes.
type Options struct {
	// Plain leaves out what needs virtual time.
	Plain bool
	// Without leaves out more kinds of operation.
	Without []Kind
}

// Generate makes the program of a seed. Some run wholly in a worker.
func Generate(seed uint64, options Options) *Program {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0x6c6f6f70)), starts: !options.Plain, mayStart: !options.Plain}
	g.inside = g.chance(5)
	p := g.program(mostOps)
	if g.inside {
		p = g.parentOf(p)
	}
	p.Seed = seed
	p.without(options.Without)
	if options.Plain {
		p.without(timed)
	}
	return p
}

type generator struct {
	*rand.Rand
	starts   bool // the operations made now may start a small worker
	mayStart bool // such operations may do so where the phase allows it
	inside   bool // what is made now runs in a worker
	left     int  // operations that may still be made
	lastID   int
	failing  bool
	timed    []int // operations that make a timer or an immediate
	rejected []int // operations that make a rejected promise
}

// program makes what one thread runs, of at most so many operations.
func (g *generator) program(most int) *Program {
	p := &Program{Limit: limit}
	if g.chance(2) { // half of the programs never fail
		p.Catches = !g.chance(12)
		if g.inside { // where its end can be seen
			p.Catches = !g.chance(3)
		}
		p.Watches = g.chance(2)
		g.failing = true
	}
	g.left = 10 + g.IntN(most-10)
	p.Main = g.start()
	for range g.IntN(3) {
		g.left += 10
		p.BeforeExit = append(p.BeforeExit, g.ops(deepest-2))
	}
	if p.Catches {
		p.OnError = g.handler()
	}
	if p.Watches {
		p.OnRejection = g.handler()
	}
	if g.inside && g.chance(2) {
		p.Greetings = 1 + g.IntN(3)
		p.OnGreeting = g.handler()
	}
	return p
}

// parentOf makes a program that does nothing but run p in a worker.
func (g *generator) parentOf(p *Program) *Program {
	g.inside, g.starts, g.mayStart, g.failing = false, false, false, g.chance(2)
	listener := g.op(Worker)
	g.left = 5
	listener.Do = g.ops(deepest - 2)
	parent := &Program{Limit: limit, Catches: true, Main: []*Op{listener}}
	parent.without(undrained)
	listener.In = p
	return parent
}

// small makes the program of a small worker.
func (g *generator) small() *Program {
	outer := *g
	g.inside, g.timed, g.rejected = true, nil, nil
	p := g.program(mostInWorker)
	outer.lastID = g.lastID
	*g = outer
	return p
}

// chance is true once in n times.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

// start lets the program begin in main, in a timer, in an immediate or in the
// answer of a pool job.
func (g *generator) start() []*Op {
	kinds := []Kind{"", Timeout, Immediate, Job}
	kind := kinds[g.IntN(len(kinds))]
	if kind == "" {
		return g.ops(0)
	}
	first := g.op(kind)
	first.Do = g.inCallback(kind, -1)
	return []*Op{first}
}

// handler is what an error's or a rejection's handler does: little, since it
// runs often.
func (g *generator) handler() []*Op {
	g.left = 3
	return g.ops(deepest - 1)
}

// ops makes the operations of one callback.
func (g *generator) ops(depth int) []*Op {
	if depth >= deepest {
		return nil
	}
	most := longest
	if depth > 0 {
		most = longest - 2
	}
	var ops []*Op
	for range g.IntN(most + 1 - min(depth, 1)) {
		if g.left <= 0 {
			break
		}
		g.left--
		op := g.op(g.kind())
		op.fill(g, depth)
		ops = append(ops, op)
		ops = append(ops, g.sequel(op, depth)...)
	}
	if depth == 0 && len(ops) < 3 && g.left > 0 {
		return append(ops, g.ops(depth)...)
	}
	return ops
}

// sequel makes rare sequences likely: messages that wait for each other, the
// first of which may throw, and a timer that is cleared and made again.
func (g *generator) sequel(op *Op, depth int) []*Op {
	switch {
	case op.Kind == Message && g.chance(3):
		if g.failing && g.chance(2) {
			op.Do = append(op.Do, g.op(Throw))
		}
		second := g.op(Message)
		second.fill(g, depth)
		return []*Op{second}
	case op.Kind == Timeout && g.chance(8):
		drop, other, again := g.op(Clear), g.op(Timeout), g.op(Timeout)
		drop.To, again.MS = op.ID, op.MS
		return []*Op{drop, other, again}
	}
	return nil
}

func (g *generator) kind() Kind {
	if g.failing && g.chance(8) {
		if g.chance(60) {
			return Exit
		}
		return draw(g, failures)
	}
	switch {
	case g.inside:
		return draw(g, append(weights[:len(weights):len(weights)], weighted{Post, posts}))
	case g.starts && !g.failing:
		return draw(g, append(weights[:len(weights):len(weights)], weighted{Worker, starts}))
	}
	return draw(g, weights)
}

func draw(g *generator, from []weighted) Kind {
	sum := 0
	for _, f := range from {
		sum += f.weight
	}
	at := g.IntN(sum)
	for _, f := range from {
		if at -= f.weight; at < 0 {
			return f.kind
		}
	}
	panic("unreachable")
}

// op makes an operation with its numbers.
func (g *generator) op(kind Kind) *Op {
	g.lastID++
	op := &Op{Kind: kind, ID: g.lastID}
	switch kind {
	case Timeout, Interval, Advance:
		op.MS = durations[g.IntN(len(durations))]
	case Clear, Refresh, Ref, Unref:
		op.To = g.recent(g.timed)
	case Handle:
		op.To = g.recent(g.rejected)
	}
	switch kind {
	case Interval:
		op.N = 1 + g.IntN(mostRuns)
	case Exit:
		op.N = g.IntN(4)
	case Then:
		if g.chance(5) {
			op.N = 1
		}
	}
	switch kind {
	case Timeout, Interval, Immediate:
		g.timed = append(g.timed, op.ID)
	case Reject:
		g.rejected = append(g.rejected, op.ID)
	}
	return op
}

// recent draws one of the operations, mostly one of the last; 0 when there is
// none.
func (g *generator) recent(from []int) int {
	last := len(from) - 1
	if last < 0 {
		return 0
	}
	return from[last-min(last, int(g.ExpFloat64()*3))]
}

// fill gives the operation what hangs on it.
func (op *Op) fill(g *generator, depth int) {
	switch op.Kind {
	case Clear, Refresh, Ref, Unref, Advance, Throw, Exit, Post:
		return
	case Worker:
		op.In = g.small()
	case Then, Reject, Finally:
		for g.chance(3) {
			link := g.op([]Kind{Then, Catch, Finally}[g.IntN(3)])
			link.Do = g.ops(depth + 1)
			op.Next = append(op.Next, link)
		}
	}
	if op.Kind != Reject {
		op.Do = g.inCallback(op.Kind, depth)
	}
}

// inCallback makes what a callback does. In the poll phase it starts no worker:
// there libuv puts the handles of a new worker before those that it has not yet
// looked at, instead of last.
func (g *generator) inCallback(kind Kind, depth int) []*Op {
	before := g.starts
	defer func() { g.starts = before }()
	switch kind {
	case Job, Message, Worker:
		g.starts = false
	case Immediate, Timeout, Interval, Close, Pending:
		g.starts = g.mayStart
	}
	return g.ops(depth + 1)
}
