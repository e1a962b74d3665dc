package reports

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
)

// Gate is what a gate found. Its reports are Table, Brief, JSON, JUnit, Markdown,
// Summary, Annotations and the pictures of GateCharts.
type Gate struct {
	Verdict gate.Verdict
	// Runs are those that the verdict was judged from, for the order of each block
	// and for the percentile curves; without them these are left out.
	Runs []attack.Run

	Title              string // what was driven: "GET /report"
	BaseName, HeadName string // commands or git refs, as they were given
	Rate               float64
	RateFrom           string // how the rate was come by: "given", "60 % of the 900/s that …"

	Began       time.Time // zero when unknown
	Took        time.Duration
	Environment attack.Environment // zero when unknown
	Version     string             // of looptest
	Charts      []string           // paths of its pictures

	// Partial is set when it was interrupted. Without it, an Error says that the
	// gate could not be run to its end, as when a target died.
	Partial bool
	Error   string
}

// Outcome is the verdict's, but that a gate which could not be run to its end
// passes nothing: it is inconclusive when it was interrupted, and invalid when
// there was an error. A regression that was found by then stays one.
func (g Gate) Outcome() analysis.Outcome {
	o := g.Verdict.Outcome
	if _, known := annotationKinds[o]; !known {
		o = analysis.Invalid
	}
	switch {
	case g.Error != "" && !g.Partial:
		return analysis.Worst(o, analysis.Invalid)
	case g.Partial:
		return analysis.Worst(o, analysis.Inconclusive)
	}
	return o
}

// partial says that more blocks were asked for than there are.
func (g Gate) partial() bool { return g.Partial || g.Verdict.Partial }

// finding is the answer in a line, with its number.
func (g Gate) finding() string {
	headline := realMinus(plainLine(g.Verdict.Headline))
	headline = strings.TrimPrefix(headline, string(g.Verdict.Outcome)+": ")
	switch {
	case g.Outcome() == g.Verdict.Outcome && headline != "":
		return headline
	case g.Error != "":
		return "it could not be run to its end: " + plainLine(g.Error)
	case g.Partial:
		return strings.Join(nonEmpty([]string{"interrupted, so that nothing passes", headline}), "; by then: ")
	case headline != "":
		return headline
	}
	return "nothing was measured"
}

// reasons are why it is not a pass, without what the finding says already. What
// is said of several metrics alike is said once.
func (g Gate) reasons() []string {
	var reasons []string
	if g.Error != "" {
		reasons = append(reasons, plainLine(g.Error))
	}
	of := map[string]int{} // where what is said of metrics stands in reasons
	for _, reason := range g.Verdict.Reasons {
		name, said, found := strings.Cut(reason, ": ")
		row, ok := g.row(name)
		if at, again := of[said]; ok && found && again {
			rest := realMinus(plainLine(": " + said))
			reasons[at] = strings.TrimSuffix(reasons[at], rest) + ", " + plain(name) + rest
			continue
		}
		if ok && row.Outcome == analysis.Fail && strings.Contains(g.Verdict.Headline, row.Statement()) {
			continue
		}
		if ok && found {
			of[said] = len(reasons)
		}
		reasons = append(reasons, realMinus(plainLine(reason)))
	}
	finding := g.finding()
	return slices.DeleteFunc(reasons, func(reason string) bool { return strings.HasSuffix(finding, reason) })
}

// row gives the metric of that name.
func (g Gate) row(name string) (gate.MetricVerdict, bool) {
	i := slices.IndexFunc(g.Verdict.Metrics, func(row gate.MetricVerdict) bool { return row.Name == name })
	if i < 0 {
		return gate.MetricVerdict{}, false
	}
	return g.Verdict.Metrics[i], true
}

// notes are the warnings, without those of lost blocks, which are told elsewhere.
func (g Gate) notes() []string {
	var notes []string
	for _, warning := range g.Verdict.Warnings {
		if !g.ofLost(string(warning)) {
			notes = append(notes, realMinus(plainLine(string(warning))))
		}
	}
	return notes
}

func (g Gate) ofLost(warning string) bool {
	if strings.HasPrefix(warning, "and ") && strings.HasSuffix(warning, " more lost blocks") {
		return true
	}
	return slices.ContainsFunc(g.Verdict.Lost, func(l gate.Lost) bool { return l.String() == warning })
}

// rows gives the metrics that decide in their order, then those that were to
// decide and don't, then those that are only reported.
func (g Gate) rows() []gate.MetricVerdict {
	rows := slices.Clone(g.Verdict.Metrics)
	slices.SortStableFunc(rows, func(a, b gate.MetricVerdict) int { return cmp.Compare(rank(a), rank(b)) })
	return rows
}

func rank(row gate.MetricVerdict) int {
	switch {
	case decides(row):
		return 0
	case row.Gated:
		return 1
	}
	return 2
}

// decides reports whether the outcome depends on the metric.
func decides(row gate.MetricVerdict) bool { return row.Outcome != gate.Informational }

// armOf says which side of the comparison a run is on; empty when on none.
func armOf(r attack.Run) attack.Look {
	switch {
	case r.Look == attack.LookBase || r.Look == attack.LookHead:
		return r.Look
	case r.Arm == string(attack.LookBase) || r.Arm == string(attack.LookHead):
		return attack.Look(r.Arm)
	}
	return ""
}

// trusted gives the blocks that the verdict stands on: complete, not lost, and up
// to the look that decided.
func (g Gate) trusted() []gateBlock {
	all := slices.DeleteFunc(g.blocks(), func(b gateBlock) bool {
		return b.lost != nil || b.base.Partial || b.head.Partial || len(b.base.Samples) == 0 || len(b.head.Samples) == 0
	})
	return all[:min(len(all), g.Verdict.Blocks)]
}

// gateBlock is all that is known of a block.
type gateBlock struct {
	number     int // from 0
	base, head attack.Run
	pairs      map[string]gate.Pair // by metric; none of a block that wasn't judged
	lost       *gate.Lost
}

// blocks gives every block that there is anything of, by number.
func (g Gate) blocks() []gateBlock {
	found := map[int]*gateBlock{}
	at := func(number int) *gateBlock {
		if found[number] == nil {
			found[number] = &gateBlock{number: number, pairs: map[string]gate.Pair{}}
		}
		return found[number]
	}
	for _, r := range g.Runs {
		switch armOf(r) {
		case attack.LookBase:
			at(r.Block).base = r
		case attack.LookHead:
			at(r.Block).head = r
		}
	}
	for _, row := range g.Verdict.Metrics {
		for _, p := range row.Pairs {
			at(p.Block).pairs[row.Name] = p
		}
	}
	for i, l := range g.Verdict.Lost {
		at(l.Number).lost = &g.Verdict.Lost[i]
	}
	blocks := make([]gateBlock, 0, len(found))
	for _, b := range found {
		blocks = append(blocks, *b)
	}
	slices.SortFunc(blocks, func(a, b gateBlock) int { return cmp.Compare(a.number, b.number) })
	return blocks
}

// order gives the arm of each of the block's slices, in turn: "base" or "head",
// or "both" in a duet. Nothing where the runs aren't known.
func (b gateBlock) order() []string {
	order := []string{}
	if b.base.Arm == "" || b.head.Arm == "" {
		return order
	}
	if len(b.base.Slices) == 0 || len(b.head.Slices) == 0 {
		return namedBy(b.base.Order <= b.head.Order)
	}
	places := map[int]string{}
	for _, s := range b.base.Slices {
		places[s.Place] = string(attack.LookBase)
	}
	for _, s := range b.head.Slices {
		if places[s.Place] != "" {
			places[s.Place] = bothArms
			continue
		}
		places[s.Place] = string(attack.LookHead)
	}
	var sorted []int
	for place := range places {
		sorted = append(sorted, place)
	}
	slices.Sort(sorted)
	for _, place := range sorted {
		order = append(order, places[place])
	}
	return order
}

const bothArms = "both"

func namedBy(baseFirst bool) []string {
	order := []string{string(attack.LookBase), string(attack.LookHead)}
	if !baseFirst {
		slices.Reverse(order)
	}
	return order
}
