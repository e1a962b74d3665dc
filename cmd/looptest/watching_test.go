package main

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

func momentAt(elapsed time.Duration) reports.Moment {
	return reports.Moment{Elapsed: elapsed, Span: time.Minute, Lag: -1}
}

// A terminal's view is written over the one before it, and gone in the end.
func TestTerminalView(t *testing.T) {
	var out bytes.Buffer
	width := 80
	v := &terminalView{w: &out, width: func() int { return width }}
	take := func() string {
		defer out.Reset()
		return out.String()
	}
	v.show(momentAt(time.Second))
	first := take()
	if strings.Contains(first, "\x1b") || strings.Count(first, "\n") != 3 {
		t.Errorf("the first view: %q", first)
	}
	m := momentAt(2 * time.Second)
	m.Trend = []time.Duration{1, 2}
	v.show(m)
	if second := take(); !strings.HasPrefix(second, "\x1b[3A\x1b[J  ") || strings.Count(second, "\n") != 4 {
		t.Errorf("the second view: %q", second)
	}
	v.say("by the way")
	if said := take(); said != "\x1b[4A\x1b[Jby the way\n" {
		t.Errorf("what is said: %q", said)
	}
	width = 20 // it was resized
	v.show(momentAt(3 * time.Second))
	for line := range strings.Lines(take()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 20 {
			t.Errorf("%q has %d letters", line, n)
		}
	}
	v.end()
	v.end()
	if ended := take(); ended != "\x1b[3A\x1b[J" {
		t.Errorf("the end: %q", ended)
	}
}

// A log gets a line about every 5 s.
func TestLogView(t *testing.T) {
	var out bytes.Buffer
	v := &logView{w: &out}
	for i := range 12 {
		v.show(momentAt(time.Duration(i+1)*time.Second + time.Millisecond))
	}
	v.say("by the way")
	v.end()
	var times []string
	for line := range strings.Lines(out.String()) {
		moment, _, _ := strings.Cut(line, " · ")
		times = append(times, strings.TrimSpace(moment))
	}
	if got := strings.Join(times, ","); got != "0:05,0:10,by the way" {
		t.Error(got)
	}
}

// full is a reader that has left.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestViewsWithoutReader(t *testing.T) {
	if (jsonView{w: full{}}).show(momentAt(time.Second)) == nil {
		t.Error("nobody reads the JSON lines, and it is no error")
	}
	if (&logView{w: full{}}).show(momentAt(time.Minute)) != nil {
		t.Error("a log that nobody reads is no reason to stop")
	}
}

// under is an attack under way since a time.
func under(since time.Duration, s *scenario.Scenario) *attacking {
	return &attacking{
		scenario: s, tally: analysis.NewTally(layoutOf(s)), lost: map[int]string{},
		origin: time.Now().Add(-since), flags: loadFlags{quiet: true},
	}
}

func minuteOf(t *testing.T, budgets ...string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.FromFlags(scenario.Flags{URLs: []string{"http://127.0.0.1:1/"}, Rate: "10/s", Duration: time.Minute, Budgets: budgets, Abort: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLook(t *testing.T) {
	a := under(2*time.Second, minuteOf(t))
	for i := range 20 {
		due := time.Duration(i) * 100 * time.Millisecond
		a.sample(attack.Sample{Seq: i, Intended: due, Sent: due, Done: due + 10*time.Millisecond, Code: 200})
	}
	w := &watching{attacking: a}
	m, measuring := w.look()
	if !measuring || m.Recent.Good != 20 || m.Failed != 0 || m.Lag >= 0 || m.Silent || m.Span != time.Minute || len(m.Trend) != 1 {
		t.Errorf("%v, %+v", measuring, m)
	}
	a.lag([]target.LagReading{{Due: time.Second, Ran: time.Second + 30*time.Millisecond}, {Due: time.Second, Ran: time.Second}})
	if m, _ = w.look(); m.Lag != 30*time.Millisecond || len(m.Trend) != 2 {
		t.Errorf("%+v", m)
	}
	a.beats.list[0].at = time.Now().Add(-time.Minute)
	if m, _ = w.look(); m.Lag >= 0 || !m.Silent {
		t.Errorf("%+v", m)
	}
	if _, measuring = (&watching{attacking: under(0, a.scenario)}).look(); measuring {
		t.Error("a moment before there was any")
	}
	a = under(2*time.Minute, a.scenario)
	if m, _ = (&watching{attacking: a}).look(); m.Waiting != 600 {
		t.Errorf("%d are waited for", m.Waiting)
	}
}

// A budget that can't be kept any more ends the attack once, with the reason.
func TestLookAborts(t *testing.T) {
	a := under(2*time.Second, minuteOf(t, "error_rate < 1%", "p99 < 1h"))
	for i := range 20 {
		a.sample(attack.Sample{Seq: i, Done: time.Millisecond, Code: 500, Err: attack.ErrStatus})
	}
	var causes []error
	w := &watching{attacking: a, abort: func(cause error) { causes = append(causes, cause) }}
	for range 2 {
		if m, _ := w.look(); len(m.Broken) != 1 || m.Budgets != 2 {
			t.Errorf("%+v", m)
		}
	}
	if len(causes) != 1 || !errors.Is(causes[0], errAborted) || !strings.Contains(causes[0].Error(), "error_rate < 1%") {
		t.Errorf("%v", causes)
	}
}

// Watching ends with the attack, also when nothing was measured.
func TestWatchingLeaksNothing(t *testing.T) {
	a := under(time.Minute, minuteOf(t))
	before := runtime.NumGoroutine()
	for range 20 {
		ctx, cancel := context.WithCancelCause(context.Background())
		w := a.watch(ctx, cancel)
		cancel(nil)
		w.end()
	}
	await(t, "the end of the goroutines", func() bool { return runtime.NumGoroutine() <= before })
}
