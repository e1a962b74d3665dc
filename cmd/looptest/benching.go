package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// run carries out one study after the other. Its blocks are kept as they end,
// its claims are written down as soon as they are judged.
func (b *benching) run(ctx context.Context) error {
	b.report = reports.Bench{
		Settings: b.settings, Version: buildVersion().Version, Environment: attack.ReadEnvironment(), Charts: map[string][]string{},
	}
	var stopped error
	for _, st := range claims.Studies(b.chosen, b.settings) {
		var results []claims.Result
		results, stopped = b.study(ctx, st)
		if stopped != nil {
			b.report.Partial, b.report.Error = true, stopped.Error()
		}
		var failed error
		for _, r := range results {
			failed = errors.Join(failed, b.keep(r))
		}
		if failed = errors.Join(failed, b.summarize()); failed != nil {
			return unable(failed)
		}
		if stopped != nil {
			break
		}
	}
	return b.end(ctx, stopped)
}

// study runs one study under its progress bar.
func (b *benching) study(ctx context.Context, st claims.Study) ([]claims.Result, error) {
	p := newProgress(b.stderr, st.Name(), b.flags.quiet)
	defer p.done()
	return st.Run(ctx, b.settings, b.earlier[st.Name()].runs, attack.Hooks{
		Progress:  p.report,
		BlockDone: func(runs []attack.Run) error { return b.keepBlock(st, runs) },
	})
}

// end says what is left to say, with the exit code.
func (b *benching) end(ctx context.Context, stopped error) error {
	if b.flags.asJSON {
		if err := b.report.JSON(b.stdout); err != nil {
			return unable(err)
		}
	} else if !b.flags.quiet && len(b.report.Overview) > 0 {
		_, err := fmt.Fprintf(b.stdout, "\nall together: %s, %s\n", b.report.Overview, filepath.Join(string(b.out), "index.md"))
		if err != nil {
			return unable(err)
		}
	}
	kept := "no block came to its end"
	if b.begun {
		kept = fmt.Sprintf("what was measured is in %[1]s; go on with --resume %[1]s", string(b.out))
	}
	switch {
	case ctx.Err() != nil:
		return failure{exitInterrupted, fmt.Errorf("interrupted; %s", kept)}
	case stopped != nil:
		return unable(fmt.Errorf("%w\n%s", stopped, kept))
	}
	return outcomeExit(b.report.Outcome())
}

// keep draws a claim's charts and prints the claim. A picture that can't be
// written costs neither the others nor the table.
func (b *benching) keep(r claims.Result) error {
	b.report.Results = append(b.report.Results, r)
	var paths []string
	var failed error
	for _, chart := range r.Charts {
		path, err := b.draw(chart, r.Trusted)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		paths = append(paths, path)
	}
	b.report.Charts[r.Claim.Name] = paths
	return errors.Join(failed, b.print(r, paths))
}

func (b *benching) print(r claims.Result, charts []string) error {
	switch {
	case b.flags.asJSON:
		return nil
	case b.flags.quiet:
		_, err := fmt.Fprintf(b.stdout, "%s: %s: %s\n", r.Claim.Name, claims.Word(r.Verdict.Outcome), r.Verdict.Headline)
		return err
	}
	return reports.ClaimTable(b.stdout, b.style, r, charts)
}

func (b *benching) draw(chart claims.Chart, runs []attack.Run) (string, error) {
	return b.out.write(chart.Name+"."+b.flags.format, func(w io.Writer) error {
		return reports.Draw(w, b.flags.format, chart, runs)
	})
}

// summarize writes what stands over all claims so far. When no block came to
// its end an older bench's files stay as they are.
func (b *benching) summarize() error {
	if !b.begun {
		if _, err := os.Stat(filepath.Join(string(b.out), "bench.json")); err == nil {
			return nil
		}
	}
	b.report.PeakMemory = target.PeakMemory()
	var failed error
	if chart, ok := claims.Overview(b.report.Results, b.settings); ok {
		path, err := b.draw(chart, nil)
		failed = err
		b.report.Overview = path
	}
	for name, fill := range map[string]func(io.Writer) error{"bench.json": b.report.JSON, "index.md": b.report.Markdown} {
		_, err := b.out.write(name, fill)
		failed = errors.Join(failed, err)
	}
	return failed
}

func outcomeExit(o analysis.Outcome) error {
	code := map[analysis.Outcome]int{analysis.Fail: exitFail, analysis.Inconclusive: exitInconclusive, analysis.Invalid: exitInvalid}[o]
	if code == exitPass {
		return nil
	}
	return failure{code: code}
}
