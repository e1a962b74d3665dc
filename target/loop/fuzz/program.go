// Package fuzz compares the loop with Node: random programs run on both, in
// virtual time, and their traces have to be equal in order and in time stamps.
//
//  1. Generate makes a Program from a seed.
//  2. Run runs it on the loop; testdata/run.cjs, which is the same interpreter
//     in JavaScript, runs it on Node under the clock of testdata/virtualclock.c.
//     Each thread of a program, main or worker, has a clock and a trace of its own.
//  3. Shrink makes a program that they disagree on as small as it gets.
//  4. testdata/golden.jsonl.gz holds programs with Node's traces, so that the
//     package's test needs neither Node nor a C compiler.
//
// The command cmd/fuzznode does 1 to 3 for as many programs as it is told, and
// writes the golden file.
package fuzz

import "slices"

// Kind is what an operation does.
type Kind string

// Those that make a callback, named by the letter of its line in the trace.
const (
	Tick      Kind = "tick"      // t
	Micro     Kind = "micro"     // q
	Then      Kind = "then"      // p: a fulfilled promise's then
	Finally   Kind = "finally"   // f
	Catch     Kind = "catch"     // c: only as a link of a chain
	Immediate Kind = "immediate" // I
	Timeout   Kind = "timeout"   // T
	Interval  Kind = "interval"  // V: clears itself in its N-th run
	Close     Kind = "close"     // C
	Pending   Kind = "pending"   // P
	Job       Kind = "job"       // W: the answer of a pool job
	Message   Kind = "message"   // m
	// Worker starts a worker that runs In, in the lines of which every name begins
	// with w and a number; the parent does Do for each of its messages (M) and for
	// its exit (X), and logs its error (E).
	Worker Kind = "worker"
)

// Those that don't, or that may.
const (
	Clear   Kind = "clear"   // drop To, a timer or an immediate
	Refresh Kind = "refresh" // start timer To again
	Ref     Kind = "ref"
	Unref   Kind = "unref"
	Advance Kind = "advance" // let MS pass
	Post    Kind = "post"    // a worker's message to its parent; nothing elsewhere
	Throw   Kind = "throw"
	Reject  Kind = "reject" // make a rejected promise
	Handle  Kind = "handle" // catch the promise of To, late perhaps: c
	Exit    Kind = "exit"   // end with code N
)

// AllKinds is every kind of operation.
var AllKinds = []Kind{
	Tick, Micro, Then, Finally, Catch, Immediate, Timeout, Interval, Close, Pending, Job, Message,
	Worker, Post, Clear, Refresh, Ref, Unref, Advance, Throw, Reject, Handle, Exit,
}

// Op is one operation.
type Op struct {
	Kind Kind `json:"k"`
	ID   int  `json:"id"`
	// MS is a duration in milliseconds.
	MS int `json:"ms,omitempty"`
	// N is an interval's number of runs, an exit code, or, for then, 1 when the
	// callback returns a promise.
	N int `json:"n,omitempty"`
	// To is the operation whose timer, immediate or promise is meant.
	To int `json:"to,omitempty"`
	// Do is what the callback does.
	Do []*Op `json:"do,omitempty"`
	// Next is a promise's chain of then, catch and finally.
	Next []*Op `json:"next,omitempty"`
	// In is a worker's program.
	In *Program `json:"in,omitempty"`
}

// Program is a tree of operations and the handlers around it.
type Program struct {
	Seed uint64 `json:"seed,omitempty"`
	// Limit is the number of callbacks after which callbacks do nothing more.
	Limit      int     `json:"limit"`
	Main       []*Op   `json:"main"`
	BeforeExit [][]*Op `json:"beforeExit,omitempty"` // what its n-th run does
	// Catches says that there is an uncaughtException handler, which does OnError.
	Catches bool  `json:"catches,omitempty"`
	OnError []*Op `json:"onError,omitempty"`
	// Watches says the same of unhandledRejection and rejectionHandled.
	Watches     bool  `json:"watches,omitempty"`
	OnRejection []*Op `json:"onRejection,omitempty"`
	// Greetings is the number of messages that a worker's parent posts before the
	// worker begins. The worker listens (G) until it has had them, and does
	// OnGreeting for each.
	Greetings  int   `json:"greetings,omitempty"`
	OnGreeting []*Op `json:"onGreeting,omitempty"`
}

// body is a list of operations in a program.
type body struct {
	ops   *[]*Op
	chain bool // links of a promise
}

// bodies gives every list of operations in the program and in its workers.
func (p *Program) bodies() []body {
	var all []body
	for _, inner := range p.programs() {
		all = append(all, inner.ownBodies()...)
	}
	return all
}

// programs is the program and those of its workers.
func (p *Program) programs() []*Program {
	all := []*Program{p}
	for _, b := range p.ownBodies() {
		for _, op := range *b.ops {
			if op.In != nil {
				all = append(all, op.In.programs()...)
			}
		}
	}
	return all
}

func (p *Program) ownBodies() []body {
	var all []body
	var add func(b body)
	add = func(b body) {
		all = append(all, b)
		for _, op := range *b.ops {
			add(body{&op.Do, false})
			add(body{&op.Next, true})
		}
	}
	add(body{&p.Main, false})
	for i := range p.BeforeExit {
		add(body{&p.BeforeExit[i], false})
	}
	add(body{&p.OnError, false})
	add(body{&p.OnRejection, false})
	add(body{&p.OnGreeting, false})
	return all
}

// Kinds is the set of the kinds of operation in the program.
func (p *Program) Kinds() map[Kind]bool {
	kinds := map[Kind]bool{}
	for _, b := range p.bodies() {
		for _, op := range *b.ops {
			kinds[op.Kind] = true
		}
	}
	return kinds
}

// without deletes the operations of some kinds, and what hangs on them.
func (p *Program) without(kinds []Kind) {
	drop := func(op *Op) bool { return slices.Contains(kinds, op.Kind) }
	for _, b := range p.bodies() {
		*b.ops = slices.DeleteFunc(*b.ops, drop)
	}
}
