// Package claims holds what looptest bench proves, one claim a file: its arms
// and their load, how the runs are judged, and its charts as data.
package claims

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Claim is a statement about the reference server that a bench can prove.
type Claim struct {
	Name   string
	Title  string // for a table: what the claim says
	Proves string // for a list: a sentence
	// Arms in the order in which reports show them.
	Arms   func(Settings) []attack.Arm
	Judge  func(Settings, []analysis.Block) Judgement
	Effect func([]analysis.Block) time.Duration // the size of what is measured
	// Prepare measures what the plan needs to know of this machine; nil for nothing.
	Prepare func(context.Context, *Settings) error
	// Extra keeps the claim out of the default set.
	Extra bool
}

// Settings is what a user may choose.
type Settings struct {
	Target target.Reference
	Rate   float64 // of the probe, requests a second
	Blocks int
	Seed   uint64
	Quick  bool // shorter runs
	Cores  int  // that the target can use
	Measured
	// LagBudget is how long other requests may wait for a chunk.
	LagBudget time.Duration
	// Database is for the claims about databases; an embedded one when empty.
	Database target.DSN
}

// Measured is what the plans need to know of this machine. A bench that goes on
// with another one takes it from there.
type Measured struct {
	Hash     time.Duration `json:"hash_ns"`                // that one hash takes
	Capacity float64       `json:"capacity_rps,omitempty"` // requests a second that the shedding claim's load can reach
	Compute  time.Duration `json:"compute_ns"`             // that /compute takes for computeNumber; 0 where no claim asks for it
	Insert   time.Duration `json:"insert_ns,omitempty"`    // a row of a database, inserted by itself
	Scan     time.Duration `json:"scan_ns,omitempty"`      // a scan of a database's documents
}

// Defaults of the settings.
const (
	DefaultRate      = 200
	DefaultBlocks    = 8
	QuickBlocks      = 6
	DefaultLagBudget = 10 * time.Millisecond
)

// spareBlocks is how many blocks may be run again, in all, because a generator
// was not to be trusted.
const spareBlocks = 2

// Judgement is a verdict with what illustrates it.
type Judgement struct {
	analysis.Verdict
	Recommendations []Recommendation
	Figures         []Figure
	Charts          []Chart
}

// Recommendation is a setting that a user can act on.
type Recommendation struct {
	Setting string // "chunk length"
	Value   float64
	Unit    string
	Reason  string
}

// Figure is a measure of a claim's own for each arm, such as a throughput.
type Figure struct {
	Name   string
	Unit   string
	Values map[string]float64 // by arm: the median over blocks
}

// Result is a claim that was run and judged.
type Result struct {
	Claim           Claim
	Verdict         analysis.Verdict
	Recommendations []Recommendation
	Arms            []analysis.ArmSummary
	Figures         []Figure
	Charts          []Chart
	Runs            []attack.Run // all of them
	Trusted         []attack.Run // those that the verdict stands on; charts show these
	Planned         int          // blocks
	Seed            uint64
	Took            time.Duration
	Partial         bool // interrupted, or the target failed
}

// All is every claim, in the order in which they are run.
func All() []Claim {
	return []Claim{
		chunking(), chunkSize(), offload(), poolSize(),
		shedding(),
		watching(),
		starvation(),
		iteration(),
		workerPool(),
		poolVictims(),
		shutdown(),
		fileRead(), fileCopy(), manyFiles(),
		dbInsert(), dbScan(), dbPool(),
		cache(), leak(),
	}
}

// Default is the claims that are run when none is named.
func Default() []Claim { return slices.DeleteFunc(All(), func(c Claim) bool { return c.Extra }) }

func (c Claim) effect(runs []attack.Run) time.Duration {
	return c.Effect(analysis.Blocks(runs, armNames(runs)...))
}

// judge leaves out the blocks that can't be trusted and judges the rest.
func (c Claim) judge(s Settings, runs []attack.Run) Result {
	arms := c.Arms(s)
	names := make([]string, len(arms))
	for i, a := range arms {
		names[i] = a.Name
	}
	kept, warnings, reasons := c.examine(runs)
	blocks := analysis.Blocks(kept, names...)
	r := Result{Claim: c, Runs: runs, Trusted: within(kept, blocks), Planned: s.Blocks, Seed: s.Seed}
	r.Arms = analysis.Summarize(r.Trusted, names)
	if len(blocks) == 0 {
		if r.Arms = analysis.Summarize(runs, names); len(r.Arms) > 0 {
			warnings = append(warnings, "the table shows all runs, since none can be judged")
		}
		r.Verdict = analysis.Verdict{Outcome: analysis.Invalid, Headline: "no block was run to its end", Warnings: warnings, Reasons: reasons}
		if len(reasons) > 0 {
			r.Verdict.Headline = "no block can be trusted"
		}
		return r
	}
	j := c.Judge(s, blocks)
	j.Blocks = len(blocks)
	j.Warnings = append(warnings, j.Warnings...)
	j.Reasons = append(reasons, j.Reasons...)
	if len(reasons) > 0 && len(blocks) < min(s.Blocks, analysis.BlocksFor(analysis.Confidence)) {
		j.Outcome = analysis.Invalid
	}
	describe(j.Charts, s, j.Verdict, runs)
	r.Verdict, r.Figures, r.Charts = j.Verdict, j.Figures, j.Charts
	if j.Outcome == analysis.Pass {
		r.Recommendations = j.Recommendations
	}
	return r
}

// within gives the runs that belong to the blocks.
func within(runs []attack.Run, blocks []analysis.Block) []attack.Run {
	complete := map[int]bool{}
	for _, b := range blocks {
		for _, r := range b {
			complete[r.Block] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(runs), func(r attack.Run) bool { return !complete[r.Block] })
}

// examine gives the runs whose generator can be trusted, what weakens them, and
// why the others can't.
func (c Claim) examine(runs []attack.Run) (kept []attack.Run, warnings []analysis.Warning, reasons []string) {
	effect := c.effect(runs)
	warned := 0
	for _, r := range runs {
		if r.Partial {
			continue
		}
		h := analysis.Examine(r, effect)
		for _, reason := range h.Invalid {
			reasons = append(reasons, fmt.Sprintf("block %d, %s, left out: %s", r.Block+1, r.Arm, reason))
		}
		if len(h.Invalid) > 0 {
			continue
		}
		kept = append(kept, r)
		if len(h.Warnings) > 0 {
			if warned++; warned == 1 {
				warnings = append(warnings, analysis.Warning(fmt.Sprintf("block %d, %s: %s", r.Block+1, r.Arm, h.Warnings[0])))
			}
		}
	}
	if warned > 1 {
		warnings = append(warnings, analysis.Warning(fmt.Sprintf("and %d more of %d runs with such a warning", warned-1, len(runs))))
	}
	return kept, warnings, reasons
}

// armNames gives the arms that occur in the runs.
func armNames(runs []attack.Run) []string {
	var names []string
	seen := map[string]bool{}
	for _, r := range runs {
		if !seen[r.Arm] {
			seen[r.Arm] = true
			names = append(names, r.Arm)
		}
	}
	return names
}

// Word is what a claim says for an outcome.
func Word(o analysis.Outcome) string {
	switch o {
	case analysis.Pass:
		return "proven"
	case analysis.Fail:
		return "not proven"
	}
	return string(o)
}
