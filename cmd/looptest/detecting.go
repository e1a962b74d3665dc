package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// detectFile is a scan's findings, within its folder.
const detectFile = "detect.json"

// detecting is a scan under way.
type detecting struct {
	flags          detectFlags
	scenario       *scenario.Scenario
	endpoints      []detect.Endpoint
	probe          *attack.Request // nil to be chosen
	settings       detect.Settings
	out            outFolder
	style          reports.Style
	stdout, stderr io.Writer
}

// run starts the target, scans it and reports.
func (d *detecting) run(ctx context.Context) error {
	defer surviveBrokenPipes()()
	began := time.Now()
	var err error
	if d.out, err = openFolder((&loadFlags{out: d.flags.out}).folder("detect", began)); err != nil {
		return unable(err)
	}
	os.Remove(string(d.out) + "/" + detectFile) // an older one must not stand for this one
	findings, err := d.scan(ctx)
	r := reports.Detect{
		Findings: findings, Target: d.scenario.Target.Starter().String(), Probe: d.settings.Probe, Environment: attack.ReadEnvironment(),
		Began: began, Took: time.Since(began), Seed: d.settings.Seed, Version: buildVersion().Version,
	}
	r.Outcome = outcomeOf(findings)
	if err != nil {
		r.Partial, r.Error = true, err.Error()
		r.Outcome = analysis.Worst(r.Outcome, analysis.Invalid)
	}
	return d.end(ctx, r, err)
}

// outcomeOf is inconclusive when something stayed open.
func outcomeOf(findings []detect.Finding) analysis.Outcome {
	if len(findings) == 0 {
		return analysis.Invalid
	}
	for _, f := range findings {
		if f.Kind == target.Unsure {
			return analysis.Inconclusive
		}
	}
	return analysis.Pass
}

func (d *detecting) end(ctx context.Context, r reports.Detect, stopped error) error {
	_, failed := d.out.write(detectFile, r.JSON)
	show := func(w io.Writer) error { return r.Table(w, d.style) }
	switch {
	case d.flags.asJSON:
		show = r.JSON
	case d.flags.quiet:
		show = func(w io.Writer) error {
			for _, f := range r.Ranked() {
				if _, err := fmt.Fprintln(w, reports.Line(f)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	if err := printTrouble(show(d.stdout)); err != nil {
		failed = errors.Join(failed, err)
	}
	switch {
	case ctx.Err() != nil:
		return failure{exitInterrupted, errors.Join(fmt.Errorf("interrupted; what was judged is in %s", d.out), failed)}
	case stopped != nil || failed != nil:
		return unable(errors.Join(stopped, failed))
	}
	return outcomeExit(r.Outcome)
}

// scan starts the target and judges its endpoints.
func (d *detecting) scan(ctx context.Context) ([]detect.Finding, error) {
	t, err := d.scenario.Target.Starter().Start(ctx)
	if err != nil {
		return nil, err
	}
	defer t.Stop()
	sender, err := attack.NewFineSender(ctx, t.URL(), d.scenario.Transport, detect.Connections)
	if err != nil {
		return nil, err
	}
	defer sender.Close()
	if err := d.chooseProbe(ctx, sender); err != nil {
		return nil, err
	}
	d.tell("%s of %s, one at a time: about 60 requests to each, at most 16 at once, beside the probe %s at 500/s",
		analysis.Count(len(d.endpoints), "endpoint"), d.scenario.Target.Starter(), d.settings.Probe.Label())
	return detect.Scan(ctx, sender, d.endpoints, d.settings, detect.Hooks{Done: func(_ int, f detect.Finding) {
		d.tell("%s", reports.Line(f))
	}})
}

func (d *detecting) tell(format string, args ...any) {
	if !d.flags.quiet {
		fmt.Fprintf(d.stderr, format+"\n", args...)
	}
}

// chooseProbe takes the given probe, or the cheapest of the safe endpoints and /.
func (d *detecting) chooseProbe(ctx context.Context, sender *attack.FineSender) error {
	if d.probe != nil {
		d.settings.Probe = *d.probe
		return nil
	}
	candidates := []detect.Endpoint{{Request: attack.Request{URL: "/", Header: d.headers()}, Expect: func(code int) bool { return code > 0 && code < 500 }}}
	for _, e := range d.endpoints {
		if e.Request.Method == "" || e.Request.Method == "GET" {
			candidates = append(candidates, e)
		}
	}
	best, takes, err := detect.Cheapest(ctx, sender, candidates, d.settings)
	if err != nil {
		return err
	}
	if best < 0 {
		return errors.New("no endpoint gives a good answer that could serve as the probe; name a cheap one with --probe")
	}
	d.settings.Probe = candidates[best].Request
	d.tell("probe: %s, the cheapest of %d (%s)", d.settings.Probe.Label(), len(candidates), analysis.Human(takes))
	return nil
}
