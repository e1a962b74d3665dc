package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// gating is a gate under way.
type gating struct {
	flags              gateFlags
	scenario           *scenario.Scenario
	base, head         *target.Command
	build              []string // builds the base in its checkout
	baseName, headName string

	streams  []attack.Stream
	warmup   time.Duration
	rate     float64 // requests a second, of each arm
	rateFrom string
	settings gate.Settings
	judge    func([]attack.Run) gate.Verdict
	starts   time.Duration // how much longer the servers of a block took to start than is counted for

	out            outFolder
	made           []string // folders that were made for it, the innermost first
	begun          bool     // the folder is this gate's
	began          time.Time
	style          reports.Style
	stdout, stderr io.Writer
}

// run prepares the two arms, compares them and reports.
func (g *gating) run(ctx context.Context) error {
	defer surviveBrokenPipes()()
	g.began = time.Now()
	path := (&loadFlags{out: g.flags.out}).folder("gate", g.began)
	g.made = missingFolders(path)
	var err error
	if g.out, err = openFolder(path); err != nil {
		return unable(err)
	}
	os.Remove(filepath.Join(string(g.out), gateFile)) // an older verdict must not stand for this one
	takeBack, err := g.checkout(ctx)
	defer takeBack()
	if err == nil {
		err = g.prepare(ctx)
	}
	var usage failure
	if errors.As(err, &usage) && usage.code == exitUsage {
		g.unmake()
		return err
	}
	if err != nil {
		return g.end(ctx, nil, err)
	}
	if !g.flags.quiet {
		g.announce()
	}
	runs, err := g.conduct(ctx)
	return g.end(ctx, runs, err)
}

// tell writes a line about what is going on.
func (g *gating) tell(format string, args ...any) {
	if !g.flags.quiet {
		fmt.Fprintf(g.stderr, format+"\n", args...)
	}
}

// checkout builds the base in a checkout of its own. takeBack is never nil.
func (g *gating) checkout(ctx context.Context) (takeBack func(), err error) {
	if g.flags.baseRef == "" {
		return func() {}, nil
	}
	w, err := target.AddWorktree(ctx, ".", g.flags.baseRef)
	if err != nil {
		return func() {}, g.noWorktree(err)
	}
	takeBack = func() {
		if err := w.Remove(); err != nil {
			fmt.Fprintf(g.stderr, "the base's checkout is left behind: %v\n", err)
		}
	}
	g.base.Dir = w.Dir
	g.baseName = fmt.Sprintf("%s (%s)", w.Ref, w.Commit)
	if len(g.build) > 0 {
		g.tell("building %s …", g.baseName)
		if err := target.Build(ctx, w.Dir, g.build); err != nil {
			return takeBack, fmt.Errorf("%s: %w", g.baseName, err)
		}
	}
	return takeBack, nil
}

// noWorktree says what to do about a commit that isn't there.
func (g *gating) noWorktree(err error) error {
	var unknown *target.RefError
	switch {
	case errors.As(err, &unknown):
		hint := "; in CI, fetch it first: git fetch --depth 1 origin " + unknown.Ref
		if near := scenario.Nearest(unknown.Ref, unknown.Known); near != "" {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		return failure{exitUsage, fmt.Errorf("--base-ref: %w%s", err, hint)}
	case errors.Is(err, target.ErrNoRepository):
		return failure{exitUsage, fmt.Errorf("--base-ref: %w", err)}
	}
	return err
}

// errDiffer says that the arms can't be compared.
type errDiffer struct{ reasons []string }

func (e errDiffer) Error() string { return strings.Join(e.reasons, "; ") }

// prepare asks both arms for everything once, finds a rate where none is given,
// and fits the plan into its time.
func (g *gating) prepare(ctx context.Context) error {
	if err := g.ask(ctx); err != nil {
		return err
	}
	if g.flags.finds() {
		g.tell("finding a rate safely below saturation …")
		found, err := gate.FindRate(ctx, g.plan(1).Arms)
		if err != nil {
			return err
		}
		_, why, _ := strings.Cut(found.Why, ": ")
		g.setRate(found.PerSecond, why)
		if err := g.checkRequests(); err != nil {
			return failure{exitUsage, err}
		}
	}
	if g.flags.timeBudget > 0 {
		if err := g.fit(g.settings.Design.Alpha, time.Since(g.began)); err != nil {
			return failure{exitUsage, err}
		}
	}
	return nil
}

// ask holds the arms' answers against each other, and notes how long they take to
// start. The base is asked twice, from two processes.
func (g *gating) ask(ctx context.Context) error {
	arms := g.plan(1).Arms
	var answers [3][]attack.Answer
	var took [3]time.Duration
	for i, arm := range []attack.Arm{arms[0], arms[1], arms[0]} {
		var err error
		if answers[i], took[i], err = attack.Ask(ctx, arm); err != nil {
			return err
		}
	}
	g.starts = max(0, min(took[0], took[2])+took[1]-2*attack.StartTakes)
	differ, notes := gate.Answers(answers[0], answers[2], answers[1])
	for _, note := range notes {
		g.tell("%s", note)
	}
	if len(differ) > 0 && !g.flags.differentAnswers {
		return errDiffer{differ}
	}
	return nil
}

// conduct runs the blocks, and keeps each that came to its end.
func (g *gating) conduct(ctx context.Context) ([]attack.Run, error) {
	p := newGateProgress(g.stderr, g.flags.quiet, g.settings.Design, g.blockTakes())
	defer p.done()
	return analysis.Conduct(ctx, gate.Gate{Settings: g.settings, Plan: g.plan(1)}, nil, attack.Hooks{Progress: p.report, BlockDone: g.keepBlock})
}

// announce says what will be done, for how long at most, and what it can show.
func (g *gating) announce() {
	d := g.settings.Design
	g.tell("gate: %s", asked(g.scenario))
	g.tell("  base    %s", g.baseName)
	g.tell("  head    %s%s", g.headName, g.sameTwice())
	g.tell("  load    %s/s to each, %s; %s per arm and block, in slices of %s", analysis.Digits(g.rate), g.rateFrom,
		analysis.Count(g.requestsEach(), "request"), analysis.Human(g.slice()))
	g.tell("  plan    %s, about %s; at most %s with all that may be added", analysis.Count(d.Regular(), "block"),
		inWords(g.takes(d.Regular())), inWords(g.takes(d.Most()+g.settings.Spare)))
	g.tell("  looks   after %s; they share an α of %s", g.looks(), percentText(d.Alpha))
	g.tell("  sees    %s", g.sights())
	if late := g.tooFew(); late != "" {
		g.tell("          %s", late)
	}
	g.tell("  seed    %x · results in %s%c", g.settings.Seed, filepath.Clean(string(g.out)), filepath.Separator)
}

// asked is what is driven, for a heading.
func asked(s *scenario.Scenario) string {
	if s.Name != "" {
		return s.Name
	}
	var labels []string
	for _, stream := range s.Streams {
		labels = append(labels, scenario.Labels(stream)...)
	}
	if len(labels) > 3 {
		return fmt.Sprintf("%s and %d more", enumerate(labels[:2]), len(labels)-2)
	}
	return enumerate(labels)
}

func (g *gating) sameTwice() string {
	if g.base.Dir == g.head.Dir && slices.Equal(g.base.Args, g.head.Args) {
		return "   (the same command: it shows how still this machine is)"
	}
	return ""
}

func (g *gating) slice() time.Duration {
	plan := g.plan(1)
	return plan.Arms[0].Takes / time.Duration(max(1, plan.SlicesOf()))
}

func (g *gating) takes(blocks int) time.Duration { return time.Duration(blocks) * g.blockTakes() }

func (g *gating) looks() string {
	var regular []string
	extension := ""
	for _, l := range g.settings.Design.Looks {
		if l.Extension {
			extension = fmt.Sprintf(", and %d if they leave it open", l.Blocks)
			continue
		}
		regular = append(regular, fmt.Sprint(l.Blocks))
	}
	return enumerate(regular) + " blocks" + extension
}

// sights says which differences the regular plan finds, of the metrics that
// decide.
func (g *gating) sights() string {
	var found []string
	for _, m := range g.settings.Metrics {
		if !m.Gated || g.requestsEach() < m.Needs {
			continue
		}
		for _, s := range g.settings.Design.Detectable(m, g.settings.Gated(), 0) {
			if s.Blocks == g.settings.Design.Regular() {
				found = append(found, fmt.Sprintf("%s %s", m.Name, changeText(m, s.Found)))
			}
		}
	}
	return fmt.Sprintf("regressions from about %s on (four in five, if blocks vary as they usually do)", strings.Join(found, ", "))
}

func changeText(m gate.Metric, change float64) string {
	if m.Absolute {
		return fmt.Sprintf("+%.2g points", 100*change)
	}
	return fmt.Sprintf("+%.0f %%", 100*change)
}

// tooFew names the metrics that were to decide and can't at this rate.
func (g *gating) tooFew() string {
	var names []string
	needs := 0
	for _, m := range g.settings.Metrics {
		if m.Gated && g.requestsEach() < m.Needs {
			names = append(names, m.Name)
			needs = max(needs, m.Needs)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("not %s, for too few requests; --duration %s would do", enumerate(names), durationFor(needs, g.rate))
}
