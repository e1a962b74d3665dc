package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

const (
	watchRate        = "50/s"
	mostWatchRate    = 500.0
	watchConnections = 8
	watchForever     = 7 * 24 * time.Hour // as long as a schedule may last

	watchLookEvery = 200 * time.Millisecond
	watchSayEvery  = time.Second // that a stall goes on, in a log
)

// guard watches a server for stalls.
type guard struct {
	flags          detectFlags
	scenario       *scenario.Scenario
	schedule       attack.Constant
	report         reports.Watch
	style          reports.Style
	stdout, stderr io.Writer
	terminal       bool // standard error is one

	mu     sync.Mutex
	watch  *detect.Watch
	began  time.Time // zero before the first probe
	untold []detect.Seen
	said   time.Time // when a log was told last that a stall goes on
}

// planWatch checks the flags, and takes the probe from them.
func planWatch(cmd *cobra.Command, f detectFlags, args []string) (*guard, error) {
	if err := f.check(cmd.Flags()); err != nil {
		return nil, err
	}
	g := &guard{flags: f, stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), style: styleFor(cmd, f.noColor)}
	g.terminal = isTerminal(g.stderr)
	urls, command := splitAtDash(cmd, args)
	var err error
	if g.scenario, err = f.watched(urls, command); err != nil {
		return nil, err
	}
	if err := g.schedules(cmd.Flags().Changed("duration")); err != nil {
		return nil, err
	}
	if err := g.rules(); err != nil {
		return nil, err
	}
	return g, (&loadFlags{ownThisTarget: f.ownThisTarget}).mayAttack(g.scenario)
}

// watched is a scenario of the one request that is sent: the URL, or --probe on its
// server.
func (f *detectFlags) watched(urls, command []string) (*scenario.Scenario, error) {
	switch {
	case len(urls) > 1 || len(urls) == 1 && strings.Contains(f.probe, "://"):
		return nil, errors.New("--watch sends one cheap request; name it with --probe, or as the only URL")
	case f.probe != "" && len(urls) == 1 && len(command) == 0:
		origin, _ := partURL(withScheme(urls[0]))
		urls = []string{origin + f.probe}
	case f.probe != "":
		urls = []string{f.probe}
	case len(urls) == 0 && len(command) > 0:
		urls = []string{"/"}
	case len(urls) == 0:
		return nil, errors.New("nothing to watch: give the URL of a cheap request, such as a health check")
	}
	r := f.requests
	r.URLs, r.Command, r.Rate, r.Duration = urls, command, f.rate, f.requests.Duration
	if r.Duration == 0 {
		r.Duration = watchForever
	}
	if r.Connections == 0 {
		r.Connections = watchConnections
	}
	return scenario.FromFlags(r)
}

func withScheme(given string) string {
	if strings.Contains(given, "://") {
		return given
	}
	return "http://" + given
}

// schedules checks how often probes are sent.
func (g *guard) schedules(bounded bool) error {
	constant, ok := g.scenario.Streams[0].Schedule.(attack.Constant)
	if !ok || constant.Rate < 1 || constant.Rate > mostWatchRate {
		return fmt.Errorf("--rate %q: a watch sends from 1 to %.0f probes a second, at one rate", g.flags.rate, mostWatchRate)
	}
	if bounded && g.flags.requests.Duration < time.Second {
		return fmt.Errorf("--duration %s: must be at least 1s", g.flags.requests.Duration)
	}
	g.schedule = constant
	g.report.Rate = constant.Rate
	return nil
}

// rules reads --fail-on: a watch knows stalls, and no kinds.
func (g *guard) rules() (err error) {
	if g.report.Rules, err = g.flags.rules(); err != nil {
		return err
	}
	shortest := detect.ShortestSeen(g.report.Rate)
	for _, r := range g.report.Rules {
		switch {
		case r.Kind != detect.AnyStall:
			return fmt.Errorf("--fail-on %s: --watch sees stalls and no kinds of work; write stall>100ms", r)
		case r.Longer > 0 && r.Longer < shortest:
			return fmt.Errorf("--fail-on %s: at %g probes a second only stalls from %s on are seen; raise --rate", r, g.report.Rate, shortest.Round(time.Millisecond))
		}
	}
	return nil
}

// run watches until the time is over or the user ends it.
func (g *guard) run(ctx context.Context) error {
	defer surviveBrokenPipes()()
	r := &g.report
	r.Target, r.Probe = g.scenario.Target.Starter().String(), g.scenario.Streams[0].Requests[0].Label()
	r.Environment, r.Version = attack.ReadEnvironment(), buildVersion().Version
	g.begin()
	if !g.flags.quiet {
		fmt.Fprintf(g.stderr, "watching %s: %s at %g/s on %d connections, %s\n", r.Target, r.Probe, r.Rate, g.scenario.Transport.Connections, g.until())
	}
	stopped := g.execute(ctx)
	return g.end(ctx, stopped)
}

func (g *guard) begin() { g.watch = detect.NewWatch(g.schedule) }

func (g *guard) until() string {
	if g.flags.requests.Duration == 0 {
		return "until Ctrl-C"
	}
	return "for " + inWords(g.flags.requests.Duration)
}

// execute sends the probes, and looks at them as they come.
func (g *guard) execute(ctx context.Context) error {
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	var looking sync.WaitGroup
	over := make(chan struct{})
	looking.Go(func() {
		ticker := time.NewTicker(watchLookEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				if err := g.look(); err != nil {
					abort(errNobodyReads)
				}
			case <-over:
				return
			}
		}
	})
	plan := g.scenario.Plan()
	plan.Arms[0].Warmup = attack.Warmup{}
	runs, err := attack.Execute(ctx, plan, attack.Hooks{
		Began: g.starts, Sample: g.sample, Lag: func([]target.LagReading) {},
	})
	close(over)
	looking.Wait()
	if g.terminal && !g.flags.quiet {
		fmt.Fprint(g.stderr, "\r\x1b[K")
	}
	if len(runs) > 0 && runs[0].Failure != "" { // without the block and the arm, which only looptest knows
		err = context.Cause(ctx)
	}
	return err
}

func (g *guard) starts(origin time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.began, g.report.Began = origin, origin
}

func (g *guard) sample(s attack.Sample) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.untold = append(g.untold, g.watch.Add(s)...)
}

// look tells what is over and how it stands. Its error says that nobody reads it.
func (g *guard) look() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.began.IsZero() {
		return nil
	}
	elapsed := time.Since(g.began)
	over, under, ok := g.watch.Now(elapsed)
	if err := g.tell(append(g.untold, over...)); err != nil {
		return err
	}
	g.untold = nil
	if g.flags.quiet || g.flags.jsonLines && !g.terminal {
		return nil
	}
	var blocked *detect.Seen
	if ok {
		blocked = &under
	}
	switch {
	case g.terminal:
		line := g.report.StatusLine(elapsed, g.watch.Sum(), blocked)
		fmt.Fprintf(g.stderr, "\r\x1b[K%s", shortened(line, terminalWidth(g.stderr)-1))
	case ok && time.Since(g.said) >= watchSayEvery:
		g.said = time.Now()
		fmt.Fprintln(g.stderr, reports.UnderWay(under))
	}
	return nil
}

// shortened cuts a text to so many letters; to none that there may be when they are
// not known.
func shortened(text string, most int) string {
	if letters := []rune(text); most > 0 && len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}

// tell writes stalls as they are over.
func (g *guard) tell(seen []detect.Seen) error {
	for _, s := range seen {
		var err error
		switch {
		case g.flags.jsonLines:
			err = g.report.StallJSON(g.stdout, s)
		case g.flags.quiet || g.flags.asJSON:
		default:
			if g.terminal {
				fmt.Fprint(g.stderr, "\r\x1b[K")
			}
			err = g.report.StallLine(g.stdout, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// end sums up and gives the exit code. Ctrl-C is the way to end a watch without a
// duration.
func (g *guard) end(ctx context.Context, stopped error) error {
	interrupted := ctx.Err() != nil
	if g.began.IsZero() { // it never came to the first probe
		if interrupted {
			return failure{exitInterrupted, errors.New("interrupted before the first probe")}
		}
		return unable(stopped)
	}
	lasted := g.schedule.Lasts
	if interrupted || stopped != nil {
		lasted = min(lasted, time.Since(g.began))
	}
	over, sum := g.watch.End(lasted)
	g.report.Watched = sum
	trouble := g.tell(append(g.untold, over...))
	switch {
	case interrupted:
		stopped = nil
		g.report.Partial = g.flags.requests.Duration > 0
	case stopped != nil:
		g.report.Error = stopped.Error()
	}
	if !errors.Is(stopped, errNobodyReads) && trouble == nil {
		trouble = g.print()
	}
	if trouble = printTrouble(trouble); errors.Is(trouble, errNobodyReads) {
		trouble = nil
	}
	switch failed := errors.Join(stopped, trouble); {
	case g.report.Partial:
		return failure{exitInterrupted, errors.Join(errors.New("interrupted"), trouble)}
	case failed == nil:
		return outcomeExit(g.report.Outcome())
	case g.report.Outcome() == analysis.Fail: // it wins over what could not be done
		return failure{exitFail, failed}
	default:
		return unable(failed)
	}
}

func (g *guard) print() error {
	switch {
	case g.flags.jsonLines:
		return g.report.JSONLine(g.stdout)
	case g.flags.asJSON:
		return g.report.JSON(g.stdout)
	case g.flags.quiet:
		return g.report.Brief(g.stdout)
	}
	return g.report.Table(g.stdout, g.style)
}
