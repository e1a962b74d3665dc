package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/record"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// attacking is an attack or a scenario's run under way. Samples and heartbeats
// go to the tally and to the records as they come; from the tally come the live
// view, the abort and, in the end, the report.
type attacking struct {
	command        string
	flags          loadFlags
	scenario       *scenario.Scenario
	out            outFolder
	made           []string       // folders that were made for it, the innermost first
	writer         *record.Writer // nil without records
	style          reports.Style
	stdout, stderr io.Writer

	mu     sync.Mutex
	tally  *analysis.Tally
	origin time.Time      // of the measured part; zero before it
	done   int            // requests that were answered, failed or timed out so far
	failed int            // of these, without a good answer
	beats  beats          // of the target's loop
	lost   map[int]string // budgets that ended the run, and why
}

func startAttacking(cmd *cobra.Command, f loadFlags, s *scenario.Scenario) error {
	if err := f.check(cmd.Flags()); err != nil {
		return err
	}
	if err := f.mayAttack(s); err != nil {
		return err
	}
	a := &attacking{
		command: cmd.Name(), flags: f, scenario: s, style: styleFor(cmd, f.noColor),
		stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(),
		tally: analysis.NewTally(layoutOf(s)), lost: map[int]string{},
	}
	return a.start(cmd.Context())
}

func layoutOf(s *scenario.Scenario) analysis.Layout {
	l := analysis.Layout{Phases: s.Phases, Span: s.Span()}
	for _, stream := range s.Streams {
		l.Streams = append(l.Streams, analysis.LayoutStream{
			Name: stream.Name, Role: stream.Role, Labels: scenario.Labels(stream), Schedule: stream.Schedule,
		})
	}
	return l
}

// start opens what the results go into, so that a mistake is found before the
// measuring, and carries the load out.
func (a *attacking) start(ctx context.Context) error {
	defer surviveBrokenPipes()()
	metrics, err := a.serveMetrics()
	if err != nil {
		return err
	}
	defer metrics.close()
	path := a.flags.folder(a.command, time.Now())
	a.made = missingFolders(path)
	if a.out, err = openFolder(path); err != nil {
		return unable(err)
	}
	head := a.head()
	if !a.flags.noRecords {
		if a.writer, err = record.Create(string(a.out), head); err != nil {
			return unable(err)
		}
	}
	if !a.flags.quiet {
		fmt.Fprintf(a.stderr, "%s · results in %s\n", outline(a.scenario), a.out)
		metrics.announce(a.stderr)
	}
	run, stopped := a.execute(ctx)
	return a.end(ctx, head, run, stopped)
}

// surviveBrokenPipes makes writing to a reader that has left an error instead of
// the program's end: what was measured is still to be saved.
func surviveBrokenPipes() (restore func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}

// Why a load is ended before its time.
var (
	errAborted     = errors.New("aborted by a budget")
	errInterrupted = errors.New("interrupted")
	errNobodyReads = errors.New("nobody reads standard output any more")
)

// execute sends the load, with the live view beside it. Its error is the reason
// alone: there is one block and one arm, which need no names.
func (a *attacking) execute(ctx context.Context) (attack.Run, error) {
	attacked, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watching := a.watch(ctx, cancel)
	runs, err := attack.Execute(attacked, a.scenario.Plan(), attack.Hooks{Began: a.began, Sample: a.sample, Lag: a.lag})
	watching.end()
	if len(runs) == 0 {
		return attack.Run{}, err
	}
	if reason := errors.Unwrap(err); runs[0].Failure != "" && reason != nil {
		err = reason
	}
	if err != nil && ctx.Err() != nil {
		err = errInterrupted
	}
	return runs[0], err
}

func (a *attacking) began(origin time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.origin = origin
}

func (a *attacking) sample(s attack.Sample) {
	a.mu.Lock()
	a.tally.Add(s)
	a.done++
	if s.Err != "" {
		a.failed++
	}
	a.mu.Unlock()
	if a.writer != nil {
		a.writer.Sample(s)
	}
}

func (a *attacking) lag(readings []target.LagReading) {
	a.mu.Lock()
	a.tally.AddLag(readings)
	a.beats.add(time.Now(), readings)
	a.mu.Unlock()
	if a.writer != nil {
		a.writer.Lag(readings)
	}
}

// load is what came so far; in the end with the run's accounts.
func (a *attacking) load(counts []attack.StreamCount) analysis.Load {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tally.Load(counts)
}

func (a *attacking) head() record.Head {
	h := record.Head{
		Command: a.command, Looptest: buildVersion().Version, Scenario: string(a.scenario.Source),
		Span: a.scenario.Span(), Environment: attack.ReadEnvironment(), Phases: a.scenario.Phases,
	}
	h.Environment.Target = a.scenario.Target.Starter().String()
	for _, s := range a.scenario.Streams {
		h.Streams = append(h.Streams, record.Stream{Name: s.Name, Role: s.Role, Labels: scenario.Labels(s)})
	}
	return h
}

// title is what was driven: a name, or the one request, or the target.
func title(s *scenario.Scenario) string {
	where := s.Target.Starter().String()
	if s.Name != "" {
		return s.Name
	}
	if len(s.Streams) != 1 || len(s.Streams[0].Requests) != 1 {
		return where
	}
	request := s.Streams[0].Requests[0]
	method := cmp.Or(request.Method, http.MethodGet)
	switch {
	case request.Name != "":
		return request.Name + " of " + where
	case strings.Contains(request.URL, "://"):
		return method + " " + request.URL
	case len(s.Target.Command) > 0 || s.Target.Socket != "":
		return method + " " + request.URL + " of " + where
	}
	return method + " " + where + request.URL
}

// outline says what will be sent.
func outline(s *scenario.Scenario) string {
	text := title(s) + ": "
	if n := len(s.Streams); n > 1 {
		text += analysis.Count(n, "stream") + ", "
	}
	span := analysis.Human(s.Span())
	if s.Span() >= time.Second {
		span = inWords(s.Span())
	}
	text += fmt.Sprintf("%s in %s", analysis.Count(s.Requests(), "request"), span)
	if w := s.Warmup.Lasts; w > 0 {
		text += " after a warm-up of " + analysis.Human(w)
	}
	return text
}
