package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/reports"
)

// gateFile is a gate's verdict, within its folder.
const gateFile = "gate.json"

// end judges, saves, reports and gives the exit code. Without runs, stopped is why
// there are none.
func (g *gating) end(ctx context.Context, runs []attack.Run, stopped error) error {
	interrupted := ctx.Err() != nil
	if interrupted && !g.begun {
		g.unmake()
		return failure{exitInterrupted, errors.New("interrupted before a block came to its end")}
	}
	r := g.report(runs, stopped, interrupted)
	failed := g.save(&r)
	if err := printTrouble(g.print(r, stopped)); err != nil && !errors.Is(err, errNobodyReads) {
		failed = errors.Join(failed, err)
	}
	var differ errDiffer
	switch {
	case interrupted:
		return failure{exitInterrupted, errors.Join(fmt.Errorf("interrupted; what was measured is in %s", g.out), failed)}
	case stopped != nil && !errors.As(stopped, &differ):
		failed = errors.Join(stopped, failed)
	}
	if failed == nil {
		return outcomeExit(r.Outcome())
	}
	if r.Outcome() == analysis.Fail { // it wins over what could not be done
		return failure{exitFail, failed}
	}
	return unable(failed)
}

// unmake leaves nothing behind of a gate that never came to a block.
func (g *gating) unmake() {
	for _, folder := range g.made {
		os.Remove(folder) // unless there is something in it
	}
}

func (g *gating) report(runs []attack.Run, stopped error, interrupted bool) reports.Gate {
	r := reports.Gate{
		Runs: runs, Title: asked(g.scenario), BaseName: g.baseName, HeadName: g.headName, Rate: g.rate, RateFrom: g.rateFrom,
		Began: g.began, Took: time.Since(g.began), Environment: attack.ReadEnvironment(), Version: buildVersion().Version, Partial: interrupted,
	}
	if len(runs) > 0 {
		r.Environment = runs[0].Environment
	}
	var differ errDiffer
	switch {
	case errors.As(stopped, &differ):
		r.Verdict = gate.Verdict{Outcome: analysis.Invalid, Headline: differ.reasons[0], Reasons: differ.reasons, Design: g.settings.Design, Seed: g.settings.Seed}
		return r
	case len(runs) > 0 || stopped == nil:
		r.Verdict = g.judge(runs)
	default:
		r.Verdict = gate.Verdict{Design: g.settings.Design, Seed: g.settings.Seed}
	}
	switch {
	case interrupted:
		r.Error = "interrupted"
	case stopped != nil:
		r.Error = stopped.Error()
	}
	return r
}

// save draws the charts and writes all reports. One that can't be written does not
// cost the others.
func (g *gating) save(r *reports.Gate) error {
	var failed error
	if !g.flags.noCharts && len(r.Verdict.Metrics) > 0 {
		r.Charts, failed = g.draw(*r)
	}
	for name, fill := range map[string]func(io.Writer) error{gateFile: r.JSON, "index.md": r.Markdown} {
		_, err := g.out.write(name, fill)
		failed = errors.Join(failed, err)
	}
	return errors.Join(failed, g.flags.saveElsewhere(r.JUnit, r.Summary))
}

// saveElsewhere writes what CI reads.
func (f *gateFlags) saveElsewhere(junit, summary func(io.Writer) error) error {
	var failed error
	if f.junit != "" {
		failed = errors.Join(failed, writeFile(f.junit, junit))
	}
	if f.markdown != "" {
		failed = errors.Join(failed, writeFile(f.markdown, summary))
	}
	if path := os.Getenv("GITHUB_STEP_SUMMARY"); f.github && path != "" {
		failed = errors.Join(failed, appendTo(path, summary))
	}
	return failed
}

// appendTo adds what fill gives to a file that others write to, too.
func appendTo(path string, fill func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(fill(file), file.Close())
}

func (g *gating) draw(r reports.Gate) (paths []string, failed error) {
	var drawn []picture
	for _, chart := range reports.GateCharts {
		content, err := asBytes(func(w io.Writer) error { return r.Draw(w, g.flags.format, chart) })
		switch {
		case err == nil:
			drawn = append(drawn, picture{fmt.Sprintf("gate-%s.%s", chart, g.flags.format), content})
		case !errors.Is(err, reports.ErrNothingToDraw):
			failed = errors.Join(failed, err)
		}
	}
	paths, err := writePictures(g.out, drawn)
	return paths, errors.Join(failed, err)
}

// print writes the verdict. Of a gate that measured nothing the error says all,
// on standard error.
func (g *gating) print(r reports.Gate, stopped error) error {
	var differ errDiffer
	nothing := len(r.Runs) == 0 && stopped != nil && !errors.As(stopped, &differ)
	var err error
	switch {
	case g.flags.asJSON:
		return r.JSON(g.stdout)
	case nothing:
	case g.flags.quiet:
		err = r.Brief(g.stdout)
	default:
		err = r.Table(g.stdout, g.style)
	}
	if g.flags.github {
		err = errors.Join(err, r.Annotations(g.stdout))
	}
	return err
}

// keepBlock writes a block that came to its end.
func (g *gating) keepBlock(runs []attack.Run) error {
	if err := g.begin(); err != nil {
		return err
	}
	name := filepath.Join(runsFolder, fmt.Sprintf("block-%03d%s", runs[0].Block+1, blockEnding))
	_, err := g.out.write(name, func(w io.Writer) error { return attack.SaveRuns(w, runs) })
	return err
}

// begin clears an older gate's blocks out of the folder, and notes what was
// driven, for --baseline.
func (g *gating) begin() error {
	if g.begun {
		return nil
	}
	g.begun = true
	old, err := filepath.Glob(filepath.Join(string(g.out), runsFolder, "block-*"+blockEnding))
	if err != nil {
		return err
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(string(g.out), runsFolder), 0o755); err != nil {
		return err
	}
	return g.note()
}
