package fuzz

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Campaign is a run of the fuzzer.
type Campaign struct {
	Programs int
	Seed     uint64 // of the first program; the others follow
	Options  Options
	Golden   string // file to write the pairs to; "" for none
	Jobs     int    // programs at the same time
	// Most is the number of mismatches after which it stops.
	Most int
}

// Result sums a campaign up.
type Result struct {
	Programs   int
	Callbacks  int
	Throws     int      // that a handler saw
	Hangs      []uint64 // seeds of the programs that Node did not end
	Mismatches []*Mismatch
	pairs      []Pair // by program; without a program where there is none
}

func (r *Result) String() string {
	return fmt.Sprintf("%d programs, %d callbacks, %d handled errors, %d mismatches, hangs of node: %d %v",
		r.Programs, r.Callbacks, r.Throws, len(r.Mismatches), len(r.Hangs), r.Hangs)
}

// Run runs the campaign. Each mismatch is shrunk, and printed to out.
func (c Campaign) Run(out io.Writer) (*Result, error) {
	node, err := NewNode(c.Options.Plain)
	if err != nil {
		return nil, err
	}
	defer node.Close()
	r, err := c.compare(node)
	if err != nil {
		return nil, err
	}
	for _, m := range r.Mismatches {
		fmt.Fprintf(out, "seed %d: a mismatch, which is being shrunk\n", m.Program.Seed)
		small, err := m.Shrink(node)
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(out, small)
	}
	if c.Golden != "" && len(r.Mismatches) == 0 {
		return r, r.writeGolden(c.Golden)
	}
	return r, nil
}

// compare runs the programs, some at the same time.
func (c Campaign) compare(node *Node) (*Result, error) {
	r := &Result{pairs: make([]Pair, c.Programs)}
	var (
		mu       sync.Mutex
		workers  sync.WaitGroup
		failures []error
		next     int
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next <= c.Programs && len(failures) == 0 && len(r.Mismatches) < c.Most
	}
	for range max(c.Jobs, 1) {
		workers.Go(func() {
			for i, more := take(); more; i, more = take() {
				p := Generate(c.Seed+uint64(i), c.Options)
				trace, m, err := Compare(node, p)
				mu.Lock()
				failures = r.add(i, Pair{p, trace}, m, err, failures)
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return r, errors.Join(failures...)
}

// add counts one comparison.
func (r *Result) add(i int, pair Pair, m *Mismatch, err error, failures []error) []error {
	r.Programs++
	switch {
	case errors.Is(err, ErrHangs):
		r.Hangs = append(r.Hangs, pair.Program.Seed)
		return failures
	case err != nil:
		return append(failures, fmt.Errorf("seed %d: %w", pair.Program.Seed, err))
	case m != nil:
		r.Mismatches = append(r.Mismatches, m)
		return failures
	}
	r.Callbacks += len(pair.Node) - 1 // the last line is the exit code
	r.Throws += count(pair.Node, isThrow)
	r.pairs[i] = pair
	return failures
}

func (r *Result) writeGolden(name string) error {
	var pairs []Pair
	for _, pair := range r.pairs {
		if pair.Program != nil {
			pairs = append(pairs, pair)
		}
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(WritePairs(file, pairs), file.Close())
}
