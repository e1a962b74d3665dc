package main

import (
	"fmt"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/cmd/internal/calibration"
)

// equal is the table of the gates that must not fail.
func (p *page) equal() {
	rows := p.of(isEqual)
	rows = append(rows, sum("**quiet**", p.of(isQuiet)...), sum("**a core kept busy**", p.of(isHog)...), sum("**all**", rows...))
	var lines [][]string
	for _, t := range rows {
		fails := t.shares[analysis.Fail]
		lines = append(lines, []string{t.cell.Title, fmt.Sprint(t.gates), calibration.Share(fails, t.gates), fmt.Sprint(t.shares[analysis.Pass]),
			fmt.Sprint(t.shares[analysis.Inconclusive]), fmt.Sprint(t.shares[analysis.Invalid]), calibration.Spread(t.took, "%.0f s")})
	}
	p.Line("## Equal arms, end to end")
	p.Line("")
	p.Line("Every fail is a false one.")
	p.Table([]string{"arms", "gates", "false fails", "pass", "inconclusive", "invalid", "time"}, lines)
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

// drawPower resamples the blocks of the doses.
func (p *page) drawPower(records map[string][]record, n int) {
	for _, c := range p.order {
		if c.Delta > 0 {
			p.power = append(p.power, redrawn(c, records[c.Name], n))
		}
	}
}

// redrawn is the table of what the default gate makes of the doses.
func (p *page) redrawn() {
	var lines [][]string
	for _, r := range p.power {
		if r.n == 0 {
			continue
		}
		lines = append(lines, []string{r.title, fmt.Sprintf("up to %d of %d", r.most, r.blocks), fmt.Sprint(r.n), calibration.Share(r.shares[analysis.Fail], r.n),
			fmt.Sprint(r.shares[analysis.Pass]), fmt.Sprint(r.shares[analysis.Inconclusive]), fmt.Sprint(r.shares[analysis.Invalid])})
	}
	p.Line("## Slower heads, resampled")
	p.Line("")
	p.Line("These are no further runs: each verdict draws its blocks from those of the gates")
	p.Line("above, and judges the dose's own metric alone by the default gate's looks, after")
	p.Line("%s blocks. The verdicts share their blocks, so that the intervals are too", looks(gate.DefaultDesign(1)))
	p.Line("narrow; the blocks of one dose were run at different times, on a machine that was")
	p.Line("not equally quiet.")
	p.Table([]string{"head", "blocks", "verdicts", "fails", "pass", "inconclusive", "invalid"}, lines)
}

// resampled is the table of the drawn verdicts.
func (p *page) resampled() {
	var lines [][]string
	for _, r := range p.drawn {
		drawn := fmt.Sprintf("up to %d of %d", r.most, r.blocks)
		if r.most > r.blocks {
			drawn += ", with repeats"
		}
		lines = append(lines, []string{r.title, drawn, fmt.Sprint(r.n), calibration.Share(r.shares[analysis.Fail], r.n), fmt.Sprint(r.shares[analysis.Pass]),
			fmt.Sprint(r.shares[analysis.Inconclusive]), fmt.Sprint(r.shares[analysis.Invalid])})
	}
	p.Line("## Equal arms, resampled")
	p.Line("")
	p.Line("These are no further runs: each verdict draws blocks from those of the equal arms")
	p.Line("above, and a coin says in each which arm is called the base. The verdicts share")
	p.Line("their blocks, so that they are worth less than as many gates, and the intervals")
	p.Line("are too narrow. The default gate is what `looptest gate` does when nothing is")
	p.Line("said: %s, an extension and %s.", analysis.Count(gate.DefaultBlocks, "block"), analysis.Count(gate.Default().Gated(), "gated metric"))
	p.Table([]string{"drawn from, judged by", "blocks", "verdicts", "false fails", "pass", "inconclusive", "invalid"}, lines)
}

// dosed is the table of the gates that should fail.
func (p *page) dosed() {
	var lines [][]string
	for _, t := range p.of(isDosed) {
		lines = append(lines, []string{t.cell.Title, calibration.Spread(t.doses, "%.2g δ"), changes(t.found), calibration.Share(t.shares[analysis.Fail], t.gates), calibration.Share(t.own, t.gates),
			fmt.Sprint(t.shares[analysis.Pass]), fmt.Sprint(t.shares[analysis.Inconclusive]), fmt.Sprint(t.shares[analysis.Invalid])})
	}
	p.Line("## Slower heads: power")
	p.Line("")
	p.Line("Dose: what the answers were held back by, in δ of what the gate's own base showed")
	p.Line("(median and range over the gates). Found: the change of the dose's metric, likewise;")
	p.Line("of the last two rows it is p99's. The metric itself: its own row failed; since a fixed")
	p.Line("time moves p50 by more δ than p99, p50 fails too under the doses of p99, and p99 is")
	p.Line("then held at the level that Holm's second step gives it. FAIL asks for an effect of")
	p.Line("at least δ, so that at 0.5 δ none is right and at 1 δ about half are.")
	p.Line("")
	p.Line("CPU time isn't gated here: to hold an answer back by a precise time costs some. When 1 %% of the")
	p.Line("answers stall, p99 is on the very edge of them, and a block shows it or not, as it comes. Where")
	p.Line("the loop is held every second, both arms are driven for %v in a block, not %v: else", heldTimes*lasts, lasts)
	p.Line("it depends on the order of the slices whether a block has such a hold in it at all.")
	p.Table([]string{"head", "dose", "found", "gate fails", "the metric itself", "pass", "inconclusive", "invalid"}, lines)
}

func changes(found []float64) string {
	scaled := make([]float64, len(found))
	for i, f := range found {
		scaled[i] = 100 * f
	}
	return calibration.Spread(scaled, "%+.1f %%")
}

// others is the table of what other gates would have said.
func (p *page) others() {
	head, names := []string{"arms", "gates", "looptest"}, []string(nil)
	p.Line("## The same recordings, judged in other ways")
	p.Line("")
	for _, o := range gate.Others() {
		p.Line("- %s: %s", o.Name, o.Does)
		names = append(names, o.Name)
		head = append(head, o.Name)
	}
	p.Line("")
	p.Line("How many fail. They see all blocks of a gate, those too that looptest leaves out.")
	rows := append(p.of(isEqual), sum("**all equal arms**", p.of(isEqual)...))
	var lines [][]string
	for _, t := range append(rows, p.of(isDosed)...) {
		line := []string{t.cell.Title, fmt.Sprint(t.gates), calibration.Share(t.shares[analysis.Fail], t.gates)}
		for _, name := range names {
			line = append(line, calibration.Share(t.failed[name], t.gates))
		}
		lines = append(lines, line)
	}
	p.Table(head, lines)
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
			calibration.Share(t.shares[analysis.Inconclusive]+t.shares[analysis.Invalid], t.gates),
			fmt.Sprint(t.open["p50"]), fmt.Sprint(t.open["p99"]), fmt.Sprint(t.shares[analysis.Invalid]), lost})
	}
	p.Line("## Where it abstains")
	if len(lines) == 0 {
		p.Line("")
		p.Line("Nowhere in these gates.")
		return
	}
	p.Line("")
	p.Line("A block is lost when the generator can't be trusted in it; a gate with more lost")
	p.Line("blocks than it makes up for (%d) is invalid.", spare)
	p.Table([]string{"arms", "inconclusive or invalid", "open: p50", "open: p99", "invalid", "lost blocks, and why the first"}, lines)
}
