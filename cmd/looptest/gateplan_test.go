package main

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/attack"
)

// planned plans a gate of two commands from flags.
func planned(t *testing.T, args ...string) *gating {
	t.Helper()
	var f gateFlags
	cmd := &cobra.Command{}
	f.add(cmd)
	if err := cmd.ParseFlags(append([]string{"--base", "old -p {port}", "--head", "new"}, args...)); err != nil {
		t.Fatal(err)
	}
	f.requests.URLs = append(f.requests.URLs, cmd.Flags().Args()...)
	if err := f.check(cmd.Flags()); err != nil {
		t.Fatal(err)
	}
	g, err := planGate(cmd, f)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func scenarioFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := os.WriteFile(path, []byte("target: http://localhost:3000\n"+text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// What is driven, how fast and for how long.
func TestGatePlan(t *testing.T) {
	two := scenarioFile(t, `duration: 1m
streams:
  a: {load: 100/s, requests: [POST /a]}
  b: {load: 300/s, requests: [GET /b]}
`)
	phases := scenarioFile(t, `phases: [{name: calm, duration: 2s}, {name: busy, duration: 2s}]
streams:
  a: {load: {calm: 100/s, busy: 300/s}, requests: [GET /a]}
`)
	for _, c := range []struct {
		name     string
		args     []string
		rate     float64
		each     time.Duration
		requests int
		ready    string
	}{
		{"flags", []string{"--rate", "400", "/a", "/b"}, 400, 3 * time.Second, 1200, "/a"},
		{"a duration", []string{"--rate", "400", "--url", "/a", "--duration", "5s"}, 400, 5 * time.Second, 2000, "/a"},
		{"a steady scenario", []string{"--scenario", two}, 400, 3 * time.Second, 1200, "/b"},
		{"at another rate", []string{"--scenario", two, "--rate", "800/s"}, 800, 3 * time.Second, 2400, "/b"},
		{"at a rate to be found", []string{"--scenario", two, "--rate", "auto"}, firstGuess, 3 * time.Second, 150, "/b"},
		{"a scenario that changes", []string{"--scenario", phases}, 200, 4 * time.Second, 800, "/a"},
		{"and doesn't", []string{"--scenario", phases, "--rate", "500"}, 500, 3 * time.Second, 1500, "/a"},
	} {
		g := planned(t, c.args...)
		plan := g.plan(1)
		head := plan.Arms[1]
		if g.rate != c.rate || head.Takes != c.each || math.Abs(float64(g.requestsEach()-c.requests)) > 1 || g.head.Ready != c.ready {
			t.Errorf("%s: %v/s for %v, %d requests, ready at %s", c.name, g.rate, head.Takes, g.requestsEach(), g.head.Ready)
		}
		if plan.Arms[0].Name != "base" || head.Look != attack.LookHead || !head.Warmup.AsLoad || plan.Interleave == nil || g.base.Args[2] != "{port}" {
			t.Errorf("%s: %+v", c.name, plan)
		}
		if len(g.streams) == 2 && g.streams[1].Schedule.Count() < 3*g.streams[0].Schedule.Count()-3 {
			t.Errorf("%s: the streams' shares are not kept", c.name)
		}
	}
}

// A time budget plans the blocks that fit, with those that are made up for.
func TestGateTimeBudget(t *testing.T) {
	g := planned(t, "--rate", "400", "--time-budget", "3m", "/ok")
	all := g.takes(g.settings.Design.Most() + g.settings.Spare)
	if all > 3*time.Minute || all < 2*time.Minute+40*time.Second {
		t.Errorf("%d blocks and %d spare ones take %v", g.settings.Design.Most(), g.settings.Spare, all)
	}
	g.flags.timeBudget = 82 * time.Second // no room for spare ones
	if err := g.fit(0.01, time.Second); err != nil || g.settings.Spare != 0 || g.settings.Design.Most() < 10 {
		t.Errorf("%v, %d blocks and %d spare ones", err, g.settings.Design.Most(), g.settings.Spare)
	}
	g.starts = 3 * time.Second // slow ones
	if err := g.fit(0.01, time.Second); err == nil {
		t.Error("blocks of 10 s fit 10 times into 82 s")
	}
}
