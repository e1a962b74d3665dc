package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
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
	list, all, asJSON, quiet, noColor, quick bool
	out, seed, resume, format                string
	blocks                                   int
	rate                                     float64
	lagBudget                                time.Duration
	database                                 target.DSN
}

func newBench() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench [CLAIM...]",
		Short: "Prove on the reference server what each fix is worth",
		Long: `Prove what a blocked event loop costs and what each fix is worth.

For each claim looptest starts its reference server as a process of its own,
drives it with an open-loop load, and compares the variants ("arms") in
randomised blocks. Tables, bench.json, index.md and charts say what was found;
an effect comes with its interval over the blocks.

Latency is response time, counted from the moment a request was meant to be
sent, beside service time, counted from the moment it was sent.

Ctrl-C keeps what was measured, and --resume goes on from there; a second Ctrl-C
leaves at once.

Exit codes: 0 proven, 1 not proven, 2 usage, 3 inconclusive, 4 invalid or could
not run, 130 interrupted.`,
		Example: `  looptest bench                       # the default claims
  looptest bench --all                 # every claim, on all patterns of the guides
  looptest bench chunking --blocks 12  # one claim, more certain
  looptest bench --quick --json        # short runs, one JSON object
  looptest bench --lag-budget 5ms      # recommend a chunk for 5 ms
  looptest bench --resume looptest-out # go on after an interruption
  looptest bench --list                # what there is to prove`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return claimNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return bench(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.list, "list", false, "list the claims, what each proves and how long it takes")
	flags.BoolVar(&f.all, "all", false, "every claim, also those that are not in the default set")
	flags.StringVar(&f.out, "out", "looptest-out", "folder for bench.json, index.md and the charts")
	flags.StringVar(&f.resume, "resume", "", "folder of an interrupted bench to go on with")
	flags.IntVar(&f.blocks, "blocks", 0, fmt.Sprintf("rounds in which every arm runs once, 1 to 200; 95 %% intervals need 6 (default %d, with --quick %d)",
		claims.DefaultBlocks, claims.QuickBlocks))
	flags.Float64Var(&f.rate, "rate", claims.DefaultRate, "probe requests a second, 10 to 5000")
	flags.DurationVar(&f.lagBudget, "lag-budget", claims.DefaultLagBudget, "how long other requests may wait for a chunk, 1ms to 10s")
	flags.StringVar((*string)(&f.database), "db", "", "database for the claims db-insert, db-scan and db-pool: sqlite, or postgres://USER:PASSWORD@HOST/NAME (default: the environment variable "+target.DatabaseVariable+", or sqlite)")
	flags.BoolVar(&f.quick, "quick", false, "shorter runs")
	flags.StringVar(&f.seed, "seed", "", "hexadecimal number that repeats the order of the arms (default: drawn)")
	flags.StringVar(&f.format, "format", "png", "format of the charts: "+strings.Join(reports.Formats, ", "))
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
		list := reports.ClaimList
		if f.asJSON {
			list = reports.ClaimListJSON
		}
		if err := list(stdout, chosen, settings); err != nil {
			return unable(err)
		}
		return nil
	}
	b := &benching{flags: f, chosen: chosen, settings: settings, stdout: stdout, stderr: stderr}
	b.style.Colour = !f.noColor && os.Getenv("NO_COLOR") == "" && isTerminal(stdout)
	b.style.Width = terminalWidth(stdout)
	if err := b.prepare(cmd); err != nil {
		return err
	}
	if !f.quiet {
		b.announce()
	}
	return b.run(cmd.Context())
}

// planBench checks the flags.
func planBench(cmd *cobra.Command, f benchFlags, args []string) ([]claims.Claim, claims.Settings, error) {
	s := claims.Settings{
		Rate: f.rate, Blocks: f.blocks, Quick: f.quick, LagBudget: f.lagBudget,
		Cores: target.Cores(), Seed: uint64(rand.Uint32()), Database: databaseFromEnvironment(f.database),
	}
	if !cmd.Flags().Changed("blocks") {
		s.Blocks = claims.DefaultBlocks
		if f.quick {
			s.Blocks = claims.QuickBlocks
		}
	}
	switch {
	case !(f.rate >= 10 && f.rate <= 5000):
		return nil, s, fmt.Errorf("--rate %v: must be from 10 to 5000 requests a second", f.rate)
	case s.Blocks < 1 || s.Blocks > 200:
		return nil, s, fmt.Errorf("--blocks %d: must be from 1 to 200", s.Blocks)
	case f.lagBudget < time.Millisecond || f.lagBudget > 10*time.Second:
		return nil, s, fmt.Errorf("--lag-budget %v: must be from 1ms to 10s", f.lagBudget)
	case !slices.Contains(reports.Formats, f.format):
		return nil, s, fmt.Errorf("--format %q: must be one of %s", f.format, strings.Join(reports.Formats, ", "))
	}
	if cmd.Flags().Changed("seed") {
		seed, err := strconv.ParseUint(f.seed, 16, 64)
		if err != nil {
			return nil, s, fmt.Errorf("--seed %q: must be a hexadecimal number of at most 16 digits", f.seed)
		}
		s.Seed = seed
	}
	if err := checkDatabase(s.Database); err != nil {
		return nil, s, err
	}
	if f.all && len(args) > 0 {
		return nil, s, fmt.Errorf("--all runs every claim; leave %q out", strings.Join(args, " "))
	}
	if (f.all || f.list) && len(args) == 0 {
		return claims.All(), s, nil
	}
	chosen, err := chooseClaims(args)
	if err == nil && f.database != "" && f.resume == "" && !slices.ContainsFunc(chosen, asksDatabase) {
		err = fmt.Errorf("--db is for the claims whose names begin with %s; none of them is chosen", databaseClaims)
	}
	return chosen, s, err
}

const databaseClaims = "db-"

func asksDatabase(c claims.Claim) bool { return strings.HasPrefix(c.Name, databaseClaims) }

func chooseClaims(names []string) ([]claims.Claim, error) {
	if len(names) == 0 {
		return claims.Default(), nil
	}
	for _, name := range names {
		if !slices.Contains(claimNames(), name) {
			return nil, fmt.Errorf("no claim is named %q; there are %s", name, strings.Join(claimNames(), ", "))
		}
	}
	return slices.DeleteFunc(claims.All(), func(c claims.Claim) bool { return !slices.Contains(names, c.Name) }), nil
}

func claimNames() []string { return namesOf(claims.All()) }

func namesOf(all []claims.Claim) []string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Name
	}
	return names
}

// prepare opens the folder and measures what the plan needs to know of this
// machine, or takes both from the bench that is resumed.
func (b *benching) prepare(cmd *cobra.Command) error {
	if b.flags.resume != "" {
		return b.resume(cmd)
	}
	var err error
	if b.out, err = openFolder(b.flags.out); err != nil {
		return unable(err)
	}
	b.settings.Target.Unit = target.Calibrate()
	b.settings.Hash = target.HashTakes()
	if b.settings.Target.Exe, err = ownProgram(); err != nil {
		return unable(err)
	}
	for _, c := range b.chosen {
		if c.Prepare == nil {
			continue
		}
		if err := c.Prepare(cmd.Context(), &b.settings); err != nil {
			if cmd.Context().Err() != nil {
				return failure{exitInterrupted, errors.New("interrupted; nothing was measured yet")}
			}
			return unable(fmt.Errorf("%s: %w", c.Name, err))
		}
	}
	return nil
}

func ownProgram() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("looptest can't find itself to start its server: %w", err)
	}
	return exe, nil
}

func (b *benching) announce() {
	var takes time.Duration
	for _, st := range claims.Studies(b.chosen, b.settings) {
		takes += st.Plan(b.settings).Takes()
	}
	fmt.Fprintf(b.stderr, "%s, %s each, about %s on %s (longer only if blocks have to be repeated) · seed %x · results in %s%c\n",
		analysis.Count(len(b.chosen), "claim"), analysis.Count(b.settings.Blocks, "block"), inWords(takes), analysis.Count(b.settings.Cores, "core"),
		b.settings.Seed, filepath.Clean(string(b.out)), filepath.Separator)
	if kept := b.kept(); kept > 0 {
		fmt.Fprintf(b.stderr, "resuming after %s\n", analysis.Count(kept, "block"))
	}
}

// benching is a bench under way.
type benching struct {
	flags          benchFlags
	chosen         []claims.Claim
	settings       claims.Settings
	earlier        map[string]earlierRuns // by study
	out            outFolder
	begun          bool // the folder is this bench's
	style          reports.Style
	stdout, stderr io.Writer
	report         reports.Bench
}
