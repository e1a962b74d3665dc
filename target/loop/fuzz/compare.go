package fuzz

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Mismatch is a program that Node and our loop run differently.
type Mismatch struct {
	Program *Program
	Node    []string
	Loop    []string
}

// Compare runs the program on both; nil when they agree.
func Compare(n *Node, p *Program) (nodes []string, m *Mismatch, err error) {
	nodes, err = n.Run(p)
	if err != nil {
		return nil, nil, err
	}
	ours := n.run(p)
	if slices.Equal(nodes, ours) {
		return nodes, nil, nil
	}
	return nodes, &Mismatch{p, nodes, ours}, nil
}

// run is Run, with the stamps that this mode compares.
func (n *Node) run(p *Program) []string {
	trace := Run(p)
	if n.library == "" {
		withoutStamps(trace)
	}
	return trace
}

// withoutStamps sets all time stamps to 0.
func withoutStamps(trace []string) {
	for i, line := range trace {
		if stamp, name, _ := strings.Cut(line, " "); stamp != "code" {
			trace[i] = "0 " + name
		}
	}
}

// byThread puts the lines of the main thread first, then those of each worker:
// the order between threads is nobody's.
func byThread(trace []string) []string {
	thread := func(line string) int {
		var number int
		_, name, _ := strings.Cut(line, " ")
		_, _ = fmt.Sscanf(name, "w%d:", &number)
		return number
	}
	slices.SortStableFunc(trace, func(a, b string) int { return thread(a) - thread(b) })
	return trace
}

// mostAttempts is how many smaller programs are tried for a mismatch.
const mostAttempts = 300

// Shrink makes the mismatch small.
func (m *Mismatch) Shrink(n *Node) (*Mismatch, error) {
	var failed error
	smallest, attempts := m, 0
	Shrink(m.Program.clone(), func(p *Program) bool {
		if attempts++; attempts > mostAttempts || failed != nil {
			return false
		}
		_, found, err := Compare(n, p)
		if err != nil && !errors.Is(err, ErrHangs) {
			failed = err
		}
		if found == nil {
			return false
		}
		smallest = &Mismatch{p.clone(), found.Node, found.Loop}
		return true
	})
	return smallest, failed
}

// clone copies the program.
func (p *Program) clone() *Program {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // it has nothing that can't be written
	}
	c := &Program{}
	if err := json.Unmarshal(text, c); err != nil {
		panic(err)
	}
	return c
}

// String gives the program and both traces side by side.
func (m *Mismatch) String() string {
	var b strings.Builder
	text, _ := json.Marshal(m.Program)
	fmt.Fprintf(&b, "seed %d\n%s\n", m.Program.Seed, text)
	fmt.Fprintf(&b, "  %-24s %s\n", "node", "loop")
	for i := range max(len(m.Node), len(m.Loop)) {
		node, ours := at(m.Node, i), at(m.Loop, i)
		mark := " "
		if node != ours {
			mark = "≠"
		}
		fmt.Fprintf(&b, "%s %-24s %s\n", mark, node, ours)
	}
	return b.String()
}

func at(trace []string, i int) string {
	if i < len(trace) {
		return trace[i]
	}
	return "-"
}

// isThrow recognises the line of an uncaughtException handler.
func isThrow(line string) bool {
	return strings.Contains(line, "UE:")
}

func count(trace []string, is func(string) bool) int {
	n := 0
	for _, line := range trace {
		if is(line) {
			n++
		}
	}
	return n
}
