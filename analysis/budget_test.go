package analysis_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/target"
)

func budget(t *testing.T, text, stream, phase string) scenario.Budget {
	t.Helper()
	b, err := scenario.ParseBudget(text)
	if err != nil {
		t.Fatal(err)
	}
	b.Stream, b.Phase = stream, phase
	return b
}

// graded is 1,000 requests of "a" that take 1, 2 … 1,000 ms, and 100 of "b" that
// take 1 ms.
func graded() (analysis.Layout, []attack.Sample) {
	l := twoPhases()
	samples := answered(l, always(ms))
	for i := range 1000 {
		samples[i].Done = samples[i].Intended + time.Duration(i+1)*ms
	}
	return l, samples
}

func TestJudgeBudget(t *testing.T) {
	const pass, fail, open = analysis.Pass, analysis.Fail, analysis.Inconclusive
	cases := []struct {
		budget, stream, phase string
		outcome               analysis.Outcome
		measured              float64 // to 3 digits
		says                  string
	}{
		{"p50 < 501ms", "a", "", pass, 500, "held, it was 500 ms"},
		{"p50 < 500ms", "a", "", fail, 500, "broken, it was 500 ms"},
		{"p99 <= 991ms", "a", "", pass, 990, ""},
		{"p99.9 < 0.9s", "a", "", fail, 999, ""},
		{"p99.99 < 2s", "a", "", open, 0, "p99.99 needs at least 10000, and there were 1000"},
		{"max < 1s", "a", "", fail, 1000, ""},
		{"max <= 1s", "a", "", pass, 1000, ""},
		{"mean < 501ms", "a", "", pass, 500.5, ""},
		{"p50 > 400ms", "a", "", pass, 500, ""},
		{"p50 >= 600ms", "a", "", fail, 500, ""},
		{"service.max < 1s", "a", "", pass, 999.9, ""}, // each was sent 0.1 ms late
		{"send_lag.p99 < 1ms", "", "", pass, 0.1, ""},
		{"p50 < 401ms", "a", "warm", pass, 200, ""}, // 1 … 400 ms
		{"p50 < 401ms", "a", "hot", fail, 700, "p50 < 401ms of a in hot: broken, it was 700 ms"},
		{"p99 < 5ms", "b", "", pass, 1, ""},
		{"p99 < 5ms", "b", "hot", open, 0, "p99 needs at least 100, and there were 60"},
		// Of 1,100 the 990th, and b has 100 of the 101 shortest.
		{"p90 < 900ms", "", "", pass, 890, ""},
		{"error_rate < 0.1%", "", "", pass, 0, "held, it was 0 %"},
		{"throughput > 9/s", "b", "", pass, 10, "held, it was 10.0/s"},
		{"throughput > 11/s", "b", "", fail, 10, ""},
		{"lag.p99 < 20ms", "", "", open, 0, "not judged, the target doesn't show its lag"},
		{"p50 < 1s", "c", "", open, 0, "there is no such part of the load"},
		{"p50 < 1s", "", "cold", open, 0, "there is no such part of the load"},
	}
	l, samples := graded()
	load := tallied(l, samples).Load(nil)
	for _, c := range cases {
		r := analysis.Judge(budget(t, c.budget, c.stream, c.phase), load)
		if r.Outcome != c.outcome || !strings.Contains(r.Statement, c.says) {
			t.Errorf("%s of %q in %q: got %s, %q; want %s, %q", c.budget, c.stream, c.phase, r.Outcome, r.Statement, c.outcome, c.says)
		}
		if r.Known != (c.outcome != open) || math.Abs(r.Measured-c.measured) > c.measured/500 {
			t.Errorf("%s of %q in %q: got %v (%t), want %v", c.budget, c.stream, c.phase, r.Measured, r.Known, c.measured)
		}
	}
}

func TestJudgeLag(t *testing.T) {
	l, samples := graded()
	tally := tallied(l, samples)
	for i := range 200 { // every 50 ms; late by 1 ms, in the hot phase by 30 ms
		due := time.Duration(i) * 50 * ms
		lag := ms
		if due >= 4*time.Second {
			lag = 30 * ms
		}
		tally.AddLag([]target.LagReading{{Due: due, Ran: due + lag}})
	}
	load := tally.Load(nil)
	for _, c := range []struct {
		budget, phase string
		want          analysis.Outcome
	}{
		{"lag.p99 < 20ms", "", analysis.Fail},
		{"lag.max < 20ms", "warm", analysis.Pass},
		{"lag.p90 < 20ms", "hot", analysis.Fail},
		{"lag.p99 < 20ms", "warm", analysis.Inconclusive}, // 80 of at least 100
		{"lag.mean < 19ms", "", analysis.Pass},            // (80·1 + 120·30)/200 = 18.4
	} {
		if r := analysis.Judge(budget(t, c.budget, "", c.phase), load); r.Outcome != c.want {
			t.Errorf("%s in %q: got %s, %q; want %s", c.budget, c.phase, r.Outcome, r.Statement, c.want)
		}
	}
}

// Who gets no answer waits longer than any bound.
func TestJudgeWithoutAnswers(t *testing.T) {
	refused := func(from, to int, kind attack.ErrorKind) analysis.Load {
		l := oneStream(attack.Constant{Rate: 100, Lasts: 10 * time.Second})
		samples := answered(l, always(ms))
		for i := from; i < to; i++ {
			samples[i].Err, samples[i].Code = kind, 0
		}
		return tallied(l, samples).Load(nil)
	}
	for _, c := range []struct {
		name, budget string
		load         analysis.Load
		want         analysis.Outcome
		says         string
	}{
		{"1 % refused", "p99 < 50ms", refused(0, 10, attack.ErrRefused), analysis.Pass, "1.0 ms"},
		{"more", "p99 < 50ms", refused(0, 11, attack.ErrRefused), analysis.Fail, "broken, 11 of 1000 requests had no answer at all"},
		{"one", "max < 50ms", refused(0, 1, attack.ErrReset), analysis.Fail, "1 of 1000 requests"},
		{"all", "p50 < 50ms", refused(0, 1000, attack.ErrRefused), analysis.Fail, "1000 of 1000 requests"},
		{"all, on average", "mean < 50ms", refused(0, 1000, attack.ErrRefused), analysis.Inconclusive, "there are no answers"},
		{"the other way", "p50 > 50ms", refused(0, 1000, attack.ErrRefused), analysis.Inconclusive, "there are no answers"},
		{"given up by us", "max < 50ms", refused(900, 1000, attack.ErrCanceled), analysis.Pass, ""},
		{"errors", "error_rate < 1%", refused(0, 10, attack.ErrRefused), analysis.Fail, "it was 1 %"},
		{"an unexpected answer is an answer", "max < 50ms", refused(0, 1000, attack.ErrStatus), analysis.Pass, ""},
		{"no file descriptors", "p50 < 50ms", refused(0, 1, attack.ErrFiles), analysis.Invalid, "the generator ran out of files"},
		{"no file descriptors, and broken", "error_rate < 1%", refused(0, 500, attack.ErrFiles), analysis.Invalid, ""},
	} {
		if r := analysis.Judge(budget(t, c.budget, "", ""), c.load); r.Outcome != c.want || !strings.Contains(r.Statement, c.says) {
			t.Errorf("%s, %s: got %s, %q; want %s, %q", c.name, c.budget, r.Outcome, r.Statement, c.want, c.says)
		}
	}
	both := []scenario.Budget{budget(t, "p50 < 1s", "", ""), budget(t, "p50 > 1s", "", "")}
	if r := analysis.JudgeAll(both, refused(0, 0, "")); len(r) != 2 || r[0].Outcome != analysis.Pass || r[1].Outcome != analysis.Fail {
		t.Errorf("got %+v", r)
	}
}
