package analysis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// still is a target on which nothing is sent; before says what happens at the
// n-th start, from 1.
type still struct {
	starts int
	before func(start int) error
}

func (s *still) Start(context.Context) (target.Target, error) {
	s.starts++
	if s.before == nil {
		return s, nil
	}
	return s, s.before(s.starts)
}

func (s *still) String() string            { return "a target on which nothing is sent" }
func (s *still) URL() string               { return "" }
func (s *still) Observer() target.Observer { return nil }
func (s *still) Gone() <-chan struct{}     { return nil }
func (s *still) Err() error                { return nil }
func (s *still) Stop() error               { return nil }

func stillPlan(s *still, blocks int) attack.Plan {
	return attack.Plan{Arms: []attack.Arm{{Name: "a", Target: s}}, Blocks: blocks, Seed: 5}
}

// ran is runs of one arm in so many blocks.
func ran(blocks int) []attack.Run {
	runs := make([]attack.Run, blocks)
	for i := range runs {
		runs[i] = attack.Run{Block: i, Arm: "a"}
	}
	return runs
}

// without trusts all runs but those of the lost blocks.
func without(lost ...int) func([]attack.Run) func(attack.Run) bool {
	return func([]attack.Run) func(attack.Run) bool {
		return func(r attack.Run) bool { return !slices.Contains(lost, r.Block) }
	}
}

func TestFixedDesign(t *testing.T) {
	cases := []struct {
		name          string
		blocks, spare int
		runs          int // blocks that were run
		lost          []int
		first, more   int // further blocks
	}{
		{name: "at the start, the plan", blocks: 6, spare: 2, runs: 0, first: 0, more: 6},
		{name: "nothing lost", blocks: 6, spare: 2, runs: 6},
		{name: "one lost: 6 − 5", blocks: 6, spare: 2, runs: 6, lost: []int{2}, first: 6, more: 1},
		{name: "two lost: 6 − 4", blocks: 6, spare: 2, runs: 6, lost: []int{0, 5}, first: 6, more: 2},
		{name: "three lost: 6 − 3, and 2 to spare", blocks: 6, spare: 2, runs: 6, lost: []int{0, 1, 2}, first: 6, more: 2},
		{name: "all lost", blocks: 6, spare: 2, runs: 6, lost: []int{0, 1, 2, 3, 4, 5}, first: 6, more: 2},
		{name: "made up for: 6 − 6", blocks: 6, spare: 2, runs: 7, lost: []int{2}},
		{name: "the spare one lost too: 6 − 5", blocks: 6, spare: 2, runs: 7, lost: []int{2, 6}, first: 7, more: 1},
		{name: "another lost afterwards, since trust may change: 6 − 5", blocks: 6, spare: 2, runs: 7, lost: []int{2, 4}, first: 7, more: 1},
		{name: "no spare left", blocks: 6, spare: 2, runs: 8, lost: []int{2, 6, 7}},
		{name: "no spare at all", blocks: 6, spare: 0, runs: 6, lost: []int{2}},
		{name: "one block", blocks: 1, spare: 3, runs: 3, lost: []int{0, 1, 2}, first: 3, more: 1},
	}
	for _, c := range cases {
		d := analysis.FixedDesign{Plan: stillPlan(&still{}, c.blocks), Spare: c.spare, Trusted: without(c.lost...)}
		plan, done := d.Next(ran(c.runs))
		if done != (c.more == 0) {
			t.Errorf("%s: done is %v", c.name, done)
			continue
		}
		if done {
			continue
		}
		if plan.FirstBlock != c.first || plan.Blocks != c.more {
			t.Errorf("%s: got %d from %d, want %d from %d", c.name, plan.Blocks, plan.FirstBlock, c.more, c.first)
		}
		if plan.Seed != d.Plan.Seed || len(plan.Arms) != 1 || plan.Arms[0].Name != "a" {
			t.Errorf("%s: got another plan: %+v", c.name, plan)
		}
	}
}

func TestFixedDesignLosesBlocksNotRuns(t *testing.T) {
	var given int
	d := analysis.FixedDesign{
		Plan: attack.Plan{Arms: []attack.Arm{{Name: "a"}, {Name: "b"}}, Blocks: 3}, Spare: 3,
		Trusted: func(runs []attack.Run) func(attack.Run) bool {
			given = len(runs)
			return func(r attack.Run) bool { return r.Block != 1 } // both arms
		},
	}
	plan, done := d.Next(runsOf("0a 0b 1b 1a 2a 2b"))
	if done || plan.Blocks != 1 || plan.FirstBlock != 3 {
		t.Errorf("got %d from %d, done %v; want 1 from 3", plan.Blocks, plan.FirstBlock, done)
	}
	if given != 6 {
		t.Errorf("trust was given %d runs, want all 6", given)
	}
}

// Whatever is lost: the numbers count on, there are never more blocks than
// allowed, and it ends with enough trusted ones or none to spare.
func TestFixedDesignProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		blocks, spare := rapid.IntRange(1, 8).Draw(t, "blocks"), rapid.IntRange(0, 4).Draw(t, "spare")
		lost := rapid.SliceOfN(rapid.Bool(), blocks+spare, blocks+spare).Draw(t, "lost")
		d := analysis.FixedDesign{
			Plan: stillPlan(&still{}, blocks), Spare: spare,
			Trusted: func([]attack.Run) func(attack.Run) bool { return func(r attack.Run) bool { return !lost[r.Block] } },
		}
		total := 0
		for {
			plan, done := d.Next(ran(total))
			if done {
				break
			}
			if plan.FirstBlock != total || plan.Blocks < 1 {
				t.Fatalf("after %d blocks: %d from %d", total, plan.Blocks, plan.FirstBlock)
			}
			if total += plan.Blocks; total > blocks+spare {
				t.Fatalf("%d blocks, %d allowed", total, blocks+spare)
			}
		}
		trusted := 0
		for _, l := range lost[:total] {
			if !l {
				trusted++
			}
		}
		if trusted > blocks || trusted < blocks && total < blocks+spare {
			t.Fatalf("ended after %d blocks with %d of %d trusted", total, trusted, blocks)
		}
	})
}

func numbers(runs []attack.Run) []int {
	var blocks []int
	for _, r := range runs {
		blocks = append(blocks, r.Block)
	}
	return blocks
}

func TestConduct(t *testing.T) {
	s := &still{}
	var told []string
	report := func(p attack.Progress) { told = append(told, fmt.Sprintf("%d/%d %s", p.Block, p.Blocks, p.Arm)) }
	design := analysis.FixedDesign{Plan: stillPlan(s, 3), Spare: 2, Trusted: without(1, 3)}
	runs, err := analysis.Conduct(t.Context(), design, nil, attack.Hooks{Progress: report})
	if err != nil {
		t.Fatal(err)
	}
	// Block 3 makes up for 1 and is lost, block 4 makes up for that.
	if got := numbers(runs); !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
		t.Errorf("got blocks %v, want 0 to 4", got)
	}
	want := []string{"0/3 a", "1/3 a", "2/3 a", "2/3 ", "3/4 a", "3/4 ", "4/5 a", "4/5 "}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestConductKeepsWhatWasMeasured(t *testing.T) {
	broken := errors.New("it does not start")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	cases := []struct {
		name    string
		before  func(int) error
		want    error
		blocks  []int
		partial bool // the last one
	}{
		{"at the first start", func(int) error { return broken }, broken, nil, false},
		{"at the third start", func(start int) error {
			if start == 3 {
				return broken
			}
			return nil
		}, broken, []int{0, 1}, false},
		{"in a spare block", func(start int) error {
			if start == 5 {
				return broken
			}
			return nil
		}, broken, []int{0, 1, 2, 3}, false},
		{"interrupted", func(start int) error {
			if start == 2 {
				interrupt()
			}
			return nil
		}, context.Canceled, []int{0, 1}, true},
	}
	for _, c := range cases {
		design := analysis.FixedDesign{Plan: stillPlan(&still{before: c.before}, 4), Spare: 2, Trusted: without(0)}
		runs, err := analysis.Conduct(ctx, design, nil, attack.Hooks{})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got error %v, want %v", c.name, err, c.want)
		}
		if got := numbers(runs); !slices.Equal(got, c.blocks) {
			t.Errorf("%s: got blocks %v, want %v", c.name, got, c.blocks)
		}
		for i, r := range runs {
			if want := c.partial && i == len(runs)-1; r.Partial != want {
				t.Errorf("%s: run %d: partial is %v", c.name, i, r.Partial)
			}
		}
	}
}

func TestConductRefusesAnImpossiblePlan(t *testing.T) {
	runs, err := analysis.Conduct(t.Context(), analysis.FixedDesign{Plan: stillPlan(&still{}, 0)}, nil, attack.Hooks{})
	if err == nil || runs != nil {
		t.Errorf("got %d runs and error %v", len(runs), err)
	}
}

// What an earlier session left is counted, and not run again.
func TestConductGoesOn(t *testing.T) {
	for have, want := range map[int][]int{0: {0, 1, 2, 3}, 1: {0, 1, 2, 3}, 3: {0, 1, 2, 3}, 4: {0, 1, 2, 3}} {
		s := &still{}
		design := analysis.FixedDesign{Plan: stillPlan(s, 4), Spare: 2, Trusted: without()}
		runs, err := analysis.Conduct(t.Context(), design, ran(have), attack.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		if got := numbers(runs); !slices.Equal(got, want) || s.starts != 4-have {
			t.Errorf("after %d blocks: got blocks %v with %d starts, want %v with %d", have, got, s.starts, want, 4-have)
		}
	}
}
