package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// benchFlags is what the user asked for.
type benchFlags struct {
	list, asJSON, quiet, noColor, quick bool
	out, seed                           string
	blocks                              int
	rate                                float64
}

func newBench() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench [CLAIM...]",
		Short: "Prove on the reference server what each fix is worth",
		Long: `Prove what a blocked event loop costs and what each fix is worth.

For each claim looptest starts its reference server as a process of its own,
drives it with an open-loop load, and compares the variants ("arms") in
randomised blocks. A table, bench.json and charts say what was found; an effect
comes with its interval over the blocks.

Latency is response time, counted from the moment a request was meant to be
sent, beside service time, counted from the moment it was sent.

Exit codes: 0 proven, 1 not proven, 2 usage, 3 inconclusive, 4 invalid or could
not run, 130 interrupted (what was measured is saved).`,
		Example: `  looptest bench                       # all claims
  looptest bench chunking --blocks 10  # one claim, more certain
  looptest bench --quick --json        # short runs, one JSON object
  looptest bench --list                # what there is to prove`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return claimNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return bench(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.list, "list", false, "list the claims, what each proves and how long it takes")
	flags.StringVar(&f.out, "out", "looptest-out", "folder for bench.json and the charts")
	flags.IntVar(&f.blocks, "blocks", claims.DefaultBlocks, "rounds in which every arm runs once, 1 to 200; 95 % intervals need 6")
	flags.Float64Var(&f.rate, "rate", claims.DefaultRate, "probe requests a second, 10 to 5000")
	flags.BoolVar(&f.quick, "quick", false, "shorter runs")
	flags.StringVar(&f.seed, "seed", "", "hexadecimal number that repeats the order of the arms (default: drawn)")
	flags.BoolVar(&f.asJSON, "json", false, "print bench.json on standard output and no tables")
	flags.BoolVar(&f.quiet, "quiet", false, "print only each claim's verdict")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also by the environment variable NO_COLOR)")
	return cmd
}

func bench(cmd *cobra.Command, f benchFlags, args []string) error {
	chosen, settings, err := planBench(cmd, f, args)
	if err != nil {
		return err
	}
	stdout, stderr := cmd.OutOrStdout(), cmd.ErrOrStderr()
	if f.list {
		if f.asJSON {
			return reports.ClaimListJSON(stdout, chosen, settings)
		}
		return reports.ClaimList(stdout, chosen, settings)
	}
	out, err := openFolder(f.out)
	if err != nil {
		return unable(err)
	}
	if settings.Target.Exe, err = os.Executable(); err != nil {
		return unable(fmt.Errorf("looptest can't find itself to start its server: %w", err))
	}
	settings.Target.Unit = target.Calibrate()
	settings.Hash = target.HashTakes()
	if !f.quiet {
		announce(stderr, chosen, settings, f.out)
	}
	b := &benching{flags: f, settings: settings, out: out, stdout: stdout, stderr: stderr}
	b.style.Colour = !f.noColor && os.Getenv("NO_COLOR") == "" && isTerminal(stdout)
	return b.run(cmd.Context(), chosen)
}

// planBench checks the flags.
func planBench(cmd *cobra.Command, f benchFlags, args []string) ([]claims.Claim, claims.Settings, error) {
	s := claims.Settings{Rate: f.rate, Blocks: f.blocks, Quick: f.quick, Cores: runtime.GOMAXPROCS(0), Seed: uint64(rand.Uint32())}
	if !(f.rate >= 10 && f.rate <= 5000) {
		return nil, s, fmt.Errorf("--rate %v: must be from 10 to 5000 requests a second", f.rate)
	}
	if f.blocks < 1 || f.blocks > 200 {
		return nil, s, fmt.Errorf("--blocks %d: must be from 1 to 200", f.blocks)
	}
	if cmd.Flags().Changed("seed") {
		seed, err := strconv.ParseUint(f.seed, 16, 64)
		if err != nil {
			return nil, s, fmt.Errorf("--seed %q: must be a hexadecimal number of at most 16 digits", f.seed)
		}
		s.Seed = seed
	}
	chosen, err := chooseClaims(args)
	return chosen, s, err
}

func chooseClaims(names []string) ([]claims.Claim, error) {
	if len(names) == 0 {
		return claims.All(), nil
	}
	for _, name := range names {
		if !slices.Contains(claimNames(), name) {
			return nil, fmt.Errorf("no claim is named %q; there are %s", name, strings.Join(claimNames(), ", "))
		}
	}
	return slices.DeleteFunc(claims.All(), func(c claims.Claim) bool { return !slices.Contains(names, c.Name) }), nil
}

func claimNames() []string {
	var names []string
	for _, c := range claims.All() {
		names = append(names, c.Name)
	}
	return names
}

func announce(w io.Writer, chosen []claims.Claim, s claims.Settings, out string) {
	var takes time.Duration
	for _, c := range chosen {
		takes += c.Plan(s).Takes()
	}
	fmt.Fprintf(w, "%s, %s each, about %s min on %s · seed %x · results in %s%c\n",
		plural(len(chosen), "claim"), plural(s.Blocks, "block"), clock(takes), plural(s.Cores, "core"), s.Seed, filepath.Clean(out), filepath.Separator)
}

func plural(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// benching is a bench under way.
type benching struct {
	flags          benchFlags
	settings       claims.Settings
	out            outFolder
	style          reports.Style
	stdout, stderr io.Writer
	report         reports.Bench
}

// run proves one claim after the other; each is written down as soon as it is
// judged, so that an interruption loses none.
func (b *benching) run(ctx context.Context, chosen []claims.Claim) error {
	b.report = reports.Bench{Unit: int(b.settings.Target.Unit), Seed: b.settings.Seed, Charts: map[string][]string{}}
	var stopped error
	for _, c := range chosen {
		p := newProgress(b.stderr, c.Name, b.flags.quiet)
		result, err := c.Run(ctx, b.settings, p.report)
		p.done()
		if err != nil {
			stopped, b.report.Partial, b.report.Error = err, true, err.Error()
		}
		if writing := b.keep(result); writing != nil {
			return unable(writing)
		}
		if stopped != nil {
			break
		}
	}
	if b.flags.asJSON {
		if err := b.report.JSON(b.stdout); err != nil {
			return unable(err)
		}
	}
	switch {
	case ctx.Err() != nil:
		return failure{exitInterrupted, fmt.Errorf("interrupted; what was measured is in %s", filepath.Join(string(b.out), "bench.json"))}
	case stopped != nil:
		return unable(fmt.Errorf("%w\nwhat was measured is in %s", stopped, filepath.Join(string(b.out), "bench.json")))
	}
	return outcomeExit(b.report.Outcome())
}

// keep writes a claim's charts and bench.json, and prints the claim.
func (b *benching) keep(r claims.Result) error {
	if len(r.Runs) > 0 {
		b.report.Environment = r.Runs[0].Environment
	}
	b.report.Results = append(b.report.Results, r)
	b.report.PeakMemory = target.PeakMemory()
	var paths []string
	for _, chart := range r.Charts {
		path, err := b.out.write(chart.Name+".png", func(w io.Writer) error { return reports.Draw(w, "png", chart, r.Trusted) })
		if err != nil {
			return err
		}
		paths = append(paths, path)
	}
	b.report.Charts[r.Claim.Name] = paths
	if _, err := b.out.write("bench.json", b.report.JSON); err != nil {
		return err
	}
	switch {
	case b.flags.asJSON:
		return nil
	case b.flags.quiet:
		_, err := fmt.Fprintf(b.stdout, "%s: %s: %s\n", r.Claim.Name, claims.Word(r.Verdict.Outcome), r.Verdict.Headline)
		return err
	}
	return reports.ClaimTable(b.stdout, b.style, r, paths)
}

func outcomeExit(o analysis.Outcome) error {
	code := map[analysis.Outcome]int{analysis.Fail: exitFail, analysis.Inconclusive: exitInconclusive, analysis.Invalid: exitInvalid}[o]
	if code == exitPass {
		return nil
	}
	return failure{code: code}
}
