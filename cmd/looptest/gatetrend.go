package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
)

// gateNotes are what a gate's runs were made with, kept beside them.
type gateNotes struct {
	Version     int                `json:"version"`
	Requests    []string           `json:"requests"` // their labels
	Rate        float64            `json:"rate_rps"`
	Duration    time.Duration      `json:"duration_ns"`
	Warmup      time.Duration      `json:"warmup_ns"`
	Base        string             `json:"base"`
	Environment attack.Environment `json:"environment"`
}

const gateNotesFile = "gate-settings.json"

// note keeps what the gate's runs were made with.
func (g *gating) note() error {
	n := gateNotes{
		Version: stateVersion, Requests: g.labels(), Rate: g.rate, Duration: g.plan(1).Arms[0].Takes, Warmup: g.warmup,
		Base: g.baseName, Environment: attack.ReadEnvironment(),
	}
	_, err := g.out.write(filepath.Join(runsFolder, gateNotesFile), func(w io.Writer) error { return json.NewEncoder(w).Encode(n) })
	return err
}

func (g *gating) labels() (labels []string) {
	for _, s := range g.scenario.Streams {
		for _, r := range s.Requests {
			labels = append(labels, r.Label())
		}
	}
	return labels
}

// readNotes reads what note wrote.
func readNotes(folder string) (gateNotes, error) {
	var n gateNotes
	data, err := os.ReadFile(filepath.Join(folder, runsFolder, gateNotesFile))
	if err != nil {
		return n, fmt.Errorf("--baseline %q holds no gate's runs: %w", folder, err)
	}
	if err := json.Unmarshal(data, &n); err != nil || n.Version != stateVersion || !(n.Rate > 0) || n.Duration <= 0 {
		return n, fmt.Errorf("--baseline %q: %s can't be read (version %d, %v); make it anew", folder, gateNotesFile, n.Version, err)
	}
	return n, nil
}

// gateTrend drives the head alone, as the stored base was, and sets it beside it.
func gateTrend(cmd *cobra.Command, f gateFlags) error {
	notes, err := readNotes(f.baseline)
	if err != nil {
		return err
	}
	if f.head == "" {
		return errors.New("--baseline is set beside a server: give the command that starts it with --head")
	}
	if cmd.Flags().Changed("rate") || cmd.Flags().Changed("duration") || cmd.Flags().Changed("warmup") {
		return errors.New("--rate, --duration and --warmup are the baseline's: leave them out with --baseline")
	}
	f.rate, f.duration, f.warmup = fmt.Sprintf("%g/s", notes.Rate), notes.Duration, notes.Warmup
	f.base = f.head // never started
	if !cmd.Flags().Changed("blocks") {
		f.blocks = trendBlocks
	}
	g, err := planTrend(cmd, f)
	if err != nil {
		return err
	}
	if !slices.Equal(g.labels(), notes.Requests) {
		return fmt.Errorf("--baseline %q is of %s, and not of %s: ask for the same", f.baseline, strings.Join(notes.Requests, ", "), strings.Join(g.labels(), ", "))
	}
	g.baseName = notes.Base + " of " + f.baseline
	return g.runTrend(cmd.Context(), notes)
}

// trendBlocks is how many blocks of the head are made when nothing is said.
const trendBlocks = 10

func planTrend(cmd *cobra.Command, f gateFlags) (*gating, error) {
	g := &gating{flags: f, style: styleFor(cmd, f.noColor), stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr()}
	err := g.commands()
	if err != nil {
		return nil, err
	}
	if g.scenario, err = f.load(cmd, g.head.Args); err != nil {
		return nil, err
	}
	g.dress(g.head)
	g.settings.Metrics, g.settings.Design.Alpha = gate.Metrics(), gate.DefaultAlpha
	if g.settings.Seed, err = drawSeed(f.seed); err != nil {
		return nil, err
	}
	return g, g.chooseLoad(cmd.Flags())
}

// runTrend carries it out. On another machine it does not even begin.
func (g *gating) runTrend(ctx context.Context, notes gateNotes) error {
	defer surviveBrokenPipes()()
	g.began = time.Now()
	path := (&loadFlags{out: g.flags.out}).folder("gate", g.began)
	if filepath.Clean(path) == filepath.Clean(g.flags.baseline) {
		return errors.New("--out names the baseline's own folder; name another one")
	}
	g.made = missingFolders(path)
	var err error
	if g.out, err = openFolder(path); err != nil {
		return unable(err)
	}
	if here, there := attack.ReadEnvironment().Machine(), notes.Environment.Machine(); here != there {
		return g.end(ctx, nil, errDiffer{[]string{fmt.Sprintf(
			"the baseline was measured on another machine (%s; this is %s), so that nothing can be said: run both arms here, with --base", there, here)}})
	}
	base, err := storedRuns(g.flags.baseline, string(attack.LookBase))
	if err != nil {
		return g.end(ctx, nil, err)
	}
	g.tell("gate: %s of %s, %s, about %s; beside %s of %s. A trend: what was measured at another time judges nothing.",
		asked(g.scenario), g.headName, analysis.Count(g.flags.blocks, "block"), inWords(g.headPlan().Takes()), analysis.Count(len(base), "block"), g.baseName)
	p := newGateProgress(g.stderr, g.flags.quiet, gate.Design{Looks: []gate.Look{{Blocks: g.flags.blocks}}}, g.headPlan().Takes()/time.Duration(g.flags.blocks))
	defer p.done()
	g.judge = func(head []attack.Run) gate.Verdict { return gate.Trend(g.settings, base, head) }
	runs, err := attack.Execute(ctx, g.headPlan(), attack.Hooks{Progress: p.report, BlockDone: g.keepBlock})
	return g.end(ctx, runs, err)
}

// headPlan is the head alone.
func (g *gating) headPlan() attack.Plan {
	plan := g.plan(g.flags.blocks)
	plan.Arms, plan.Interleave = plan.Arms[1:], nil
	return plan
}

// storedRuns reads the arm's runs that a gate kept, by block.
func storedRuns(folder, arm string) ([]attack.Run, error) {
	paths, err := filepath.Glob(filepath.Join(folder, runsFolder, "block-*"+blockEnding))
	if err != nil {
		return nil, err
	}
	var kept []attack.Run
	for _, path := range paths {
		runs, err := readBlock(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, r := range runs {
			if r.Arm == arm {
				kept = append(kept, r)
			}
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("%s holds no runs of a base", folder)
	}
	slices.SortFunc(kept, func(a, b attack.Run) int { return cmp.Compare(a.Block, b.Block) })
	return kept, nil
}
