package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/record"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// end judges, saves, reports and gives the exit code.
func (a *attacking) end(ctx context.Context, head record.Head, run attack.Run, stopped error) error {
	if run.Began.IsZero() && stopped != nil { // it never came to the measured part
		return a.neverBegan(ctx, head, stopped)
	}
	report := a.report(run, stopped)
	head.Began, head.Partial, head.Failure, head.Counts, head.Target = run.Began, report.Partial, report.Error, run.Streams, run.Target
	failed := a.told(a.save(head, &report))
	if !errors.Is(stopped, errNobodyReads) {
		failed = errors.Join(failed, printTrouble(a.print(report)))
	}
	where := fmt.Errorf("what was measured is in %s", a.out)
	switch {
	case ctx.Err() != nil:
		return failure{exitInterrupted, errors.Join(fmt.Errorf("interrupted; %w", where), failed)}
	case stopped != nil && !errors.Is(stopped, errAborted):
		failed = errors.Join(stopped, where, failed)
	}
	if failed == nil {
		return outcomeExit(report.Outcome())
	}
	if report.Outcome() == analysis.Fail { // it wins over what could not be done
		return failure{exitFail, failed}
	}
	return unable(failed)
}

// neverBegan leaves nothing behind of a run that has no records, so that it can
// be made again into the same folder.
func (a *attacking) neverBegan(ctx context.Context, head record.Head, stopped error) error {
	if a.writer != nil {
		a.writer.Close(head) // it is removed, whatever came of it
		for _, pattern := range []string{"run.json", "samples*.parquet", "lag*.parquet"} {
			paths, _ := filepath.Glob(filepath.Join(string(a.out), pattern)) // only removes what is there
			for _, path := range paths {
				os.Remove(path)
			}
		}
	}
	for _, folder := range a.made {
		os.Remove(folder) // unless others put something into it
	}
	if ctx.Err() != nil {
		return failure{exitInterrupted, errors.New("interrupted before anything was measured")}
	}
	return unable(stopped)
}

func (a *attacking) report(run attack.Run, stopped error) reports.Attack {
	load := a.load(run.Streams)
	r := reports.Attack{
		Command: a.command, Title: title(a.scenario), Load: load, Budgets: analysis.JudgeAll(a.scenario.Budgets, load),
		Began: run.Began, Environment: run.Environment, Target: run.Target,
		Version: buildVersion().Version, PeakMemory: target.PeakMemory(),
	}
	for i, why := range a.lost {
		r.Budgets[i] = r.Budgets[i].Lost(why)
	}
	if stopped != nil {
		r.Partial, r.Error = true, stopped.Error()
	}
	return r
}

// save draws the charts and writes the records' head with the summary, and only
// then the rest: where there is too little room, the records are worth the most.
func (a *attacking) save(head record.Head, r *reports.Attack) error {
	var drawn []picture
	var failed error
	if !a.flags.noCharts {
		drawn, failed = drawLoadCharts(a.flags.format, *r)
		for _, p := range drawn {
			r.Charts = append(r.Charts, filepath.Join(string(a.out), p.name))
		}
	}
	failed = errors.Join(failed, a.saveSummary(head, *r))
	if a.flags.junit != "" {
		failed = errors.Join(failed, writeFile(a.flags.junit, r.JUnit))
	}
	paths, err := writePictures(a.out, drawn)
	r.Charts = paths
	_, unlisted := a.out.write("index.md", r.Markdown)
	if a.flags.also != nil {
		failed = errors.Join(failed, a.flags.also(a.out, *r))
	}
	return errors.Join(failed, err, unlisted)
}

// saveSummary writes it into the records' head, or a file of its own when there
// are no records.
func (a *attacking) saveSummary(head record.Head, r reports.Attack) error {
	if a.writer == nil {
		_, err := a.out.write("summary.json", r.JSON)
		return err
	}
	summary, err := asBytes(r.JSON)
	if err == nil {
		head.Summary = summary
	}
	return errors.Join(err, a.writer.Close(head))
}

// told is one sentence for all that could not be saved: a full disk fails
// whatever is written.
func (a *attacking) told(failed error) error {
	if failed == nil {
		return nil
	}
	text := "not all of the results could be saved in " + string(a.out)
	if a.writer != nil && a.writer.Lost() > 0 {
		text += fmt.Sprintf(": %d of %s are missing in the records, though not in the numbers", a.writer.Lost(), analysis.Count(a.done, "sample"))
	}
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(failed, full) {
			return fmt.Errorf("%s (%w); make room, or name a folder elsewhere with --out", text, full)
		}
	}
	return fmt.Errorf("%s: %w", text, first(failed))
}

// first is the first of errors that were joined.
func first(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
		return first(joined.Unwrap()[0])
	}
	return err
}

func (a *attacking) print(r reports.Attack) error {
	switch {
	case a.flags.asJSON:
		return r.JSON(a.stdout)
	case a.flags.jsonLines:
		return r.JSONLine(a.stdout)
	case a.flags.quiet:
		return r.Verdict(a.stdout)
	}
	return r.Table(a.stdout, a.style)
}

// printTrouble says that standard output could not be written.
func printTrouble(err error) error {
	switch {
	case errors.Is(err, syscall.EPIPE):
		return errNobodyReads
	case err != nil:
		return fmt.Errorf("standard output can't be written: %w", err)
	}
	return nil
}
