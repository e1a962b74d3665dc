package main

import (
	"fmt"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// equal is the table of the gates that must not fail.
func (p *page) equal() {
	rows := p.of(isEqual)
	rows = append(rows, sum("**quiet**", p.of(isQuiet)...), sum("**a core kept busy**", p.of(isHog)...), sum("**all**", rows...))
	var lines [][]string
	for _, t := range rows {
		fails := t.shares[analysis.Fail]
		lines = append(lines, []string{t.cell.Title, fmt.Sprint(t.gates), share(fails, t.gates), fmt.Sprint(t.shares[analysis.Pass]),
			fmt.Sprint(t.shares[analysis.Inconclusive]), fmt.Sprint(t.shares[analysis.Invalid]), spread(t.took, "%.0f s")})
	}
	p.line("## Equal arms, end to end")
	p.line("")
	p.line("Every fail is a false one.")
	p.table([]string{"arms", "gates", "false fails", "pass", "inconclusive", "invalid", "time"}, lines)
}

// draw resamples the blocks of the equal arms.
func (p *page) draw(records map[string][]record, n int) {
	var quiet, noisy []record
	for _, c := range p.order {
		switch {
		case isQuiet(c):
			quiet = append(quiet, records[c.Name]...)
		case isHog(c):
			noisy = append(noisy, records[c.Name]...)
		}
	}
	p.drawn = append(resample("quiet", quiet, n), resample("a core kept busy", noisy, n)...)
}

// resampled is the table of the drawn verdicts.
func (p *page) resampled() {
	var lines [][]string
	for _, r := range p.drawn {
		drawn := fmt.Sprintf("up to %d of %d", r.most, r.blocks)
		if r.most > r.blocks {
			drawn += ", with repeats"
		}
		lines = append(lines, []string{r.title, drawn, fmt.Sprint(r.n), share(r.shares[analysis.Fail], r.n), fmt.Sprint(r.shares[analysis.Pass]),
			fmt.Sprint(r.shares[analysis.Inconclusive]), fmt.Sprint(r.shares[analysis.Invalid])})
	}
	p.line("## Equal arms, resampled")
	p.line("")
	p.line("These are no further runs: each verdict draws blocks from those of the equal arms")
	p.line("above, and a coin says in each which arm is called the base. The verdicts share")
	p.line("their blocks, so that they are worth less than as many gates, and the intervals")
	p.line("are too narrow. The default gate is what `looptest gate` does when nothing is")
	p.line("said: %s, an extension and %s.", analysis.Count(gate.DefaultBlocks, "block"), analysis.Count(gate.Default().Gated(), "gated metric"))
	p.table([]string{"drawn from, judged by", "blocks", "verdicts", "false fails", "pass", "inconclusive", "invalid"}, lines)
}

// dosed is the table of the gates that should fail.
func (p *page) dosed() {
	var lines [][]string
	for _, t := range p.of(isDosed) {
		lines = append(lines, []string{t.cell.Title, spread(t.doses, "%.2g δ"), changes(t.found), share(t.shares[analysis.Fail], t.gates), share(t.own, t.gates),
			fmt.Sprint(t.shares[analysis.Pass]), fmt.Sprint(t.shares[analysis.Inconclusive]), fmt.Sprint(t.shares[analysis.Invalid])})
	}
	p.line("## Slower heads: power")
	p.line("")
	p.line("Dose: what the answers were held back by, in δ of what the gate's own base showed")
	p.line("(median and range over the gates). Found: the change of the dose's metric, likewise;")
	p.line("of the last two rows it is p99's. The metric itself: its own row failed; since a fixed")
	p.line("time moves p50 by more δ than p99, p50 fails too under the doses of p99, and p99 is")
	p.line("then held at the level that Holm's second step gives it. FAIL asks for an effect of")
	p.line("at least δ, so that at 0.5 δ none is right and at 1 δ about half are.")
	p.line("")
	p.line("CPU time isn't gated here: to hold an answer back by a precise time costs some. When 1 %% of the")
	p.line("answers stall, p99 is on the very edge of them, and a block shows it or not, as it comes. Where")
	p.line("the loop is held every second, both arms are driven for %v in a block, not %v: else", heldTimes*lasts, lasts)
	p.line("it depends on the order of the slices whether a block has such a hold in it at all.")
	p.table([]string{"head", "dose", "found", "gate fails", "the metric itself", "pass", "inconclusive", "invalid"}, lines)
}

func changes(found []float64) string {
	scaled := make([]float64, len(found))
	for i, f := range found {
		scaled[i] = 100 * f
	}
	return spread(scaled, "%+.1f %%")
}

// others is the table of what other gates would have said.
func (p *page) others() {
	head, names := []string{"arms", "gates", "looptest"}, []string(nil)
	p.line("## The same recordings, judged in other ways")
	p.line("")
	for _, o := range gate.Others() {
		p.line("- %s: %s", o.Name, o.Does)
		names = append(names, o.Name)
		head = append(head, o.Name)
	}
	p.line("")
	p.line("How many fail. They see all blocks of a gate, those too that looptest leaves out.")
	rows := append(p.of(isEqual), sum("**all equal arms**", p.of(isEqual)...))
	var lines [][]string
	for _, t := range append(rows, p.of(isDosed)...) {
		line := []string{t.cell.Title, fmt.Sprint(t.gates), share(t.shares[analysis.Fail], t.gates)}
		for _, name := range names {
			line = append(line, share(t.failed[name], t.gates))
		}
		lines = append(lines, line)
	}
	p.table(head, lines)
}

// abstained is the table of where the gate says neither pass nor fail.
func (p *page) abstained(spare int) {
	var lines [][]string
	for _, t := range append(p.of(isEqual), p.of(isDosed)...) {
		if t.gates == 0 || t.shares[analysis.Inconclusive]+t.shares[analysis.Invalid] == 0 {
			continue
		}
		lost := fmt.Sprintf("%d of %d", t.lost, t.tried)
		if t.first != "" {
			lost += ": " + t.first
		}
		lines = append(lines, []string{t.cell.Title,
			share(t.shares[analysis.Inconclusive]+t.shares[analysis.Invalid], t.gates),
			fmt.Sprint(t.open["p50"]), fmt.Sprint(t.open["p99"]), fmt.Sprint(t.shares[analysis.Invalid]), lost})
	}
	p.line("## Where it abstains")
	if len(lines) == 0 {
		p.line("")
		p.line("Nowhere in these gates.")
		return
	}
	p.line("")
	p.line("A block is lost when the generator can't be trusted in it; a gate with more lost")
	p.line("blocks than it makes up for (%d) is invalid.", spare)
	p.table([]string{"arms", "inconclusive or invalid", "open: p50", "open: p99", "invalid", "lost blocks, and why the first"}, lines)
}
