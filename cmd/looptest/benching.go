package main

import (
	"context"
	"fmt"
	"io"
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
	b.report = reports.Bench{Unit: int(b.settings.Target.Unit), Seed: b.settings.Seed, Charts: map[string][]string{}}
	var stopped error
	for _, st := range claims.Studies(b.chosen, b.settings) {
		var results []claims.Result
		results, stopped = b.study(ctx, st)
		if stopped != nil {
			b.report.Partial, b.report.Error = true, stopped.Error()
		}
		for _, r := range results {
			if err := b.keep(r); err != nil {
				return unable(err)
			}
		}
		if err := b.summarize(); err != nil {
			return unable(err)
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
		fmt.Fprintf(b.stdout, "\nall together: %s, %s\n", b.report.Overview, filepath.Join(string(b.out), "index.md"))
	}
	kept := fmt.Sprintf("what was measured is in %[1]s; go on with --resume %[1]s", string(b.out))
	switch {
	case ctx.Err() != nil:
		return failure{exitInterrupted, fmt.Errorf("interrupted; %s", kept)}
	case stopped != nil:
		return unable(fmt.Errorf("%w\n%s", stopped, kept))
	}
	return outcomeExit(b.report.Outcome())
}

// keep draws a claim's charts and prints the claim.
func (b *benching) keep(r claims.Result) error {
	if len(r.Runs) > 0 {
		b.report.Environment = r.Runs[0].Environment
	}
	b.report.Results = append(b.report.Results, r)
	var paths []string
	for _, chart := range r.Charts {
		path, err := b.draw(chart, r.Trusted)
		if err != nil {
			return err
		}
		paths = append(paths, path)
	}
	b.report.Charts[r.Claim.Name] = paths
	switch {
	case b.flags.asJSON:
		return nil
	case b.flags.quiet:
		_, err := fmt.Fprintf(b.stdout, "%s: %s: %s\n", r.Claim.Name, claims.Word(r.Verdict.Outcome), r.Verdict.Headline)
		return err
	}
	return reports.ClaimTable(b.stdout, b.style, r, paths)
}

func (b *benching) draw(chart claims.Chart, runs []attack.Run) (string, error) {
	return b.out.write(chart.Name+"."+b.flags.format, func(w io.Writer) error {
		return reports.Draw(w, b.flags.format, chart, runs)
	})
}

// summarize writes what stands over all claims so far.
func (b *benching) summarize() error {
	b.report.PeakMemory = target.PeakMemory()
	if chart, ok := claims.Overview(b.report.Results, b.settings); ok {
		path, err := b.draw(chart, nil)
		if err != nil {
			return err
		}
		b.report.Overview = path
	}
	if _, err := b.out.write("bench.json", b.report.JSON); err != nil {
		return err
	}
	_, err := b.out.write("index.md", b.report.Markdown)
	return err
}

func outcomeExit(o analysis.Outcome) error {
	code := map[analysis.Outcome]int{analysis.Fail: exitFail, analysis.Inconclusive: exitInconclusive, analysis.Invalid: exitInvalid}[o]
	if code == exitPass {
		return nil
	}
	return failure{code: code}
}
