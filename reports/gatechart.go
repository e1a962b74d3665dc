package reports

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// GateChart is a picture of a gate.
type GateChart string

// The pictures of a gate.
const (
	GateForest      GateChart = "forest"      // each metric's change with its interval, in δ
	GateBlocks      GateChart = "blocks"      // base and head of every block, joined
	GatePercentiles GateChart = "percentiles" // the response times of both arms
)

// GateCharts are all of them, in the order of a report.
var GateCharts = []GateChart{GateForest, GateBlocks, GatePercentiles}

// drawers of a gate's pictures; subtitle and foot are set by Draw.
var gateDrawers = map[GateChart]func(Gate) (figure, error){
	GateForest:      gateForest,
	GateBlocks:      gateSlopes,
	GatePercentiles: gatePercentiles,
}

// Draw writes a picture of the gate in one of Formats: 1600 pixels wide and at
// least 900 high. ErrNothingToDraw is in its error when there are no blocks, or
// for the percentiles no runs. Nothing is written when there is an error.
func (g Gate) Draw(w io.Writer, format string, chart GateChart) error {
	if !slices.Contains(Formats, format) {
		return unknownFormat(format)
	}
	drawer, ok := gateDrawers[chart]
	if !ok {
		return fmt.Errorf("unknown chart %q of a gate", chart)
	}
	f, err := drawer(g)
	if err != nil {
		return fmt.Errorf("chart %q: %w", chart, err)
	}
	f.subtitle = g.subtitle()
	f.foot = strings.Join(nonEmpty([]string{g.foot(), f.foot}), between)
	if err := f.write(w, format); err != nil {
		return fmt.Errorf("chart %q: %w", chart, err)
	}
	return nil
}

// subtitle says what was compared and how much of it.
func (g Gate) subtitle() string {
	parts := []string{plain(g.Title), "base: " + named(g.BaseName), "head: " + named(g.HeadName), analysis.Count(g.Verdict.Blocks, "block")}
	if g.Rate > 0 && isFinite(g.Rate) {
		parts = append(parts, rateText(g.Rate)+" to each arm")
	}
	if n := len(g.Verdict.Lost); n > 0 {
		parts = append(parts, analysis.Count(n, "lost block"))
	}
	if g.partial() {
		parts = append(parts, "cut short")
	}
	return strings.Join(nonEmpty(parts), between)
}

func (g Gate) foot() string {
	parts := []string{g.machine()}
	if g.Environment.Target != "" {
		parts = append([]string{"target: " + plain(g.Environment.Target)}, parts...)
	}
	if !g.Began.IsZero() {
		parts = append(parts, g.Began.Format(time.DateOnly))
	}
	parts = append(parts, fmt.Sprintf("seed %x", g.Verdict.Seed))
	if g.Version != "" {
		parts = append(parts, "looptest "+plain(g.Version))
	}
	return strings.Join(nonEmpty(parts), between)
}

// lead is the metric that a title is about: of those that the outcome is about the
// most changed one, else the most changed one of all.
func (g Gate) lead(rows []gate.MetricVerdict) (gate.MetricVerdict, bool) {
	weight := func(row gate.MetricVerdict) float64 {
		v := inDeltas(row.Metric, row.Change.Value)
		switch {
		case len(row.Pairs) == 0 || math.IsNaN(v):
			return math.Inf(-1)
		case g.about(row):
			return v + 2e12
		case decides(row):
			return v + 1e12
		}
		return v
	}
	if len(rows) == 0 {
		return gate.MetricVerdict{}, false
	}
	most := slices.MaxFunc(rows, func(a, b gate.MetricVerdict) int { return cmp.Compare(weight(a), weight(b)) })
	return most, !math.IsInf(weight(most), -1)
}

// about reports whether the outcome is about the metric: it has the same one, or
// left the outcome open.
func (g Gate) about(row gate.MetricVerdict) bool { return row.Outcome == g.Outcome() || g.open(row) }

// answer is the outcome as a title begins.
func (g Gate) answer() string {
	switch g.Outcome() {
	case analysis.Pass:
		return "no regression"
	case analysis.Fail:
		return "regression"
	case analysis.Inconclusive:
		return "not decided"
	}
	return "invalid"
}

// reason is the finding, to stand behind the answer.
func (g Gate) reason() string { return strings.TrimPrefix(g.finding(), g.answer()+": ") }

// measuredRows are the metrics with blocks, as a table has them.
func (g Gate) measuredRows() []gate.MetricVerdict {
	return slices.DeleteFunc(g.rows(), func(row gate.MetricVerdict) bool { return len(row.Pairs) == 0 })
}
