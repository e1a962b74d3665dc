package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/cmd/internal/calibration"
)

// writeReport writes the tables of what is there.
func writeReport(a asked) error {
	records, err := all(store(a.out))
	if err != nil || a.doc == "" {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(a.doc), 0o755); err != nil {
		return err
	}
	return os.WriteFile(a.doc, report(records, a), 0o644)
}

// page is the report under way.
type page struct {
	calibration.Page
	rows  map[string]row
	order []cell
	drawn []resampled
	power []resampled // of the dosed cells with a metric and a dose in δ
}

// of are the rows of the cells that are wanted.
func (p *page) of(wanted func(cell) bool) []row {
	var rows []row
	for _, c := range p.order {
		if wanted(c) {
			rows = append(rows, p.rows[c.Name])
		}
	}
	return rows
}

func isEqual(c cell) bool { return c.Equal }
func isDosed(c cell) bool { return !c.Equal }
func isQuiet(c cell) bool { return c.Equal && !c.Hog }
func isHog(c cell) bool   { return c.Hog }

// report writes the whole page. It says nothing that isn't in the records.
func report(records map[string][]record, a asked) []byte {
	p := &page{rows: map[string]row{}, order: cells()}
	var all []record
	for _, c := range p.order {
		p.rows[c.Name] = tabulate(c, records[c.Name])
		all = append(all, records[c.Name]...)
	}
	p.Line("# How far the gate can be trusted")
	p.Line("")
	p.Line("`make gate-calibrate` wrote this page. It runs `looptest gate`'s own machinery on")
	p.Line("the reference server, end to end: with equal arms, which must not fail, and with")
	p.Line("heads that are slower by a known dose, which should.")
	p.Line("")
	if len(all) == 0 {
		p.Line("No gate has been run yet.")
		return p.Bytes()
	}
	p.draw(records, a.resampled)
	p.drawPower(records, min(a.resampled, powerVerdicts))
	p.conditions(all, a)
	p.aims()
	p.equal()
	p.resampled()
	p.dosed()
	p.redrawn()
	p.others()
	p.abstained(settings(all[0].Design).Spare)
	return p.Bytes()
}

// conditions says what was run, when and where.
func (p *page) conditions(all []record, a asked) {
	first, last := all[0].Began, all[0].Began
	var machines []string
	for _, r := range all {
		if r.Began.Before(first) {
			first = r.Began
		}
		if r.Began.After(last) {
			last = r.Began
		}
		if !slices.Contains(machines, r.Machine) {
			machines = append(machines, r.Machine)
		}
	}
	const day = "2006-01-02 15:04"
	design := all[0].Design
	p.Line("- Date: %s to %s UTC", first.UTC().Format(day), last.UTC().Format(day))
	for _, m := range machines {
		p.Line("- Machine: %s", m)
	}
	if len(machines) > 1 {
		p.Line("- These are %d machines or toolchains: the rows below mix them.", len(machines))
	}
	equal, dosed := sum("", p.of(isEqual)...), sum("", p.of(isDosed)...)
	p.Line("- Run: %d gates with equal arms (%d were asked for), %d with a dose (%d of each of %d doses were asked for)",
		equal.gates, a.aa, dosed.gates, a.ab, len(p.of(isDosed)))
	p.Line("- Time per verdict: %s", calibration.Spread(append(equal.took, dosed.took...), "%.0f s"))
	p.Line("- One-minute load before a gate, median and range: %s quiet, %s with a core kept busy",
		calibration.Spread(append(sum("", p.of(isQuiet)...).loads, dosed.loads...), "%.1f"), calibration.Spread(sum("", p.of(isHog)...).loads, "%.1f"))
	p.Line("- The short gate: `%s` at %d/s, %d requests per arm and block, slices of %s, fresh processes and a warm-up of %s in each block;",
		path, rate, int(rate*lasts/time.Second), analysis.Human(slice), analysis.Human(warmup))
	p.Line("  p50 (δ %s) and p99 (δ %s) decide, α = %s; looks after %s blocks. %d blocks are the fewest with which two metrics can fail.",
		calibration.Percent(delta("p50")), calibration.Percent(delta("p99")), calibration.Percent(design.Alpha), looks(design), shortest())
	p.Line("- The route waits 5 ms on a timer, so that a dose of a few percent stands out against what is random in a")
	p.Line("  millisecond of work on a small machine. A dose holds every answer back by a fixed time, which moves every")
	p.Line("  quantile of the response time by as much; it is a share of what equal arms showed shortly before.")
	p.Line("- One of them by hand: `%s`", byHand(design))
	p.Line("- Intervals are exact binomial ones (Clopper–Pearson), two-sided at 95 %% where nothing else is said. Shares are")
	p.Line("  of all gates that were run, the invalid ones too.")
	p.Line("")
}

// byHand is the command that runs such a gate.
func byHand(d gate.Design) string {
	const serve = "looptest serve --pool-size " + poolSize + " --unit " + unit
	args := []string{
		"looptest gate", "--base '" + serve + "'", "--head '" + serve + " --slow-down 387us'", "--url '" + path + "'",
		fmt.Sprintf("--rate %d/s --duration %v --slice %v --warmup %v --blocks %d", rate, lasts, slice, warmup, d.Regular()),
	}
	if d.Most() == d.Regular() {
		args = append(args, "--no-extension")
	}
	for _, m := range settings(d).Metrics {
		switch set := slices.IndexFunc(gate.Metrics(), func(of gate.Metric) bool { return of.Name == m.Name && of.Gated }); {
		case m.Gated:
			args = append(args, fmt.Sprintf("--metric %s=%g%%", m.Name, 100*m.Delta))
		case set >= 0:
			args = append(args, "--metric "+m.Name+"=off")
		}
	}
	return strings.Join(args, " ")
}

func looks(d gate.Design) string {
	var at []string
	for _, l := range d.Looks {
		at = append(at, fmt.Sprint(l.Blocks))
	}
	return strings.Join(at, " and ")
}

// aimed are the aims of the calibration.
const (
	aimFalse = 0.01
	aimPower = 0.8
	aimDose  = 1.5
)

// aims sets what was found beside what was aimed at.
func (p *page) aims() {
	var rows [][]string
	equal := sum("", p.of(isEqual)...)
	if fails := equal.shares[analysis.Fail]; equal.gates > 0 {
		met := "open: more gates would tell"
		switch high := calibration.AtMost(fails, equal.gates); {
		case high <= aimFalse:
			met = "shown"
		case calibration.AtLeast(fails, equal.gates) > aimFalse:
			met = "missed"
		}
		rows = append(rows, []string{"false fails, end to end", "at most " + calibration.Percent(aimFalse),
			fmt.Sprintf("%d of %d: at most %s (one-sided, 95 %%)", fails, equal.gates, calibration.Percent(calibration.AtMost(fails, equal.gates))), met})
	}
	for _, r := range p.drawn {
		fails := r.shares[analysis.Fail]
		rows = append(rows, []string{"false fails, resampled: " + r.title, "at most " + calibration.Percent(aimFalse),
			fmt.Sprintf("%d of %d: at most %s, were they independent", fails, r.n, calibration.Percent(calibration.AtMost(fails, r.n))), "they share their blocks"})
	}
	for _, t := range p.of(func(c cell) bool { return c.Delta == aimDose }) {
		if t.gates == 0 {
			rows = append(rows, []string{fmt.Sprintf("power at %g δ of %s, the short gate", aimDose, t.cell.Metric), "at least " + calibration.Percent(aimPower), "–", "not run"})
			continue
		}
		met := "open: more gates would tell"
		switch {
		case calibration.AtLeast(t.own, t.gates) >= aimPower:
			met = "shown"
		case calibration.AtMost(t.own, t.gates) < aimPower:
			met = "missed"
		case float64(t.own) >= aimPower*float64(t.gates):
			met = "reached, not shown: the interval reaches below"
		}
		rows = append(rows, []string{fmt.Sprintf("power at %g δ of %s, the short gate", aimDose, t.cell.Metric), "at least " + calibration.Percent(aimPower), calibration.Share(t.own, t.gates), met})
	}
	p.Line("## Aims")
	p.Table([]string{"what", "aim", "found", ""}, rows)
}
