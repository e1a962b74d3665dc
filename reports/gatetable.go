package reports

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
)

// spareGateColumns are left out of a table, in this order, when the terminal is
// too narrow; the JSON has them all.
var spareGateColumns = []string{"adjusted p", "base", "head", "δ", "interval"}

// Table writes a row for each metric, then the outcome in a sentence, what it
// leaves open, what it stands on, the warnings and where the charts are.
func (g Gate) Table(w io.Writer, s Style) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "\n%s   %s\n", s.paint(ansiBold, "GATE"), g.compared())
		if err := g.metricTable(w, s); err != nil {
			return err
		}
		fmt.Fprintf(w, "\n  %s   %s\n", s.judged(g.Outcome(), markedOutcome(g.Outcome())), g.finding())
		for _, reason := range g.reasons() {
			fmt.Fprintf(w, "  %s %s\n", s.paint(ansiRed, "!"), reason)
		}
		for _, f := range g.facts() {
			fmt.Fprintf(w, "  %-8s %s\n", f.about, f.text)
		}
		for _, note := range g.notes() {
			fmt.Fprintf(w, "  %s %s\n", s.paint(ansiYellow, "!"), note)
		}
		if len(g.Charts) > 0 {
			fmt.Fprintf(w, "  see      %s\n", plainLine(strings.Join(g.Charts, ", ")))
		}
		return nil
	})
}

// Brief writes the outcome in a line, and a line for each metric that didn't
// pass.
func (g Gate) Brief(w io.Writer) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "%s: %s\n", g.Outcome(), g.finding())
		for _, row := range g.rows() {
			if decides(row) && row.Outcome != analysis.Pass {
				fmt.Fprintf(w, "%s %s, δ %s\n", outcomeMarks[row.Outcome], statement(row), deltaWords(row.Metric))
			}
		}
		return nil
	})
}

// compared says what stands against what.
func (g Gate) compared() string {
	return strings.Join(nonEmpty([]string{plain(g.Title), "base " + named(g.BaseName), "head " + named(g.HeadName)}), between)
}

func named(name string) string {
	if name == "" {
		return "(not named)"
	}
	return plain(name)
}

func (g Gate) metricTable(w io.Writer, s Style) error {
	grid := g.grid()
	if len(grid.rows) == 0 {
		return nil
	}
	var text strings.Builder
	if err := grid.write(&text, Style{Width: s.Width}); err != nil {
		return err
	}
	rows := g.rows()
	for i, line := range strings.Split(strings.TrimRight(text.String(), "\n"), "\n") {
		if i > 0 && i <= len(rows) { // below the header
			word := markedOutcome(rows[i-1].Outcome)
			if at := strings.LastIndex(line, word); at >= 0 {
				line = line[:at] + s.judged(rows[i-1].Outcome, word) + line[at+len(word):]
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	return nil
}

// grid is the table of the metrics.
func (g Gate) grid() grid {
	t := grid{
		header: []string{"metric", "base", "head", "change", "interval", "δ", "adjusted p", "verdict"},
		names:  1, spare: spareGateColumns,
	}
	for _, row := range g.rows() {
		cells := []string{metricTitle(row.Metric), unknown, unknown, unknown, unknown, deltaWords(row.Metric), unknown}
		if len(row.Pairs) > 0 {
			cells[1], cells[2] = valueWords(row.Metric, row.Base), valueWords(row.Metric, row.Head)
			cells[3], cells[4] = changeWords(row.Metric, row.Change.Value), rangeWords(row)
		}
		if decides(row) && len(row.Pairs) > 0 {
			cells[6] = pText(row.Adjusted)
		}
		t.rows = append(t.rows, append(cells, markedOutcome(row.Outcome)))
	}
	return t
}

// facts are what the verdict leaves open and what it stands on.
func (g Gate) facts() []fact {
	var facts []fact
	add := func(about, text string) {
		if text != "" {
			facts = append(facts, fact{about, text})
		}
	}
	about := "sees"
	if g.Outcome() == analysis.Pass {
		about = "bounds"
	}
	for _, line := range g.outlook() {
		add(about, line)
	}
	add("gated", g.gatedText())
	add("blocks", g.blocksText())
	for _, text := range g.lostTexts() {
		add("lost", text)
	}
	add("looks", g.looksText())
	add("null", g.nullText())
	add("rate", g.rateText())
	add("machine", g.machine())
	return facts
}

// gatedText says which metrics decide, and which are only there to be read.
func (g Gate) gatedText() string {
	var names [2][]string
	for _, row := range g.rows() {
		i := 1
		if decides(row) {
			i = 0
		}
		names[i] = append(names[i], plain(row.Name))
	}
	if len(names[0])+len(names[1]) == 0 {
		return ""
	}
	text := "nothing decides"
	if len(names[0]) > 0 {
		text = strings.Join(names[0], ", ") + " decide together (Holm)"
	}
	if len(names[1]) > 0 {
		text += "; reported only: " + strings.Join(names[1], ", ")
	}
	return text
}

// blocksText says how many blocks there are and how their coin fell.
func (g Gate) blocksText() string {
	if g.Verdict.Blocks == 0 && len(g.Verdict.Design.Looks) == 0 {
		return ""
	}
	parts := []string{fmt.Sprintf("judged on %d of at most %d", g.Verdict.Blocks, max(g.Verdict.Design.Most(), g.Verdict.Blocks))}
	first := map[string]int{}
	for _, b := range g.blocks() {
		if order := b.order(); len(order) > 0 && len(b.pairs) > 0 {
			first[order[0]]++
		}
	}
	switch {
	case first[bothArms] > 0:
		parts = append(parts, "both arms driven at once")
	case len(first) > 0:
		parts = append(parts, fmt.Sprintf("coin: base first in %d, head first in %d", first[string(attack.LookBase)], first[string(attack.LookHead)]))
	}
	parts = append(parts, fmt.Sprintf("seed %x", g.Verdict.Seed))
	if n := len(g.Verdict.Lost); n > 0 {
		parts = append(parts, fmt.Sprintf("%d lost", n))
	}
	return strings.Join(parts, between)
}

// mostLost is how many lost blocks a table tells of.
const mostLost = 5

func (g Gate) lostTexts() []string {
	var texts []string
	for i, l := range g.Verdict.Lost {
		if i == mostLost {
			return append(texts, fmt.Sprintf("and %d more; the JSON has them all", len(g.Verdict.Lost)-i))
		}
		texts = append(texts, plainLine(l.String()))
	}
	return texts
}

// looksText says when the blocks were looked at, with which error, and what was
// seen.
func (g Gate) looksText() string {
	var parts []string
	for i, l := range g.Verdict.Design.Looks {
		text := fmt.Sprintf("after %d (α %s", l.Blocks, alphaText(l.Alpha))
		if l.Extension {
			text += ", the extension"
		}
		text += "): not needed"
		if i < len(g.Verdict.Looks) {
			text = strings.TrimSuffix(text, "not needed") + string(g.Verdict.Looks[i].Outcome)
		} else if g.partial() || !g.Verdict.Final {
			text = strings.TrimSuffix(text, "not needed") + "not reached"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, between)
}

// nullText is how the base compares with itself.
func (g Gate) nullText() string {
	if len(g.Verdict.Null) == 0 {
		return ""
	}
	most := slices.MaxFunc(g.Verdict.Null, func(a, b gate.Null) int {
		return cmp.Compare(math.Abs(g.drift(a)), math.Abs(g.drift(b)))
	})
	drift := fmt.Sprintf("%s %s", plain(most.Metric), changeWords(g.metric(most.Metric), most.Change.Value))
	var failed []string
	for _, n := range g.Verdict.Null {
		if n.Failed {
			failed = append(failed, plain(n.Metric))
		}
	}
	if len(failed) > 0 {
		return fmt.Sprintf("base against itself, half of each block against the other: FAILED for %s; most: %s", strings.Join(failed, ", "), drift)
	}
	return fmt.Sprintf("base against itself, half of each block against the other: held; most: %s (p %s)", drift, pText(most.P))
}

// drift is a null's change in δ.
func (g Gate) drift(n gate.Null) float64 {
	if v := inDeltas(g.metric(n.Metric), n.Change.Value); !math.IsNaN(v) {
		return v
	}
	return 0
}

func (g Gate) metric(name string) gate.Metric {
	if row, ok := g.row(name); ok {
		return row.Metric
	}
	return gate.Metric{Name: name}
}

func (g Gate) rateText() string {
	if g.Rate <= 0 || !isFinite(g.Rate) {
		return plainLine(g.RateFrom)
	}
	return strings.Join(nonEmpty([]string{rateText(g.Rate) + " to each arm", plainLine(g.RateFrom)}), between)
}

// machine is where it was measured; empty when that isn't known.
func (g Gate) machine() string {
	if g.Environment.OS == "" {
		return ""
	}
	return plainLine(g.Environment.Machine())
}
