// Command gatecalibrate measures how far looptest's regression gate can be
// trusted: it runs many short gates of the reference server, with equal arms and
// with doses, keeps each, and writes what came of them. A second call goes on
// where the first one ended.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/cmd/internal/calibration"
)

func main() { calibration.Main("gatecalibrate", run) }

// asked is what the user wants.
type asked struct {
	out, doc, only      string
	aa, ab, resampled   int
	design              gate.Design
	report, extend, hog bool
}

func parse(args []string, stderr io.Writer) (asked, error) {
	var a asked
	flags := flag.NewFlagSet("gatecalibrate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&a.out, "out", "looptest-out/gate-calibration", "`folder` of the finished gates; what is there isn't run again")
	flags.StringVar(&a.doc, "doc", "docs/gate-calibration.md", "`file` that the tables are written to; empty for none")
	flags.StringVar(&a.only, "only", "", "run only the cells with one of these `words` in their names: aa, hog, p99-1.5 …")
	flags.IntVar(&a.aa, "aa", 60, "gates with equal arms, spread over their four cells")
	flags.IntVar(&a.ab, "ab", 20, "gates of each dose")
	blocks := flags.Int("blocks", shortest(), "blocks of a gate; fewer than the default can't fail")
	flags.BoolVar(&a.extend, "extend", false, "let a gate that stays open double its blocks, once")
	flags.IntVar(&a.resampled, "resampled", 2000, "verdicts drawn from the blocks of the equal arms, quiet and not")
	flags.BoolVar(&a.report, "report", false, "run nothing, only write the tables of what is there")
	flags.BoolVar(&a.hog, calibration.HogArg[1:], false, "keep a core busy until standard input ends")
	if err := flags.Parse(args); err != nil {
		return a, err
	}
	a.design = designed(*blocks, a.extend)
	return a, a.design.Check(len(decide))
}

func run(ctx context.Context, args []string, stderr io.Writer) error {
	a, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if a.hog {
		runtime.GOMAXPROCS(2) // one for the loop, one to hear the end
		calibration.Hog()
		return nil
	}
	of, err := chosen(a.only)
	if err != nil {
		return err
	}
	if !a.report {
		if err := os.MkdirAll(a.out, 0o755); err != nil {
			return err
		}
		err = calibrate(ctx, a, of, stderr)
	}
	return errors.Join(err, writeReport(a))
}

// calibrate runs what is missing.
func calibrate(ctx context.Context, a asked, of []cell, stderr io.Writer) error {
	s := store(a.out)
	records, err := all(s)
	if err != nil {
		return err
	}
	have := map[string]int{}
	for name, of := range records {
		have[name] = len(of)
		if len(of) > 0 && !reflect.DeepEqual(of[0].Design, a.design) {
			return fmt.Errorf("%s has gates of %d blocks with other looks: give the same -blocks and -extend, or another -out", a.out, of[0].Design.Regular())
		}
	}
	tasks := toDo(of, a.aa, a.ab, have)
	if len(tasks) == 0 {
		fmt.Fprintln(stderr, "there is nothing left to run")
		return nil
	}
	folder, err := os.MkdirTemp("", "gatecalibrate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b := &bench{design: a.design}
	if b.exes, err = build(ctx, folder); err == nil {
		err = b.pilot(ctx)
	}
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	return conduct(ctx, tasks, b.gate, s, stderr)
}

// mostErrors is after how many gates in a row that can't run it gives up.
const mostErrors = 3

// conduct runs the tasks and keeps each that came to its end.
func conduct(ctx context.Context, tasks []task, one func(context.Context, task) (record, error), s store, stderr io.Writer) error {
	began, errorsInARow := time.Now(), 0
	for i, t := range tasks {
		r, err := one(ctx, t)
		if err != nil {
			return err
		}
		if err := s.Add(r.Cell, r); err != nil {
			return err
		}
		each := time.Since(began) / time.Duration(i+1)
		left := each * time.Duration(len(tasks)-i-1)
		v := r.verdict()
		fmt.Fprintf(stderr, "%d of %d  %-16s %-12s %s, %s left\n", i+1, len(tasks), t.cell.Name, v.Outcome, analysis.Human(r.Took), left.Round(time.Second))
		if errorsInARow++; r.Error == "" {
			errorsInARow = 0
		}
		if errorsInARow == mostErrors {
			return fmt.Errorf("%d gates in a row could not run; the last: %s", mostErrors, r.Error)
		}
	}
	return nil
}
