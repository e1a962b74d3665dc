package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/cmd/internal/calibration"
)

// bench runs gates.
type bench struct {
	exes   [2]string // two builds of one source
	design gate.Design
	quiet  []gate.Block // the newest of equal arms on a quiet machine
}

// newest is how many blocks the level is taken from: the doses follow the machine,
// slowly.
const newest = 32

// calm takes blocks of equal arms in.
func (b *bench) calm(blocks []gate.Block) {
	b.quiet = append(b.quiet, blocks...)
	b.quiet = b.quiet[max(0, len(b.quiet)-newest):]
}

// level is what the base shows, by metric, in ms; the doses are in it.
type level map[string]float64

// levelOf gives the medians over the blocks of both arms.
func levelOf(blocks []gate.Block) level {
	l := level{}
	for _, metric := range decide {
		var values []float64
		for _, b := range blocks {
			values = append(values, b.Base.Values[metric], b.Head.Values[metric])
		}
		l[metric] = calibration.Median(values)
	}
	return l
}

// build makes the program twice.
func build(ctx context.Context, folder string) (exes [2]string, err error) {
	for i, name := range []string{"one", "two"} {
		exes[i] = filepath.Join(folder, name, "looptest")
		cmd := exec.CommandContext(ctx, "go", "build", "-o", exes[i], "github.com/looptest/looptest/cmd/looptest")
		if output, err := cmd.CombinedOutput(); err != nil {
			return exes, fmt.Errorf("the reference server can't be built: %w\n%s", err, output)
		}
	}
	return exes, nil
}

// pilotBlocks are run beforehand, to know the base's level.
const pilotBlocks = 8

// pilot measures the base's level.
func (b *bench) pilot(ctx context.Context) error {
	s := settings(b.design)
	p := plan(s, server(b.exes[0]), server(b.exes[0]), 1)
	p.Blocks = pilotBlocks
	runs, err := attack.Execute(ctx, p, attack.Hooks{})
	if err != nil {
		return err
	}
	blocks := gate.Measure(s, runs).Blocks
	if len(blocks) == 0 {
		return errors.New("the base's level can't be told: no block can be judged")
	}
	b.calm(blocks)
	return nil
}

// gate runs one from its start to its verdict. An error of the gate's is recorded
// with it; only an interruption is not.
func (b *bench) gate(ctx context.Context, t task) (record, error) {
	s := settings(b.design)
	s.Seed = seed(t)
	here := attack.ReadEnvironment()
	r := record{
		Cell: t.cell.Name, Number: t.number, Design: b.design, Seed: s.Seed, Began: time.Now(),
		Delay: t.cell.delay(levelOf(b.quiet)), Machine: here.Machine(), Load: here.Load1,
	}
	if t.cell.Hog {
		release, err := calibration.StartHog()
		if err != nil {
			return r, err
		}
		defer release()
	}
	head := b.exes[0]
	if t.cell.Builds {
		head = b.exes[1]
	}
	dose := t.cell.Args
	if r.Delay > 0 {
		dose = append([]string{"--slow-down", r.Delay.String()}, dose...)
	}
	g := gate.Gate{Settings: s, Plan: plan(s, server(b.exes[0]), server(head, dose...), t.cell.Times)}
	runs, err := analysis.Conduct(ctx, g, nil, attack.Hooks{})
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil {
		r.Error = err.Error()
	}
	r.Measured = gate.Measure(s, runs)
	if t.cell.Equal && !t.cell.Hog {
		b.calm(r.Measured.Blocks)
	}
	r.Took = time.Since(r.Began)
	r.Others = map[string]analysis.Outcome{}
	for _, o := range gate.Others() {
		r.Others[o.Name] = o.Judge(s, runs)
	}
	return r, nil
}

// seed is another one for each gate, and the same when it is run again.
func seed(t task) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", t.cell.Name, t.number)
	return h.Sum64()
}
