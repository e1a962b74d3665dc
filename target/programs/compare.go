package programs

import (
	"context"
	"fmt"
	"slices"
)

// Difference is a line that isn't where Node has it. Loop and Node say what
// each did.
type Difference struct {
	Part, Line string
	Loop, Node string
}

// Compare finds the lines whose order differs between the loop and Node, and
// those that only one of them printed.
func Compare(t Trace, n NodeTrace) []Difference {
	var all []Difference
	for i, part := range t.Parts {
		all = append(all, part.compare(part.Texts(), texts(n.Parts[i]))...)
	}
	return all
}

func (p Part) compare(onLoop, onNode []string) []Difference {
	var all []Difference
	differ := func(line, loop, node string) { all = append(all, Difference{p.Name, line, loop, node}) }
	onLoop = slices.DeleteFunc(slices.Clone(onLoop), func(l string) bool { return slices.Contains(p.LoopOnly, l) })
	for i, line := range onNode {
		switch {
		case !slices.Contains(onLoop, line):
			differ(line, "not printed", "printed")
		case slices.Index(onNode, line) < i:
			differ(line, "printed once", "printed again")
		}
	}
	for i, line := range onLoop {
		place := slices.Index(onNode, line)
		if place < 0 {
			differ(line, "printed", "not printed")
			continue
		}
		// The nearest line before it on the loop that comes after it on Node.
		for k := i - 1; k >= 0; k-- {
			if other := onLoop[k]; slices.Index(onNode, other) > place && !p.IsOpen(line, other) {
				differ(line, fmt.Sprintf("after %q", other), fmt.Sprintf("before %q", other))
				break
			}
		}
	}
	return append(all, p.compareWaves(onLoop, onNode)...)
}

// compareWaves finds the jobs that ended on one side only before their turn:
// jobs start first in, first out, so number n of them can't end before n minus
// the pool's size others have.
func (p Part) compareWaves(onLoop, onNode []string) []Difference {
	var all []Difference
	for number, job := range p.Jobs {
		least := number + 1 - p.Pool
		loop, node := turn(slices.Index(onLoop, job) >= least), turn(slices.Index(onNode, job) >= least)
		if loop != node {
			all = append(all, Difference{p.Name, job, loop, node})
		}
	}
	return all
}

func turn(come bool) string {
	if come {
		return "in its turn"
	}
	return "before its turn"
}

// Pair is a program run on the loop and on Node.
type Pair struct {
	Trace       Trace
	Node        NodeTrace
	Differences []Difference
}

// RunBoth runs a program on Node and on the loop, and compares them.
func RunBoth(ctx context.Context, p Program) (Pair, error) {
	onNode, err := RunOnNode(ctx, p)
	if err != nil {
		return Pair{}, err
	}
	onLoop, err := Run(p)
	if err != nil {
		return Pair{}, err
	}
	return Pair{onLoop, onNode, Compare(onLoop, onNode)}, nil
}
