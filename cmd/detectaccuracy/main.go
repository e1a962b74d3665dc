// Command detectaccuracy measures how well looptest detect tells what real servers
// do: it starts servers whose endpoints work in known ways, on Node, Python, Go and
// its own loop, has each judged many times, keeps what came of it, and writes it
// down. A second call goes on where the first one ended.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/looptest/looptest/cmd/internal/calibration"
)

func main() { calibration.Main("detectaccuracy", run) }

// asked is what the user wants.
type asked struct {
	out, doc, only    string
	times             map[group]int
	report, hog, asGo bool
}

func parse(args []string, stderr io.Writer) (asked, error) {
	a := asked{times: map[group]int{}}
	flags := flag.NewFlagSet("detectaccuracy", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&a.out, "out", "looptest-out/detect-accuracy", "`folder` of the finished scans; what is there isn't run again")
	flags.StringVar(&a.doc, "doc", "docs/detect-accuracy.md", "`file` that the tables are written to; empty for none")
	flags.StringVar(&a.only, "only", "", "run only the samples with one of these `words` in their group or name")
	counts := map[group]*int{}
	for g, n := range map[group]int{sensitivity: 20, nulls: 26, kinds: 6, pools: 6, staircases: 6} {
		counts[g] = flags.Int(string(g), n, fmt.Sprintf("scans of each sample of the group %s", g))
	}
	flags.BoolVar(&a.report, "report", false, "run nothing, only write the tables of what is there")
	flags.BoolVar(&a.hog, calibration.HogArg[1:], false, "keep a core busy until standard input ends")
	flags.BoolVar(&a.asGo, goArg[1:], false, "be the Go server")
	err := flags.Parse(args)
	for g, n := range counts {
		a.times[g] = *n
	}
	return a, err
}

func run(ctx context.Context, args []string, stderr io.Writer) error {
	a, err := parse(args, stderr)
	switch {
	case err != nil:
		return err
	case a.hog:
		runtime.GOMAXPROCS(2) // one for the loop, one to hear the end
		calibration.Hog()
		return nil
	case a.asGo:
		return serveGo()
	}
	if !a.report {
		if err := os.MkdirAll(a.out, 0o755); err != nil {
			return err
		}
		err = measure(ctx, a, stderr)
	}
	return errors.Join(err, writeReport(a))
}

// wanted are the samples that one of the words occurs in.
func (a asked) wanted() []sample {
	var some []sample
	for _, s := range samples() {
		for word := range strings.SplitSeq(a.only, ",") {
			if strings.Contains(string(s.Group)+" "+s.Name, word) {
				some = append(some, s)
				break
			}
		}
	}
	return some
}

// measure runs what is missing, in rounds over the samples: what changes on the
// machine over time then changes for all of them.
func measure(ctx context.Context, a asked, stderr io.Writer) error {
	store := calibration.Folder[record](a.out)
	have := map[string]int{}
	for _, g := range groups {
		records, err := store.Read(string(g))
		if err != nil {
			return err
		}
		for _, r := range records {
			have[string(g)+r.Name]++
		}
	}
	l, err := newLab(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	type task struct {
		sample
		number int
	}
	var tasks []task
	for round := range 1000 {
		for _, s := range a.wanted() {
			if round >= have[string(s.Group)+s.Name] && round < a.times[s.Group] {
				tasks = append(tasks, task{s, round})
			}
		}
	}
	began := time.Now()
	for i, t := range tasks {
		r, err := l.scan(ctx, t.sample, t.number)
		if err != nil {
			return err
		}
		if err := store.Add(string(t.Group), r); err != nil {
			return err
		}
		left := time.Since(began) / time.Duration(i+1) * time.Duration(len(tasks)-i-1)
		fmt.Fprintf(stderr, "%d of %d  %-50s %-16s %6.1f ms  %s left\n", i+1, len(tasks), t.Name, r.Kind, r.StallMS, left.Round(time.Second))
	}
	return nil
}
