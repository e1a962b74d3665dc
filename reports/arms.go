package reports

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// arm is one arm of a chart: its complete runs, in the order of their blocks.
type arm struct {
	name string
	look attack.Look
	role attack.Role // whose samples the chart draws
	runs []attack.Run
}

// gather gives the chart's arms with their runs that have samples of the role.
func gather(c claims.Chart, runs []attack.Run, role attack.Role) ([]arm, error) {
	if c.Stream != "" {
		role = c.Stream
	}
	arms, err := gatherWith(c, runs, fmt.Sprintf("samples of the %s", role), func(r attack.Run) bool { return len(r.Of(role)) > 0 })
	for i := range arms {
		arms[i].role = role
	}
	return arms, err
}

// gatherWith gives the chart's arms in its order, or in that of their first
// appearance when it names none, each with the blocks that a comparison of
// these arms would stand on and that have what the chart shows.
func gatherWith(c claims.Chart, runs []attack.Run, what string, has func(attack.Run) bool) ([]arm, error) {
	if len(runs) == 0 {
		return nil, errors.New("there are no runs to draw")
	}
	known := armNames(runs)
	names := c.Arms
	if len(names) == 0 {
		names = known
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there are no runs of arm %q", name)
		}
	}
	return completeArms(names, analysis.Blocks(runs, names...), what, has)
}

func armNames(runs []attack.Run) []string {
	var names []string
	for _, r := range runs {
		if !slices.Contains(names, r.Arm) {
			names = append(names, r.Arm)
		}
	}
	return names
}

// completeArms gives the arms with their runs of these blocks that have it.
func completeArms(names []string, blocks []analysis.Block, what string, has func(attack.Run) bool) ([]arm, error) {
	arms := make([]arm, len(names))
	for i, name := range names {
		a := arm{name: name}
		for _, b := range blocks {
			if r := b[name]; has(r) {
				a.look = r.Look
				a.runs = append(a.runs, r)
			}
		}
		if len(a.runs) == 0 {
			return nil, fmt.Errorf("arm %q has no complete block with %s", name, what)
		}
		slices.SortStableFunc(a.runs, func(x, y attack.Run) int { return cmp.Compare(x.Block, y.Block) })
		arms[i] = a
	}
	return arms, nil
}

// representative gives the run whose longest response is the median over the
// arm's blocks.
func (a arm) representative() attack.Run {
	return a.median(func(r attack.Run) int64 { return int64(longest(r.Of(a.role))) })
}

// median gives the run in the middle of the arm's: the lower one of two, the
// earlier one of equals.
func (a arm) median(by func(attack.Run) int64) attack.Run {
	order := slices.Clone(a.runs)
	slices.SortStableFunc(order, func(x, y attack.Run) int { return cmp.Compare(by(x), by(y)) })
	return order[(len(order)-1)/2]
}

// longest gives the longest response, counting a failed request with the time
// until it failed.
func longest(samples []attack.Sample) time.Duration {
	var most time.Duration
	for _, s := range samples {
		most = max(most, s.Response())
	}
	return most
}

// shown says which of the arm's blocks a run is, as people count them.
func (a arm) shown(r attack.Run) string {
	if len(a.runs) == 1 {
		return ""
	}
	return fmt.Sprintf("block %d, the median of %d", r.Block+1, len(a.runs))
}

// pooled gives the samples of all the arm's blocks, and each block's responses.
func (a arm) pooled() (all []attack.Sample, blocks [][]time.Duration) {
	for _, r := range a.runs {
		of := r.Of(a.role)
		all = append(all, of...)
		if sorted := responses(of); len(sorted) > 0 {
			blocks = append(blocks, sorted)
		}
	}
	return all, blocks
}

// unsent counts the requests of the arm that were due and never left.
func (a arm) unsent() int {
	n := 0
	for _, r := range a.runs {
		n += r.Count(a.role).Unsent
	}
	return n
}
