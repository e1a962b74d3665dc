package reports

import (
	"fmt"
	"math"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// outlook says what the outcome leaves room for: after a pass, which changes are
// ruled out; while it is open, what could have been seen and how many more blocks
// it would take.
func (g Gate) outlook() []string {
	if g.Outcome() == analysis.Pass {
		return nonEmpty([]string{g.ruledOut()})
	}
	var lines []string
	if next, more := g.nextLook(); g.Verdict.Partial && more {
		lines = append(lines, fmt.Sprintf("the next look comes after %s: %d more", analysis.Count(next.Blocks, "block"), next.Blocks-g.Verdict.Blocks))
	}
	for _, row := range g.rows() {
		if g.open(row) {
			lines = append(lines, g.sight(row)...)
		}
	}
	return lines
}

// open says that a metric is why an outcome is, after a look: it stayed open, or
// was to decide and spread too much for it.
func (g Gate) open(row gate.MetricVerdict) bool {
	noisy := row.Gated && !decides(row) && g.Outcome() == analysis.Inconclusive
	return (row.Outcome == analysis.Inconclusive || noisy) && g.Outcome() != analysis.Invalid && len(g.Verdict.Looks) > 0
}

func (g Gate) nextLook() (gate.Look, bool) {
	for _, l := range g.Verdict.Design.Looks {
		if l.Blocks > g.Verdict.Blocks {
			return l, true
		}
	}
	return gate.Look{}, false
}

// ruledOut lists the upper bounds that a pass stands on. Where nothing was ever
// seen, as when no request failed, there is no bound worth a number.
func (g Gate) ruledOut() string {
	var parts []string
	level := 0.0
	for _, row := range g.rows() {
		if row.Outcome == analysis.Pass && len(row.Pairs) > 0 && isFinite(row.Level) && (row.Base != 0 || row.Head != 0 || row.Change.High > 0) {
			level = max(level, row.Level)
			parts = append(parts, fmt.Sprintf("%s above %s", plain(row.Name), changeWords(row.Metric, row.Change.High)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("ruled out, each with %s confidence: %s", alphaText(1-level), strings.Join(parts, ", "))
}

// sight says of an open metric what could have been seen of it.
func (g Gate) sight(row gate.MetricVerdict) []string {
	found, ok := g.detectable(row)
	if !ok {
		return nil
	}
	text := fmt.Sprintf("%s: %s find a change of %s four times in five", plain(row.Name), analysis.Count(len(row.Pairs), "block"), changeWords(row.Metric, found))
	if needed, ok := g.blocksNeeded(row); ok {
		return []string{fmt.Sprintf("%s; about %s more should settle it, if nothing else changes", text, about(needed-len(row.Pairs)))}
	}
	return []string{text + "; no reasonable number of blocks settles it: set another δ, or find a quieter machine"}
}

// detectable is the smallest change of a metric that as many blocks find with a
// power of 80 %, going by what it spread over them.
func (g Gate) detectable(row gate.MetricVerdict) (change float64, ok bool) {
	s, ok := g.sightOf(row, len(row.Pairs))
	return s.Found, ok && isFinite(s.Found)
}

// mostNeeded is up to how many blocks it is worth saying that they would settle
// a metric, and how many times those that there are.
const (
	mostNeeded      = 2000
	mostNeededTimes = 10
)

// blocksNeeded is how many blocks would settle an open metric with a power of
// 80 %, if its effect and its spread stay what they are.
func (g Gate) blocksNeeded(row gate.MetricVerdict) (blocks int, ok bool) {
	have := len(row.Pairs)
	for n := have + 1; n <= min(mostNeeded, have*mostNeededTimes); n++ {
		s, ok := g.sightOf(row, n)
		if !ok {
			return 0, false
		}
		if settles(row, s) {
			return n, true
		}
	}
	return 0, false
}

// settles says whether an effect as large as it seems would be judged: it fails
// when it is large and can be seen, and passes when what is left to δ can be.
func settles(row gate.MetricVerdict, s gate.Sight) bool {
	effect, limit := onDifferences(row.Metric, row.Change.Value), onDifferences(row.Metric, row.Delta)
	if effect >= limit {
		return onDifferences(row.Metric, s.Found) <= effect
	}
	return onDifferences(row.Metric, s.Passes) <= limit-effect
}

// sightOf is what that many blocks see of a metric.
func (g Gate) sightOf(row gate.MetricVerdict, blocks int) (gate.Sight, bool) {
	if len(row.Pairs) < 3 || blocks < 1 || !(row.Level > 0 && row.Level < 0.5) {
		return gate.Sight{}, false
	}
	d := make([]float64, len(row.Pairs))
	for i, p := range row.Pairs {
		d[i] = row.Difference(p.Base, p.Head)
	}
	spread := gate.Spread(d)
	if math.IsNaN(spread) || math.IsInf(spread, 0) {
		return gate.Sight{}, false
	}
	if spread == 0 && !row.Absolute {
		spread = 1e-6 // else the assumed one would be taken
	}
	design := gate.Design{Looks: []gate.Look{{Blocks: blocks, Alpha: row.Level, Clear: 1}}}
	return design.Detectable(row.Metric, g.Verdict.Family, spread)[0], true
}
