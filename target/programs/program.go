// Package programs is the guides' own programs, each written twice: for the
// loop, and as JavaScript for Node.
//
// What a program prints comes here in these steps:
//
//  1. Run gives each part of a program a loop of its own, in real or virtual
//     time, and a stage that keeps what is printed: the Trace.
//  2. RunOnNode runs the same parts' JavaScript on an installed Node, where the
//     preloaded tracer.cjs keeps it.
//  3. Compare finds the lines whose order differs. Orders that Node itself
//     leaves open are declared with the part and are no difference.
//
// To add a program: its Go file, its .cjs file, and its place in All.
package programs

import (
	"slices"
	"time"
)

// Program is a small program that shows one property of the loop.
type Program struct {
	Name  string
	Shows string // in one sentence
	// Real says that it runs in real time. Otherwise time is virtual: it passes
	// when the loop waits, when the program works, and by LineTakes a line.
	Real    bool
	Parts   []Part
	Finding func(Trace) string // what a run showed, with its numbers
}

// LineTakes is what a printed line costs in virtual time.
const LineTakes = 200 * time.Microsecond

// Part is one run of a program, on a loop of its own.
type Part struct {
	Name string
	Pool int // threads of the pool, 0 for the default
	// Open holds groups of lines that Node prints in any order among each other.
	Open [][]string
	// Anywhere holds lines that Node may print before or after any other.
	Anywhere []string
	// OpenBecause says why, in a sentence; empty when nothing is open.
	OpenBecause string
	// LoopOnly holds lines of phases that JavaScript can't reach.
	LoopOnly []string
	// Jobs holds the lines of pool jobs in the order of their submission. They
	// start in that order; which ends first is open.
	Jobs []string
	main func(*stage)
}

// IsOpen reports whether Node leaves the order of two lines open.
func (p Part) IsOpen(a, b string) bool {
	return slices.Contains(p.Anywhere, a) || slices.Contains(p.Anywhere, b) ||
		slices.ContainsFunc(p.Open, func(group []string) bool {
			return slices.Contains(group, a) && slices.Contains(group, b)
		})
}

// InAnyOrder reports whether Open or Anywhere names the line.
func (p Part) InAnyOrder(line string) bool {
	return slices.Contains(slices.Concat(append(p.Open, p.Anywhere)...), line)
}

// All gives the programs, simplest first.
func All() []Program {
	return []Program{microtasks(), immediateVersusTimeout(), starvation(), asyncIO(), threadPool(), phases()}
}

// Find gives the program of that name.
func Find(name string) (Program, bool) {
	all := All()
	i := slices.IndexFunc(all, func(p Program) bool { return p.Name == name })
	if i < 0 {
		return Program{}, false
	}
	return all[i], true
}
