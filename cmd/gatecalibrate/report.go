package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// writeReport writes the tables of what is there.
func writeReport(a asked) error {
	records, err := store(a.out).all()
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
	bytes.Buffer
	rows  map[string]row
	order []cell
	drawn []resampled
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// table writes a Markdown table.
func (p *page) table(head []string, rows [][]string) {
	p.line("")
	p.line("| %s |", strings.Join(head, " | "))
	p.line("|%s", strings.Repeat(" --- |", len(head)))
	for _, r := range rows {
		p.line("| %s |", strings.Join(r, " | "))
	}
	p.line("")
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
	p.line("# How far the gate can be trusted")
	p.line("")
	p.line("`make gate-calibrate` wrote this page. It runs `looptest gate`'s own machinery on")
	p.line("the reference server, end to end: with equal arms, which must not fail, and with")
	p.line("heads that are slower by a known dose, which should.")
	p.line("")
	if len(all) == 0 {
		p.line("No gate has been run yet.")
		return p.Bytes()
	}
	p.draw(records, a.resampled)
	p.conditions(all, a)
	p.aims()
	p.equal()
	p.resampled()
	p.dosed()
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
	p.line("- Date: %s to %s UTC", first.UTC().Format(day), last.UTC().Format(day))
	for _, m := range machines {
		p.line("- Machine: %s", m)
	}
	if len(machines) > 1 {
		p.line("- These are %d machines or toolchains: the rows below mix them.", len(machines))
	}
	equal, dosed := sum("", p.of(isEqual)...), sum("", p.of(isDosed)...)
	p.line("- Run: %d gates with equal arms (%d were asked for), %d with a dose (%d of each of %d doses were asked for)",
		equal.gates, a.aa, dosed.gates, a.ab, len(p.of(isDosed)))
	p.line("- Time per verdict: %s", spread(append(equal.took, dosed.took...), "%.0f s"))
	p.line("- One-minute load before a gate, median and range: %s quiet, %s with a core kept busy",
		spread(append(sum("", p.of(isQuiet)...).loads, dosed.loads...), "%.1f"), spread(sum("", p.of(isHog)...).loads, "%.1f"))
	p.line("- The short gate: `%s` at %d/s, %d requests per arm and block, slices of %s, fresh processes and a warm-up of %s in each block;",
		path, rate, int(rate*lasts/time.Second), analysis.Human(slice), analysis.Human(warmup))
	p.line("  p50 (δ %s) and p99 (δ %s) decide, α = %s; looks after %s blocks. %d blocks are the fewest with which two metrics can fail.",
		percent(delta("p50")), percent(delta("p99")), percent(design.Alpha), looks(design), shortest())
	p.line("- The route waits 5 ms on a timer, so that a dose of a few percent stands out against what is random in a")
	p.line("  millisecond of work on a small machine. A dose holds every answer back by a fixed time, which moves every")
	p.line("  quantile of the response time by as much; it is a share of what equal arms showed shortly before.")
	p.line("- One of them by hand: `%s`", byHand(design))
	p.line("- Intervals are exact binomial ones (Clopper–Pearson), two-sided at 95 %% where nothing else is said. Shares are")
	p.line("  of all gates that were run, the invalid ones too.")
	p.line("")
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
		switch high := atMost(fails, equal.gates); {
		case high <= aimFalse:
			met = "shown"
		case atLeast(fails, equal.gates) > aimFalse:
			met = "missed"
		}
		rows = append(rows, []string{"false fails, end to end", "at most " + percent(aimFalse),
			fmt.Sprintf("%d of %d: at most %s (one-sided, 95 %%)", fails, equal.gates, percent(atMost(fails, equal.gates))), met})
	}
	for _, r := range p.drawn {
		fails := r.shares[analysis.Fail]
		rows = append(rows, []string{"false fails, resampled: " + r.title, "at most " + percent(aimFalse),
			fmt.Sprintf("%d of %d: at most %s, were they independent", fails, r.n, percent(atMost(fails, r.n))), "they share their blocks"})
	}
	for _, t := range p.of(func(c cell) bool { return c.Delta == aimDose }) {
		if t.gates == 0 {
			rows = append(rows, []string{fmt.Sprintf("power at %g δ of %s", aimDose, t.cell.Metric), "at least " + percent(aimPower), "–", "not run"})
			continue
		}
		met := "open: more gates would tell"
		switch {
		case atLeast(t.own, t.gates) >= aimPower:
			met = "shown"
		case atMost(t.own, t.gates) < aimPower:
			met = "missed"
		case float64(t.own) >= aimPower*float64(t.gates):
			met = "reached, not shown: the interval reaches below"
		}
		rows = append(rows, []string{fmt.Sprintf("power at %g δ of %s", aimDose, t.cell.Metric), "at least " + percent(aimPower), share(t.own, t.gates), met})
	}
	p.line("## Aims")
	p.table([]string{"what", "aim", "found", ""}, rows)
}
