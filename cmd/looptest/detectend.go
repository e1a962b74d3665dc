package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// end saves, reports and gives the exit code. stopped is why the scan didn't come to
// its end.
func (d *detecting) end(ctx context.Context, stopped error) error {
	interrupted := ctx.Err() != nil
	if interrupted && len(d.report.Findings) == 0 {
		d.unmake()
		return failure{exitInterrupted, errNothingJudged}
	}
	if stopped != nil {
		d.report.Error, d.report.Partial = stopped.Error(), interrupted
	}
	if interrupted {
		d.report.Error = "interrupted"
		d.cutShort()
	}
	var failed error
	if len(d.report.Findings) > 0 {
		failed = d.save()
	} else {
		failed = d.saveElsewhere()
		d.unmake()
	}
	if err := printTrouble(d.print()); err != nil && !errors.Is(err, errNobodyReads) {
		failed = errors.Join(failed, err)
	}
	switch {
	case interrupted:
		return failure{exitInterrupted, errors.Join(fmt.Errorf("interrupted; what was judged is in %s", d.out), failed)}
	case stopped != nil && len(d.report.Findings) > 0:
		failed = errors.Join(stopped, fmt.Errorf("what was judged is in %s", d.out), failed)
	case stopped != nil:
		failed = errors.Join(stopped, failed)
	}
	if failed == nil {
		return outcomeExit(d.report.Outcome())
	}
	if d.report.Outcome() == analysis.Fail { // it wins over what could not be done
		return failure{exitFail, failed}
	}
	return unable(failed)
}

// cutShort says of the endpoint under way that it is not judged, in place of why the
// program was to end.
func (d *detecting) cutShort() {
	for i := range d.report.Findings {
		if f := &d.report.Findings[i]; f.Partial && f.Kind == target.Unsure {
			f.Because = "interrupted before it was judged"
		}
	}
}

// unmake leaves nothing behind of a scan that judged nothing.
func (d *detecting) unmake() {
	for _, folder := range d.made {
		os.Remove(folder) // unless there is something in it
	}
}

// save draws the charts and writes all reports. One that can't be written does not
// cost the others.
func (d *detecting) save() error {
	var failed error
	if !d.flags.noCharts {
		d.report.Charts, failed = d.draw()
	}
	for name, fill := range map[string]func(io.Writer) error{detectFile: d.report.JSON, "index.md": d.report.Markdown} {
		_, err := d.out.write(name, fill)
		failed = errors.Join(failed, err)
	}
	return errors.Join(failed, d.saveElsewhere())
}

// saveElsewhere writes what CI reads.
func (d *detecting) saveElsewhere() error {
	var failed error
	if d.flags.junit != "" {
		failed = errors.Join(failed, writeFile(d.flags.junit, d.report.JUnit))
	}
	if d.flags.markdown != "" {
		failed = errors.Join(failed, writeFile(d.flags.markdown, d.report.Summary))
	}
	return failed
}

// draw draws the pictures, in place of those of an earlier scan.
func (d *detecting) draw() (paths []string, failed error) {
	var drawn []picture
	for _, p := range d.report.Pictures() {
		content, err := asBytes(func(w io.Writer) error { return p.Draw(w, d.flags.format) })
		switch {
		case err == nil:
			drawn = append(drawn, picture{p.Name + "." + d.flags.format, content})
		case !errors.Is(err, reports.ErrNothingToDraw):
			failed = errors.Join(failed, err)
		}
	}
	old, _ := filepath.Glob(filepath.Join(string(d.out), "detect-[0-9][0-9]-*.*")) // only removes what is there
	for _, path := range old {
		os.Remove(path)
	}
	paths, err := writePictures(d.out, drawn)
	return paths, errors.Join(failed, err)
}

// print writes the findings. Of a scan that judged nothing the error says all, on
// standard error.
func (d *detecting) print() error {
	switch {
	case d.flags.asJSON:
		return d.report.JSON(d.stdout)
	case len(d.report.Findings) == 0:
		return nil
	case d.flags.quiet:
		return d.report.Brief(d.stdout)
	}
	return d.report.Table(d.stdout, d.style)
}
