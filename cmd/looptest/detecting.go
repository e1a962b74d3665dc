package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
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
	report         reports.Detect
	out            outFolder
	made           []string // folders that were made for it, the innermost first
	style          reports.Style
	stdout, stderr io.Writer
}

// run starts the target, scans it and reports.
func (d *detecting) run(ctx context.Context) error {
	defer surviveBrokenPipes()()
	began := time.Now()
	path := (&loadFlags{out: d.flags.out}).folder("detect", began)
	d.made = missingFolders(path)
	var err error
	if d.out, err = openFolder(path); err != nil {
		return unable(err)
	}
	os.Remove(filepath.Join(string(d.out), detectFile)) // an older one must not stand for this one
	r := &d.report
	r.Target, r.Environment, r.Began = d.scenario.Target.Starter().String(), attack.ReadEnvironment(), began
	r.Environment.Target, r.Seed, r.Version = r.Target, d.settings.Seed, buildVersion().Version
	r.Findings, err = d.scan(ctx)
	r.Probe, r.Took = d.settings.Probe, time.Since(began)
	return d.end(ctx, err)
}

// scan starts the target and judges its endpoints. What it gives beside an error is
// what was judged before it.
func (d *detecting) scan(ctx context.Context) ([]detect.Finding, error) {
	t, err := d.scenario.Target.Starter().Start(ctx)
	if err != nil {
		return nil, err
	}
	defer t.Stop()
	ctx, cancel := attack.WhileAlive(ctx, t)
	defer cancel()
	sender, err := attack.NewFineSender(ctx, t.URL(), d.scenario.Transport, detect.Connections)
	if err != nil {
		return nil, err
	}
	defer sender.Close()
	if err := d.chooseProbe(ctx, sender); err != nil {
		return nil, err
	}
	d.lookAtProbe(ctx, sender)
	d.announce()
	p := newDetectProgress(d.stderr, d.flags.quiet, len(d.endpoints))
	defer p.end()
	return detect.Scan(ctx, sender, d.endpoints, d.settings, detect.Hooks{Begins: p.begins, Step: p.step, Done: p.done})
}

func (d *detecting) tell(format string, args ...any) {
	if !d.flags.quiet {
		fmt.Fprintf(d.stderr, format+"\n", args...)
	}
}

// chooseProbe takes the given probe, when it can be one, or the cheapest of the safe
// endpoints and /.
func (d *detecting) chooseProbe(ctx context.Context, sender *attack.FineSender) error {
	if d.probe != nil {
		return d.tryProbe(ctx, sender)
	}
	chosen, refused, err := detect.ChooseProbe(ctx, sender, d.candidates(), d.settings)
	switch {
	case err != nil:
		return err
	case chosen.Takes == 0:
		return fmt.Errorf("nothing here can be the probe: %s; name a cheap request of this server with --probe, such as a health check or a small file", whyNot(refused))
	}
	d.settings.Probe = chosen.Request
	d.tell("probe: %s, the cheapest of %d (%s)", chosen.Request.Label(), len(d.candidates()), analysis.Human(chosen.Takes))
	if len(d.endpoints) == 1 && sameRequest(d.endpoints[0].Request, chosen.Request) {
		d.report.Warnings = append(d.report.Warnings, "the only endpoint is its own probe, which blunts the paired shots; name another cheap request with --probe")
	}
	return nil
}

// candidates are what may be the probe. Whatever / answers, it takes the loop to
// answer it.
func (d *detecting) candidates() []detect.Endpoint {
	candidates := []detect.Endpoint{{Request: attack.Request{URL: "/", Header: d.headers()}, Expect: func(code int) bool { return code < 500 && code != 429 }}}
	for _, e := range d.endpoints {
		if e.Request.Method == "" || e.Request.Method == "GET" {
			candidates = append(candidates, e)
		}
	}
	return candidates
}

// tryProbe holds the given probe to what a probe has to be, and names another when it
// can't be one.
func (d *detecting) tryProbe(ctx context.Context, sender *attack.FineSender) error {
	given := detect.Endpoint{Request: *d.probe}
	for _, e := range d.endpoints {
		if sameRequest(e.Request, given.Request) {
			given = e
		}
	}
	chosen, refused, err := detect.ChooseProbe(ctx, sender, []detect.Endpoint{given}, d.settings)
	if err != nil {
		return err
	}
	if chosen.Takes > 0 {
		d.settings.Probe = chosen.Request
		return nil
	}
	text := fmt.Sprintf("--probe %s can't be the probe: it %s", given.Request.URL, refused[0].Why)
	other, _, err := detect.ChooseProbe(ctx, sender, d.candidates(), d.settings)
	switch {
	case err != nil:
		return err
	case other.Takes > 0:
		return fmt.Errorf("%s; the cheapest here is %s (%s): leave --probe out to take that, or name another", text, other.Request.Label(), analysis.Human(other.Takes))
	}
	return fmt.Errorf("%s; name another cheap request of this server, such as a health check or a small file", text)
}

// mostWhys is how many reasons an error lists.
const mostWhys = 4

func whyNot(refused []detect.Probing) string {
	var why []string
	for _, p := range refused {
		if len(why) == mostWhys {
			return fmt.Sprintf("%s, and %d more", enumerate(why), len(refused)-mostWhys)
		}
		why = append(why, p.Request.Label()+" "+p.Why)
	}
	return enumerate(why)
}

// lookAtProbe warns of what an answer's header says stands in front of the server.
func (d *detecting) lookAtProbe(ctx context.Context, sender *attack.FineSender) {
	_, header, err := sender.Look(ctx, d.settings.Probe, d.settings.Timeout)
	if err != nil {
		return // it was answered a moment ago, and the scan will tell when it isn't any more
	}
	if warning := detect.BehindProxy(header); warning != "" {
		d.report.Warnings = append(d.report.Warnings, warning)
		d.tell("! %s", warning)
	}
}

// announce says what will be sent, and about how long it takes.
func (d *detecting) announce() {
	d.tell("detect: %s of %s, one at a time: about 60 requests to each, at most 16 at once", analysis.Count(len(d.endpoints), "endpoint"), d.scenario.Target.Starter())
	d.tell("  probe   %s, %.0f/s beside them", d.settings.Probe.Label(), detect.ProbeRate)
	d.tell("  takes   about 1 s each and as long as 50 of its answers; about %s each at most", inWords(d.flags.budget))
	d.tell("  seed    %x · results in %s%c", d.settings.Seed, filepath.Clean(string(d.out)), filepath.Separator)
}

var errNothingJudged = errors.New("interrupted before anything was judged")
