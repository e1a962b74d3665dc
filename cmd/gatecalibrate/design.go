package main

import (
	"slices"
	"time"

	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// The short gate. Its route waits for a timer on a thread of a pool that is never
// full, as a request does that waits for a database: some milliseconds of which
// hardly any is the generator's, so that a dose of a few percent is well beyond
// what a timer can be late by, and a gate's figures are about the gate and not
// about this machine's speed.
const (
	path     = "/lookup?ms=5&as=file"
	poolSize = "64"
	unit     = "1000"          // additions in a step, so that no server calibrates; no route here uses it
	rate     = 2000            // a second
	lasts    = time.Second / 2 // 1,000 requests, which p99 needs
	slice    = lasts / 2
	warmup   = 200 * time.Millisecond
)

// shortest is from how many blocks on the two metrics can fail at α = 1 %.
func shortest() int { return gate.BlocksNeeded(gate.DefaultAlpha, len(decide)) }

// decide are the metrics of the short gate, at their default δ.
var decide = []string{"p50", "p99"}

// designed is the design of that many blocks.
func designed(blocks int, extended bool) gate.Design {
	return gate.NewDesign(blocks, len(decide), extended)
}

// settings are the short gate's. What the default gate would look at besides is
// only recorded.
func settings(d gate.Design) gate.Settings { return settingsOf(d, decide...) }

// settingsOf has those metrics decide.
func settingsOf(d gate.Design, names ...string) gate.Settings {
	metrics := gate.Metrics()
	for i := range metrics {
		m := &metrics[i]
		m.Gated = slices.Contains(names, m.Name)
		m.Asked = m.Gated // never made informational: it then rather abstains
	}
	return gate.Settings{Metrics: metrics, Design: d, Spare: gate.SpareFor(d.Regular())}
}

// delta is the metric's δ.
func delta(metric string) float64 {
	for _, m := range gate.Metrics() {
		if m.Name == metric {
			return m.Delta
		}
	}
	return 0
}

// plan has both arms and the load, some times as long as usual; the gate sets its
// blocks.
func plan(s gate.Settings, base, head *target.Command, times int) attack.Plan {
	lasts := lasts * time.Duration(max(1, times))
	arm := func(name attack.Look, c *target.Command) attack.Arm {
		return attack.Arm{
			Name: string(name), Look: name, Target: c, Takes: lasts, Warmup: attack.Warmup{Lasts: warmup, AsLoad: true},
			Streams: []attack.Stream{{
				Name: "load", Role: attack.Probe, Requests: []attack.Request{{URL: path}},
				Schedule: attack.Constant{Rate: rate, Lasts: lasts},
			}},
		}
	}
	return attack.Plan{
		Arms: []attack.Arm{arm(attack.LookBase, base), arm(attack.LookHead, head)}, Seed: s.Seed,
		Interleave: &attack.Interleave{Slice: slice},
	}
}

// server starts the reference server with a dose.
func server(exe string, dose ...string) *target.Command {
	args := []string{exe, "serve", "--pool-size", poolSize, "--unit", unit}
	return &target.Command{Args: append(args, dose...), Ready: "/ok"}
}
