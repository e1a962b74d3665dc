package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/record"
	"github.com/looptest/looptest/attack/scenario"
)

// recordingOf is a folder with 20 requests at 100/s, each answered in 5 ms.
func recordingOf(t *testing.T, h record.Head) string {
	t.Helper()
	h.Streams = []record.Stream{{Name: "ok", Labels: []string{"GET /"}}}
	dir := filepath.Join(t.TempDir(), "run")
	w, err := record.Create(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		due := time.Duration(i) * 10 * time.Millisecond
		w.Sample(attack.Sample{Seq: i, Intended: due, Sent: due, Done: due + 5*time.Millisecond, Code: 200})
	}
	if err := w.Close(h); err != nil {
		t.Fatal(err)
	}
	return dir
}

func opened(t *testing.T, paths ...string) *input {
	t.Helper()
	cmd := newReport()
	in, err := openInput(cmd, paths)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.close() })
	return in
}

// twoPhases offers 5 requests in the first 100 ms and 15 in the second.
const twoPhases = `target: {url: "http://127.0.0.1:1"}
phases: [{name: a, duration: 100ms}, {name: b, duration: 100ms}]
streams:
  ok:
    load: {a: 50/s, b: "${LOOPTEST_TEST_RATE:-150}/s"}
    headers: {Authorization: "Bearer ${LOOPTEST_TEST_SECRET}"}
    requests: [{url: /}]
budgets:
  - max < 10ms
`

func phased(offered int) record.Head {
	return record.Head{
		Scenario: twoPhases,
		Phases:   []attack.Phase{{Name: "a", Lasts: 100 * time.Millisecond}, {Name: "b", Begins: 100 * time.Millisecond, Lasts: 100 * time.Millisecond}},
		Counts:   []attack.StreamCount{{Name: "ok", Offered: offered, Sent: 20, Unsent: offered - 20, Span: 200 * time.Millisecond}},
	}
}

// The schedule comes from the recorded scenario, also when a secret in it isn't
// set any more.
func TestReportKnowsTheSchedules(t *testing.T) {
	in := opened(t, recordingOf(t, phased(20)))
	r, err := in.report(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for phase, want := range map[string]int{"": 20, "a": 5, "b": 15} {
		if row, _ := r.Load.Row("ok", phase); row.Offered != want {
			t.Errorf("phase %q: %d offered, want %d", phase, row.Offered, want)
		}
	}
	if len(r.Budgets) != 1 || r.Budgets[0].Outcome != analysis.Pass {
		t.Errorf("budgets %+v, want the scenario's one held", r.Budgets)
	}
	if len(r.Load.Warnings) > 0 {
		t.Errorf("warnings %q", r.Load.Warnings)
	}
}

// A schedule that now reads differently is not used, and that is said.
func TestReportRefusesAnotherSchedule(t *testing.T) {
	t.Setenv("LOOPTEST_TEST_RATE", "900")
	in := opened(t, recordingOf(t, phased(20)))
	r, err := in.report(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if row, _ := r.Load.Row("ok", ""); row.Offered != 20 {
		t.Errorf("%d offered, want the 20 that were counted", row.Offered)
	}
	if row, _ := r.Load.Row("ok", "b"); row.Offered != 10 {
		t.Errorf("%d offered in b, want the 10 that were sent", row.Offered)
	}
	if !warned(r.Load.Warnings, "the scenario can't be read as it was (a variable of the environment has another value now)") {
		t.Errorf("warnings %q", r.Load.Warnings)
	}
}

// A scenario that can't be read any more costs the schedules and nothing else.
func TestReportWithoutTheScenario(t *testing.T) {
	h := phased(20)
	h.Scenario = strings.Replace(twoPhases, "150", "fast", 1)
	h.Summary = json.RawMessage(`{"title": "shop", "budgets": [{"budget": "max < 1ms", "stream": "ok", "phase": "b"}]}`)
	r, err := opened(t, recordingOf(t, h)).report(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Budgets) != 1 || r.Budgets[0].Outcome != analysis.Fail || r.Budgets[0].Budget.Phase != "b" {
		t.Errorf("budgets %+v, want the recorded one broken", r.Budgets)
	}
	if !warned(r.Load.Warnings, "the scenario can't be read as it was (") || !strings.HasPrefix(r.Title, "shop · ") {
		t.Errorf("title %q, warnings %q", r.Title, r.Load.Warnings)
	}
}

// A budget that ended its run stays broken, whatever the samples until then say.
func TestReportKeepsALostBudget(t *testing.T) {
	h := phased(20)
	h.Partial, h.Failure = true, "a budget can't be kept any more"
	h.Summary = json.RawMessage(`{"budgets": [{"budget": "max < 10ms", "outcome": "fail", "statement": "it is lost"}]}`)
	r, err := opened(t, recordingOf(t, h)).report(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Budgets) != 1 || r.Budgets[0].Outcome != analysis.Fail || r.Budgets[0].Statement != "it is lost" {
		t.Errorf("budgets %+v", r.Budgets)
	}
	if r.Outcome() != analysis.Fail || !r.Partial {
		t.Errorf("outcome %s, partial %v", r.Outcome(), r.Partial)
	}
}

// Of several recordings the counts are added up, and a budget is judged once.
func TestReportMerges(t *testing.T) {
	b, err := scenario.ParseBudget("max < 10ms")
	if err != nil {
		t.Fatal(err)
	}
	in := opened(t, recordingOf(t, phased(20)), recordingOf(t, phased(20)))
	r, err := in.report(context.Background(), []scenario.Budget{b})
	if err != nil {
		t.Fatal(err)
	}
	row, _ := r.Load.Row("ok", "")
	if row.Offered != 40 || row.Sent != 40 || row.Response.N() != 40 {
		t.Errorf("%d offered, %d sent, %d answered; want 40 of each", row.Offered, row.Sent, row.Response.N())
	}
	if len(r.Budgets) != 1 || r.Budgets[0].Outcome != analysis.Pass {
		t.Errorf("budgets %+v, want one that is held", r.Budgets)
	}
}

// The service time is a lower bound of the response time: it may break an upper
// bound on that and hold a lower one, and settles nothing else.
func TestServiceTimeSettlesOneSide(t *testing.T) {
	in := opened(t, recordingOf(t, record.Head{NoIntended: true}))
	for text, want := range map[string]analysis.Outcome{
		"max < 10ms":          analysis.Inconclusive,
		"max < 1ms":           analysis.Fail,
		"max > 1ms":           analysis.Pass,
		"max > 10ms":          analysis.Inconclusive,
		"service.max < 10ms":  analysis.Pass,
		"send_lag.max < 10ms": analysis.Inconclusive,
		"error_rate < 1%":     analysis.Pass,
	} {
		b, err := scenario.ParseBudget(text)
		if err != nil {
			t.Fatal(err)
		}
		r, err := in.report(context.Background(), []scenario.Budget{b})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Budgets[0]; got.Outcome != want {
			t.Errorf("%s: %s (%s), want %s", text, got.Outcome, got.Statement, want)
		}
	}
}

// An interruption while reading is one, and no broken record.
func TestReportInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := opened(t, recordingOf(t, phased(20))).report(ctx, nil)
	if f, ok := err.(failure); !ok || f.code != exitInterrupted {
		t.Errorf("error %v, want exit code %d", err, exitInterrupted)
	}
}

// An interrupted conversion leaves nothing behind.
func TestConvertInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := recordingOf(t, phased(20))
	out := t.TempDir()
	for _, args := range [][]string{{"--to", "csv", "--output", "a.csv"}, {"--to", "folder", "--output", "run"}} {
		args[3] = filepath.Join(out, args[3])
		if code := run(ctx, append([]string{"convert", dir}, args...), strings.NewReader(""), io.Discard, io.Discard); code != exitInterrupted {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
	if left, _ := os.ReadDir(out); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func warned(all []analysis.Warning, begin string) bool {
	for _, w := range all {
		if strings.HasPrefix(string(w), begin) {
			return true
		}
	}
	return false
}
