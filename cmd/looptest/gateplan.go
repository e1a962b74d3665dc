package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/target"
)

// planGate checks all that can be checked before anything is started.
func planGate(cmd *cobra.Command, f gateFlags) (*gating, error) {
	g := &gating{flags: f, style: styleFor(cmd, f.noColor), stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr()}
	if err := g.commands(); err != nil {
		return nil, err
	}
	var err error
	if g.scenario, err = f.load(cmd, g.head.Args); err != nil {
		return nil, err
	}
	g.dress(g.base)
	g.dress(g.head)
	if g.settings.Metrics, err = f.judged(); err != nil {
		return nil, err
	}
	if g.settings.Seed, err = drawSeed(f.seed); err != nil {
		return nil, err
	}
	g.settings.DifferentAnswers = f.differentAnswers
	if err := g.chooseLoad(cmd.Flags()); err != nil {
		return nil, err
	}
	g.judge = func(runs []attack.Run) gate.Verdict { return gate.Judge(g.settings, runs) }
	return g, g.chooseBlocks()
}

// commands reads what starts the two servers.
func (g *gating) commands() error {
	f := &g.flags
	switch {
	case f.head == "":
		return errors.New("which server is to be judged? give the command that starts it with --head, and the old one's with --base or --base-ref")
	case f.build != "" && f.baseRef == "":
		return errors.New("--build goes with --base-ref: it builds the base in a checkout of its own")
	case f.base == "" && f.baseRef == "":
		return errors.New("what is it to be compared with? give the command that starts the old server with --base, or its branch or commit with --base-ref")
	case f.base == "":
		f.base = f.head
	}
	var words [3][]string
	for i, c := range []struct{ flag, text string }{{"base", f.base}, {"head", f.head}, {"build", f.build}} {
		var err error
		if words[i], err = target.SplitCommand(c.text); err != nil {
			return fmt.Errorf("--%s: %w", c.flag, err)
		}
		if len(words[i]) == 0 && (c.text != "" || c.flag != "build") {
			return fmt.Errorf("--%s %q names no program to run", c.flag, c.text)
		}
	}
	g.base, g.head, g.build = &target.Command{Args: words[0]}, &target.Command{Args: words[1]}, words[2]
	g.baseName, g.headName = g.base.String(), g.head.String()
	if f.baseRef != "" {
		g.baseName = f.baseRef
	}
	return nil
}

// dress gives a command what else the scenario says of its target.
func (g *gating) dress(c *target.Command) {
	t := g.scenario.Target
	c.Env, c.Ready, c.ReadyTimeout = t.Env, t.Ready, t.ReadyTimeout
	if c.Ready == "" {
		c.Ready = firstPath(g.scenario.Streams)
	}
}

// firstPath is the first path that is asked for; a server that answers there is
// ready.
func firstPath(streams []attack.Stream) string {
	for _, s := range streams {
		for _, r := range s.Requests {
			if r.Method == "" || r.Method == "GET" {
				return r.URL
			}
		}
	}
	return "/"
}

// ofScenarios are the flags that a scenario takes the place of.
var ofScenarios = []string{
	"url", "method", "header", "body", "body-file", "targets", "targets-format", "timeout", "expect", "match", "max-body", "warmup",
	"protocol", "connections", "fresh-connections", "socket", "insecure", "ca", "cert", "key", "server-name", "ready", "ready-timeout",
}

// load gives the requests: those of the flags, or of a scenario.
func (f *gateFlags) load(cmd *cobra.Command, command []string) (*scenario.Scenario, error) {
	s, err := f.asked(cmd, command)
	if err != nil {
		return nil, err
	}
	if s.Target.Socket != "" {
		return nil, errors.New("the arms of a gate listen on ports of their own; leave the socket out")
	}
	for _, stream := range s.Streams {
		for _, r := range stream.Requests {
			if !strings.HasPrefix(r.URL, "/") {
				return nil, fmt.Errorf("%s is asked for: both arms would get answers from there; give a path, as /orders", r.URL)
			}
		}
	}
	return s, nil
}

func (f *gateFlags) asked(cmd *cobra.Command, command []string) (*scenario.Scenario, error) {
	if f.scenario != "" {
		for _, name := range ofScenarios {
			if cmd.Flags().Changed(name) || name == "url" && len(f.requests.URLs) > 0 {
				return nil, fmt.Errorf("--%s is said in the scenario; leave it out with --scenario", name)
			}
		}
		return readScenario(cmd, f.scenario)
	}
	r := f.requests
	if len(r.URLs) == 0 && r.Targets == "" {
		return nil, errors.New("what is to be asked for? give a path with --url, or --targets FILE, or --scenario FILE")
	}
	r.Command, r.Rate, r.Duration, r.Warmup = command, f.rate, f.duration, f.warmup
	if f.finds() {
		r.Rate = "50/s" // until one is found
	}
	if err := checkRequestFlags(cmd.Flags(), r); err != nil {
		return nil, err
	}
	return scenario.FromFlags(r)
}

// finds says whether a rate is to be found.
func (f *gateFlags) finds() bool { return f.rate == autoRate || f.rate == "" && f.scenario == "" }

// chooseLoad gives the streams their schedules, but for a rate that is to be
// found.
func (g *gating) chooseLoad(flags *pflag.FlagSet) error {
	perSecond, steady := gate.Steady(g.scenario.Streams)
	if g.flags.rate != "" && !g.flags.finds() && g.flags.scenario != "" {
		s, err := scenario.FromFlags(scenario.Flags{URLs: []string{"/"}, Command: []string{"server"}, Rate: g.flags.rate, Duration: g.flags.duration})
		if err != nil {
			return err
		}
		perSecond, steady = gate.Steady(s.Streams)
	}
	g.warmup = g.scenario.Warmup.Lasts
	switch {
	case g.flags.finds():
		g.setRate(firstGuess, "")
	case steady:
		g.setRate(perSecond, "given")
	case g.flags.rate != "":
		return fmt.Errorf("--rate %q: a gate needs one fixed rate, such as 200/s, or auto", g.flags.rate)
	case flags.Changed("duration"):
		return errors.New("--duration: the loads of this scenario change over time, which takes as long as it says; or give one --rate, too")
	default: // as the scenario says
		g.streams = g.scenario.Streams
		g.rate = float64(g.scenario.Requests()) / g.scenario.Span().Seconds()
		g.rateFrom = "on average, as the scenario says"
	}
	if g.flags.finds() {
		return nil
	}
	return g.checkRequests()
}

// firstGuess is a rate that stands for the one to be found.
const firstGuess = 50

// setRate drives both arms at that rate, together over all streams.
func (g *gating) setRate(perSecond float64, from string) {
	g.rate, g.rateFrom = perSecond, from
	g.streams = gate.AtRate(g.scenario.Streams, perSecond, g.flags.duration)
}

// requestsEach is how many requests an arm gets in a block.
func (g *gating) requestsEach() int {
	sum := 0
	for _, s := range g.streams {
		sum += s.Schedule.Count()
	}
	return sum
}

// checkRequests refuses a load under which no time could be judged.
func (g *gating) checkRequests() error {
	requests := g.requestsEach()
	least := slices.MinFunc(g.settings.Metrics, func(a, b gate.Metric) int { return timeNeeds(a) - timeNeeds(b) })
	if needs := timeNeeds(least); requests < needs && needs < neverNeeded {
		return fmt.Errorf("an arm gets %d requests in a block, and already %s needs %d: raise --rate, or --duration", requests, least.Name, needs)
	}
	for _, m := range g.settings.Metrics {
		if m.Asked && m.Gated && requests < m.Needs {
			return fmt.Errorf("--metric %s needs %d requests per arm and block, and there are %d: raise --rate, or give --duration %s",
				m.Name, m.Needs, requests, durationFor(m.Needs, g.rate))
		}
	}
	return nil
}

const neverNeeded = 1 << 30

// timeNeeds is how many requests a gated time needs; of other metrics, too many.
func timeNeeds(m gate.Metric) int {
	if !m.Gated || m.Unit != "ms" || m.Name == gate.CPU {
		return neverNeeded
	}
	return m.Needs
}

// plan is that many blocks of both arms.
func (g *gating) plan(blocks int) attack.Plan {
	arm := func(name attack.Look, c *target.Command) attack.Arm {
		a := g.scenario.Arm()
		a.Name, a.Look, a.Target, a.Streams, a.Warmup.Lasts = string(name), name, c, g.streams, g.warmup
		if _, steady := gate.Steady(g.streams); steady {
			a.Phases = nil
		}
		a.Takes = 0
		for _, s := range g.streams {
			a.Takes = max(a.Takes, s.Schedule.Span())
		}
		return a
	}
	return attack.Plan{
		Arms: []attack.Arm{arm(attack.LookBase, g.base), arm(attack.LookHead, g.head)}, Blocks: blocks, Seed: g.settings.Seed,
		Interleave: &attack.Interleave{Slice: g.flags.slice, Duet: g.flags.duet},
	}
}

// blockTakes is how long a block takes, with what was seen of the servers' starts.
func (g *gating) blockTakes() time.Duration { return g.plan(1).Takes() + g.starts }

// chooseBlocks makes the design, and refuses one that could not fail. With a time
// budget it is made anew when it is known how long a block takes.
func (g *gating) chooseBlocks() error {
	alpha, err := g.flags.level()
	if err != nil {
		return err
	}
	gated := g.settings.Gated()
	if g.flags.timeBudget > 0 {
		before := time.Second
		if g.flags.finds() {
			before += findTakes
		}
		return g.fit(alpha, before)
	}
	g.settings.Design = gate.NewDesignAt(alpha, g.flags.blocks, gated, !g.flags.noExtension)
	g.settings.Spare = gate.SpareFor(g.flags.blocks)
	if err := g.settings.Design.Check(gated); err != nil {
		return fmt.Errorf("--blocks %d: %w", g.flags.blocks, err)
	}
	return nil
}

// findTakes is what finding a rate takes, about, with two servers to start.
const findTakes = 12 * time.Second

// fit plans the blocks that fit into what the time budget leaves after so much,
// with those that may have to be made up for.
func (g *gating) fit(alpha float64, before time.Duration) error {
	block, gated := g.blockTakes(), g.settings.Gated()
	left := g.flags.timeBudget - before
	for _, g.settings.Spare = range []int{gate.SpareFor(0), 0} {
		design, err := gate.FitAt(alpha, left-time.Duration(g.settings.Spare)*block, block, gated)
		if err == nil {
			g.settings.Design = design
			return design.Check(gated)
		}
	}
	need := gate.BlocksNeeded(alpha, gated)
	return fmt.Errorf("--time-budget %s is too short: %s of %s fit, after %s for what comes before, and with %s at α = %s a regression can be found from %d blocks on: give at least %s",
		g.flags.timeBudget, analysis.Count(max(0, int(left/block)), "block"), block.Round(100*time.Millisecond), inWords(before),
		analysis.Count(gated, "gated metric"), percentText(alpha), need, (before + time.Duration(need)*block + time.Second).Round(time.Second))
}

// durationFor is how long it takes to send so many requests, in whole seconds.
func durationFor(requests int, rate float64) time.Duration {
	return time.Duration(math.Ceil(float64(requests)/rate)) * time.Second
}
