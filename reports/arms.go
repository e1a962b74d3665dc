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

// gather gives the chart's arms in its order, or in that of their first
// appearance when it names none, each with the blocks that a comparison of
// these arms would stand on.
func gather(c claims.Chart, runs []attack.Run, role attack.Role) ([]arm, error) {
	if len(runs) == 0 {
		return nil, errors.New("there are no runs to draw")
	}
	if c.Stream != "" {
		role = c.Stream
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
	return completeArms(names, role, analysis.Blocks(runs, names...))
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

// completeArms gives the arms with their runs of these blocks that have samples.
func completeArms(names []string, role attack.Role, blocks []analysis.Block) ([]arm, error) {
	arms := make([]arm, len(names))
	for i, name := range names {
		a := arm{name: name, role: role}
		for _, b := range blocks {
			if r := b[name]; len(r.Of(role)) > 0 {
				a.look = r.Look
				a.runs = append(a.runs, r)
			}
		}
		if len(a.runs) == 0 {
			return nil, fmt.Errorf("arm %q has no complete block with samples of the %s", name, role)
		}
		slices.SortStableFunc(a.runs, func(x, y attack.Run) int { return cmp.Compare(x.Block, y.Block) })
		arms[i] = a
	}
	return arms, nil
}

// representative gives the run whose longest response is the median over the
// arm's blocks: the lower one of the two in the middle, the earlier one of
// equals.
func (a arm) representative() attack.Run {
	order := slices.Clone(a.runs)
	slices.SortStableFunc(order, func(x, y attack.Run) int {
		return cmp.Compare(longest(x.Of(a.role)), longest(y.Of(a.role)))
	})
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
