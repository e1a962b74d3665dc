package reports_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// stalled is an attack of which budgets are held, broken and left open.
func stalled() reports.Attack {
	a := reports.AttackOn(reports.StalledLoad(), "p50 < 5ms", "p99 < 50ms", "error_rate < 0.1%", "throughput > 400/s", "lag.p99 < 20ms", "p99.99 < 2s")
	a.Target = &target.Usage{Utilization: 0.27, Longest: time.Second, Phase: "poll", Label: "/slow", CPU: 1600 * time.Millisecond, PeakMemory: 48 << 20, Procs: 6}
	a.Charts = []string{"out/timeline.png", "out/percentiles.png"}
	return a
}

// ramped is a run with phases, requests and failures.
func ramped() reports.Attack {
	a := reports.AttackOn(reports.RampLoad())
	a.Command, a.Title = "run", "shop.yaml"
	b, err := scenario.ParseBudget("p99 <= 10ms")
	if err != nil {
		panic(err)
	}
	b.Stream, b.Phase = "shop", "warm"
	a.Budgets = append(a.Budgets, analysis.Judge(b, a.Load))
	return a
}

func TestAttackTable(t *testing.T) {
	table := func(a reports.Attack, s reports.Style) func(io.Writer) error {
		return func(w io.Writer) error { return a.Table(w, s) }
	}
	golden(t, "attack.txt", table(stalled(), reports.Style{}))
	golden(t, "attack-colour.txt", table(stalled(), reports.Style{Colour: true, Width: 200}))
	golden(t, "attack-narrow.txt", table(ramped(), reports.Style{Width: 80}))
	golden(t, "attack-phases.txt", table(ramped(), reports.Style{}))
	golden(t, "attack-streams.txt", table(reports.AttackOn(reports.FourStreams(1, 1)), reports.Style{}))
	golden(t, "attack-refused.txt", table(reports.AttackOn(reports.RefusedLoad(), "p99 < 50ms"), reports.Style{}))
	golden(t, "attack-unsent.txt", table(reports.AttackOn(reports.UnsentLoad(), "p99 < 50ms"), reports.Style{}))
	foreign := reports.AttackOn(reports.StalledLoad())
	foreign.Command, foreign.Title, foreign.NoIntended = "report", "results.gob", true
	golden(t, "attack-service-only.txt", table(foreign, reports.Style{}))
}

func TestAttackForPrograms(t *testing.T) {
	golden(t, "attack.json", stalled().JSON)
	golden(t, "attack.junit.xml", stalled().JUnit)
	golden(t, "attack.md", stalled().Markdown)
	golden(t, "run.junit.xml", ramped().JUnit)
	golden(t, "attack-nothing.json", reports.Attack{Command: "attack", Partial: true, Error: "interrupted"}.JSON)
}

func TestAttackOutcome(t *testing.T) {
	healthy := reports.FourStreams(1, 1)
	partial := reports.AttackOn(healthy)
	partial.Partial = true
	for name, c := range map[string]struct {
		attack reports.Attack
		want   analysis.Outcome
	}{
		"no budgets":            {reports.AttackOn(healthy), analysis.Pass},
		"held":                  {reports.AttackOn(healthy, "p50 < 1s"), analysis.Pass},
		"broken":                {reports.AttackOn(healthy, "p50 < 1s", "p50 < 1us"), analysis.Fail},
		"can't be judged":       {reports.AttackOn(healthy, "p50 < 1s", "lag.p99 < 1s"), analysis.Inconclusive},
		"cut short":             {partial, analysis.Inconclusive},
		"nothing was answered":  {reports.AttackOn(reports.RefusedLoad()), analysis.Fail},
		"generator fell behind": {reports.AttackOn(reports.UnsentLoad(), "p99 < 1h"), analysis.Invalid},
		"nothing was sent":      {reports.AttackOn(reports.EmptyLoad()), analysis.Invalid},
		"nothing at all":        {reports.Attack{}, analysis.Invalid},
	} {
		if got := c.attack.Outcome(); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func compared() reports.Comparison {
	base, head := reports.AttackOn(reports.FourStreams(1, 1)), reports.AttackOn(reports.FourStreams(1.3, 2))
	return reports.Compare("runs/old", base, "runs/new", head)
}

func TestComparison(t *testing.T) {
	c := compared()
	c.Charts = []string{"out/compare.png"}
	golden(t, "compare.txt", func(w io.Writer) error { return c.Table(w, reports.Style{}) })
	golden(t, "compare.json", c.JSON)
	golden(t, "compare.md", c.Markdown)
	other := reports.AttackOn(reports.StalledLoad())
	other.Environment.CPUs = 8
	unlike := reports.Compare("a", reports.AttackOn(reports.UnsentLoad()), "b", other)
	golden(t, "compare-unlike.txt", func(w io.Writer) error { return unlike.Table(w, reports.Style{Width: 80}) })
}

// A comparison of single runs judges nothing.
func TestComparisonOutcome(t *testing.T) {
	if got := compared().Outcome(); got != analysis.Inconclusive {
		t.Errorf("two good runs give %v", got)
	}
	late := reports.AttackOn(reports.UnsentLoad())
	if got := reports.Compare("a", late, "b", late).Outcome(); got != analysis.Invalid {
		t.Errorf("two late runs give %v", got)
	}
	if got := reports.Compare("a", stalled(), "b", ramped()).Outcome(); got != analysis.Invalid {
		t.Errorf("runs without a common stream give %v", got)
	}
}

// everyReport writes all that can be written of an attack, and says what is wrong
// with it.
func everyReport(a reports.Attack) error {
	var text, document, tests bytes.Buffer
	if err := errors.Join(a.Table(&text, reports.Style{Width: 60}), a.Markdown(&text), a.JSON(&document), a.JUnit(&tests)); err != nil {
		return err
	}
	if err := json.Unmarshal(document.Bytes(), &struct{}{}); err != nil {
		return err
	}
	if err := xml.Unmarshal(tests.Bytes(), &struct{}{}); err != nil {
		return err
	}
	if strings.ContainsAny(text.String(), "\x1b\x07\r") || strings.Contains(text.String(), "NaN") || strings.Contains(text.String(), "Inf") {
		return fmt.Errorf("odd text: %q", text.String())
	}
	for _, chart := range reports.LoadCharts {
		var picture bytes.Buffer
		if err := a.Draw(&picture, "svg", chart); err != nil && !errors.Is(err, reports.ErrNothingToDraw) {
			return err
		}
		if strings.Contains(picture.String(), "NaN") || strings.Contains(picture.String(), "Inf") {
			return fmt.Errorf("%s has a place that is no number", chart)
		}
	}
	c := reports.Compare("a", a, "b", a)
	if err := errors.Join(c.Table(&text, reports.Style{}), c.Markdown(&text), c.JSON(&document)); err != nil {
		return err
	}
	if err := c.Draw(io.Discard, "svg"); err != nil && !errors.Is(err, reports.ErrNothingToDraw) {
		return err
	}
	return nil
}

func TestEmptyLoadsAreReported(t *testing.T) {
	for name, a := range map[string]reports.Attack{
		"zero":    {},
		"empty":   reports.AttackOn(reports.EmptyLoad(), "p99 < 1ms", "throughput > 1/s"),
		"streams": {Load: analysis.NewTally(analysis.Layout{}).Load(nil)},
	} {
		if err := everyReport(a); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnyLoadIsReported(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := reports.AttackOn(anyLoad(t), "p99 < 50ms", "error_rate < 1%", "throughput > 1/s", "lag.max < 1ms")
		a.Title = rapid.String().Draw(t, "title")
		a.NoIntended = rapid.Bool().Draw(t, "no intended")
		a.Partial = rapid.Bool().Draw(t, "partial")
		if err := everyReport(a); err != nil {
			t.Fatal(err)
		}
	})
}

var anyKind = rapid.SampledFrom([]attack.ErrorKind{"", "", "", attack.ErrStatus, attack.ErrTimeout, attack.ErrRefused, "strange"})

// anyLoad is a load of any shape, with names that nobody would give.
func anyLoad(t *rapid.T) analysis.Load {
	var l analysis.Layout
	name := rapid.OneOf(rapid.SampledFrom([]string{"", "a", "a|b`*", "\x1b[31mred\a", strings.Repeat("long ", 60)}), rapid.String())
	for range rapid.IntRange(0, 4).Draw(t, "streams") {
		l.Streams = append(l.Streams, analysis.LayoutStream{Name: name.Draw(t, "stream"), Labels: rapid.SliceOfN(name, 0, 3).Draw(t, "labels")})
	}
	begins := time.Duration(0)
	for range rapid.IntRange(0, 4).Draw(t, "phases") {
		lasts := time.Duration(rapid.Int64Range(0, int64(10*time.Second)).Draw(t, "lasts"))
		l.Phases = append(l.Phases, attack.Phase{Name: name.Draw(t, "phase"), Begins: begins, Lasts: lasts})
		begins += lasts
	}
	tally := analysis.NewTally(l)
	moment := rapid.Int64Range(0, int64(time.Minute))
	for range rapid.IntRange(0, 30).Draw(t, "samples") {
		s := attack.Sample{
			Stream: rapid.IntRange(0, 4).Draw(t, "of"), Request: rapid.IntRange(0, 3).Draw(t, "request"),
			Intended: time.Duration(moment.Draw(t, "intended")), Code: rapid.IntRange(0, 600).Draw(t, "code"), Err: anyKind.Draw(t, "kind"),
		}
		s.Sent = s.Intended + time.Duration(moment.Draw(t, "send lag"))/1000
		s.Done = s.Sent + time.Duration(moment.Draw(t, "service"))
		tally.Add(s)
	}
	if rapid.Bool().Draw(t, "lag") {
		due := time.Duration(moment.Draw(t, "due"))
		tally.AddLag([]target.LagReading{{Due: due, Ran: due + time.Millisecond}})
	}
	return tally.Load(nil)
}

func ExampleAttack() {
	tally := analysis.NewTally(analysis.Layout{Streams: []analysis.LayoutStream{{Name: "GET /"}}})
	for n := range 200 {
		due := time.Duration(n) * 10 * time.Millisecond
		tally.Add(attack.Sample{Intended: due, Sent: due, Done: due + time.Duration(n)*time.Millisecond, Code: 200})
	}
	load := tally.Load(nil)
	budget, _ := scenario.ParseBudget("p99 < 50ms")
	a := reports.Attack{Command: "attack", Load: load, Budgets: analysis.JudgeAll([]scenario.Budget{budget}, load)}

	fmt.Println(a.Outcome())
	var tests bytes.Buffer
	if err := a.JUnit(&tests); err != nil {
		fmt.Println(err)
	}
	for line := range strings.Lines(tests.String()) {
		if strings.Contains(line, "<failure") {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output:
	// fail
	// <failure message="p99 &lt; 50ms: broken, it was 197 ms"></failure>
}
