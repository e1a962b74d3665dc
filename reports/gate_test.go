package reports_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/reports"
)

// failing is a gate with a regression and pictures.
func failing() reports.Gate {
	g := reports.FailingGate()
	g.Charts = []string{"out/forest.png", "out/blocks.png", "out/percentiles.png"}
	return g
}

func TestGateTable(t *testing.T) {
	table := func(g reports.Gate, s reports.Style) func(io.Writer) error {
		return func(w io.Writer) error { return g.Table(w, s) }
	}
	golden(t, "gate-pass.txt", table(reports.PassingGate(), reports.Style{}))
	golden(t, "gate-fail.txt", table(failing(), reports.Style{}))
	golden(t, "gate-fail-colour.txt", table(failing(), reports.Style{Colour: true, Width: 200}))
	golden(t, "gate-fail-narrow.txt", table(failing(), reports.Style{Width: 80}))
	golden(t, "gate-open.txt", table(reports.OpenGate(), reports.Style{}))
	golden(t, "gate-noisy.txt", table(reports.NoisyGate(), reports.Style{}))
	golden(t, "gate-invalid.txt", table(reports.InvalidGate(), reports.Style{}))
	golden(t, "gate-lost.txt", table(reports.LosingGate(), reports.Style{}))
	golden(t, "gate-nothing.txt", table(reports.Gate{Error: "base: go run ./server: exit status 1"}, reports.Style{}))
	golden(t, "gate-brief.txt", failing().Brief)
}

func TestGateForPrograms(t *testing.T) {
	golden(t, "gate.json", reports.LosingGate().JSON)
	golden(t, "gate-fail.junit.xml", failing().JUnit)
	golden(t, "gate-invalid.junit.xml", reports.InvalidGate().JUnit)
	golden(t, "gate-fail.md", failing().Markdown)
	golden(t, "gate-summary.md", failing().Summary)
	golden(t, "gate-open.annotations", reports.OpenGate().Annotations)
	golden(t, "gate-fail.annotations", failing().Annotations)
}

// The names that other programs rely on.
func TestGateJSONHasItsNames(t *testing.T) {
	var b bytes.Buffer
	if err := failing().JSON(&b); err != nil {
		t.Fatal(err)
	}
	type metric struct {
		Name, Outcome     string
		Base, Head, Delta float64
		Change            *struct{ Value, Low, High float64 }
	}
	var d struct {
		Version int
		Command string
		Verdict struct{ Outcome string }
		Metrics []metric
		Blocks  []struct {
			Number  int
			Order   []string
			Metrics map[string]struct{ Base, Head float64 }
		}
		Seed string
		Rate float64 `json:"rate_rps"`
	}
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	p99 := d.Metrics[slices.IndexFunc(d.Metrics, func(m metric) bool { return m.Name == "p99" })]
	if d.Version != 1 || d.Command != "gate" || d.Verdict.Outcome != "fail" || d.Seed != "7f3a" || d.Rate != 500 {
		t.Errorf("%+v", d)
	}
	if p99.Outcome != "fail" || p99.Delta != 0.1 || !(p99.Change.Low > 0 && p99.Change.Value > 0.1 && p99.Change.High > p99.Change.Value) || p99.Head < p99.Base {
		t.Errorf("%+v", p99)
	}
	first := d.Blocks[0]
	if first.Number != 1 || len(first.Order) != 4 || first.Order[0] != first.Order[3] || first.Order[1] != first.Order[2] || first.Metrics["p99"].Base == 0 {
		t.Errorf("the first block: %+v", first)
	}
}

func TestGateOutcome(t *testing.T) {
	verdict := func(o analysis.Outcome) gate.Verdict { return gate.Verdict{Outcome: o} }
	for _, c := range []struct {
		gate reports.Gate
		want analysis.Outcome
	}{
		{reports.Gate{}, analysis.Invalid},
		{reports.Gate{Verdict: verdict(analysis.Pass)}, analysis.Pass},
		{reports.Gate{Verdict: verdict(analysis.Pass), Partial: true}, analysis.Inconclusive},
		{reports.Gate{Verdict: verdict(analysis.Pass), Error: "the target died"}, analysis.Invalid},
		{reports.Gate{Verdict: verdict(analysis.Pass), Partial: true, Error: "interrupted"}, analysis.Inconclusive},
		{reports.Gate{Verdict: verdict(analysis.Fail), Partial: true}, analysis.Fail},
		{reports.Gate{Verdict: verdict(analysis.Fail), Error: "the target died"}, analysis.Fail},
		{reports.Gate{Verdict: verdict(analysis.Inconclusive), Error: "the target died"}, analysis.Invalid},
	} {
		if got := c.gate.Outcome(); got != c.want {
			t.Errorf("%s, partial %v, error %q: got %s, want %s", c.gate.Verdict.Outcome, c.gate.Partial, c.gate.Error, got, c.want)
		}
	}
}

// A narrow terminal loses columns, and never the verdicts.
func TestGateTableFits(t *testing.T) {
	for _, width := range []int{60, 80, 100, 120} {
		var b bytes.Buffer
		if err := failing().Table(&b, reports.Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		table, _, _ := strings.Cut(strings.TrimLeft(b.String(), "\n"), "\n\n")
		for i, line := range strings.Split(table, "\n") {
			if n := utf8.RuneCountInString(line); i > 0 && n > width {
				t.Errorf("%d columns in %d: %s", n, width, line)
			}
		}
		if !strings.Contains(table, "✗ fail") || !strings.Contains(table, "+19.2 %") {
			t.Errorf("in %d columns:\n%s", width, table)
		}
	}
}

// A JUnit reader counts each metric once.
func TestGateJUnitCounts(t *testing.T) {
	for name, c := range map[string]struct {
		gate                      reports.Gate
		failures, errors, skipped int
	}{
		// 11 cases: the comparison and 10 metrics, 4 of them only reported.
		"pass":    {reports.PassingGate(), 0, 0, 4},
		"fail":    {failing(), 1, 0, 4},
		"open":    {reports.OpenGate(), 0, 0, 4 + 1},       // p50
		"invalid": {reports.InvalidGate(), 0, 3, 4},        // p50, p95, p99
		"lost":    {reports.LosingGate(), 0, 0, 4 + 6 + 1}, // nothing was looked at, and it was interrupted
	} {
		var b bytes.Buffer
		if err := c.gate.JUnit(&b); err != nil {
			t.Fatal(err)
		}
		var d struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
		}
		if err := xml.Unmarshal(b.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		if d.Tests != 11 || d.Failures != c.failures || d.Errors != c.errors || d.Skipped != c.skipped {
			t.Errorf("%s: %+v, want %+v", name, d, c)
		}
	}
}

// What a job summary may hold is bounded, however long what it tells of is.
func TestGateSummaryIsBounded(t *testing.T) {
	g := failing()
	for i := range 20_000 {
		g.Verdict.Warnings = append(g.Verdict.Warnings, analysis.Warning(strings.Repeat("é", 100)+fmt.Sprint(i)))
	}
	var b bytes.Buffer
	if err := g.Summary(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() >= 1<<20 || !utf8.Valid(b.Bytes()) || !strings.HasSuffix(b.String(), "has everything)\n") {
		t.Errorf("%d bytes, ending in %q", b.Len(), b.String()[b.Len()-100:])
	}
	if !strings.Contains(b.String(), "response p99") {
		t.Error("the table is cut off")
	}
}

var command = regexp.MustCompile(`^::(error|warning|notice) title=[^\r\n:,]*::[^\r\n]*$`)

// everyGateReport writes all that can be written of a gate, and says what is wrong
// with it.
func everyGateReport(g reports.Gate) error {
	var text, document, tests, notes bytes.Buffer
	if err := errors.Join(g.Table(&text, reports.Style{Width: 60}), g.Table(&text, reports.Style{Colour: false}), g.Brief(&text),
		g.Markdown(&text), g.Summary(&text), g.JSON(&document), g.JUnit(&tests), g.Annotations(&notes)); err != nil {
		return err
	}
	if err := json.Unmarshal(document.Bytes(), &struct{}{}); err != nil {
		return err
	}
	if err := xml.Unmarshal(tests.Bytes(), &struct{}{}); err != nil {
		return err
	}
	if strings.ContainsAny(text.String(), "\x1b\x07\r") {
		return fmt.Errorf("odd text: %q", text.String())
	}
	for _, part := range []string{text.String(), tests.String(), notes.String()} {
		if at := strings.Index(part, "NaN"); at >= 0 {
			return fmt.Errorf("no number: %q", part[max(0, at-100):min(len(part), at+100)])
		}
	}
	for line := range strings.Lines(notes.String()) {
		if !command.MatchString(strings.TrimSuffix(line, "\n")) {
			return fmt.Errorf("not one command: %q", line)
		}
	}
	for _, chart := range reports.GateCharts {
		var picture bytes.Buffer
		if err := g.Draw(&picture, "svg", chart); err != nil && !errors.Is(err, reports.ErrNothingToDraw) {
			return err
		}
		if strings.Contains(picture.String(), "NaN") || strings.Contains(picture.String(), "Inf") {
			return fmt.Errorf("%s has a place that is no number", chart)
		}
	}
	return nil
}

func TestEmptyGatesAreReported(t *testing.T) {
	bare := failing()
	bare.Runs = nil
	unjudged := reports.LosingGate()
	unjudged.Verdict = gate.Judge(gate.Default(), nil)
	for name, g := range map[string]reports.Gate{
		"zero": {}, "error": {Error: "a\nb"}, "no runs": bare, "no verdict": {Runs: bare.Runs}, "not judged": unjudged,
		"one block": reports.EqualGate(1),
		"metrics without blocks": {Verdict: gate.Verdict{
			Outcome: analysis.Fail, Metrics: []gate.MetricVerdict{{Outcome: analysis.Fail}, {Outcome: "strange"}},
			Looks: make([]gate.LookTaken, 3), Null: make([]gate.Null, 2), Lost: make([]gate.Lost, 9),
		}},
	} {
		if err := everyGateReport(g); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnyGateIsReported(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if err := everyGateReport(anyGate(t)); err != nil {
			t.Fatal(err)
		}
	})
}

// anyNumber is one that a broken judge might give.
var anyNumber = rapid.OneOf(
	rapid.SampledFrom([]float64{0, 1, -1, 0.1, -0.999, 1e-300, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1)}),
	rapid.Float64Range(-1, 10), rapid.Float64Range(0, 1e9))

// anyGate is a verdict of any shape, with names that nobody would give.
func anyGate(t *rapid.T) reports.Gate {
	word := rapid.OneOf(rapid.SampledFrom([]string{"", "a|b`*", "\x1b[31mred\a", "p99", "::error::x\r\n::notice::y", strings.Repeat("long ", 60)}), rapid.String())
	text := rapid.Custom(func(t *rapid.T) string { return strings.ReplaceAll(word.Draw(t, "word"), "NaN", "") })
	number := func() float64 { return anyNumber.Draw(t, "number") }
	outcome := rapid.SampledFrom([]analysis.Outcome{analysis.Pass, analysis.Fail, analysis.Inconclusive, analysis.Invalid, gate.Informational, ""})
	v := gate.Verdict{
		Outcome: outcome.Draw(t, "outcome"), Headline: text.Draw(t, "headline"), Design: gate.DefaultDesign(6),
		Family: rapid.IntRange(0, 6).Draw(t, "family"), Blocks: rapid.IntRange(0, 20).Draw(t, "blocks"),
		Partial: rapid.Bool().Draw(t, "partial"), Final: rapid.Bool().Draw(t, "final"), Reasons: rapid.SliceOfN(text, 0, 3).Draw(t, "reasons"),
	}
	for range rapid.IntRange(0, 8).Draw(t, "metrics") {
		m := rapid.SampledFrom(gate.Metrics()).Draw(t, "metric")
		if rapid.Bool().Draw(t, "odd") {
			m.Name, m.Title, m.Unit, m.Delta = text.Draw(t, "name"), text.Draw(t, "title"), text.Draw(t, "unit"), number()
		}
		row := gate.MetricVerdict{
			Metric: m, Base: number(), Head: number(), Outcome: outcome.Draw(t, "of metric"), P: number(), Adjusted: number(),
			Level: rapid.SampledFrom([]float64{0, 0.002, 1, math.NaN()}).Draw(t, "level"), Reason: text.Draw(t, "reason"), Within: number(),
		}
		row.Change = analysis.Estimate{Value: number(), Low: number(), High: number()}
		for b := range rapid.IntRange(0, 9).Draw(t, "pairs") {
			row.Pairs = append(row.Pairs, gate.Pair{Block: b, Base: number(), Head: number()})
		}
		v.Metrics = append(v.Metrics, row)
		v.Null = append(v.Null, gate.Null{Metric: m.Name, Change: analysis.Estimate{Value: number()}, P: number(), Failed: rapid.Bool().Draw(t, "failed")})
	}
	for range rapid.IntRange(0, 8).Draw(t, "lost") {
		v.Lost = append(v.Lost, gate.Lost{Number: rapid.IntRange(0, 9).Draw(t, "number"), Arm: text.Draw(t, "arm"), Reason: text.Draw(t, "why")})
	}
	g := reports.Gate{
		Verdict: v, Title: text.Draw(t, "gate"), BaseName: text.Draw(t, "base"), HeadName: text.Draw(t, "head"), Rate: number(),
		Partial: rapid.Bool().Draw(t, "interrupted"), Error: text.Draw(t, "error"), Charts: rapid.SliceOfN(text, 0, 2).Draw(t, "charts"),
		Environment: attack.Environment{Load1: number()},
	}
	return g
}
