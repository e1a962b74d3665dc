package reports_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds what write gives against the file of that name.
func golden(t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s differs; got\n%s\nwant\n%s\n(run make golden to accept it)", path, got.Bytes(), want)
	}
}

// arithmetic makes the runs of one arm: probe n of a block waits first + n·step.
func arithmetic(arm string, look attack.Look, block int, first, step time.Duration) attack.Run {
	r := attack.Run{
		Arm: arm, Look: look, Block: block, Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Streams: []attack.StreamCount{{Name: "/ok", Role: attack.Probe, Offered: 100, Sent: 100, Span: time.Second}},
		Target:  &target.Usage{Utilization: 0.25, Longest: first, Phase: "poll", Label: "/slow", PeakMemory: 20 << 20, Procs: 6},
		Environment: attack.Environment{
			OS: "linux/amd64", Kernel: "6.1", CPUs: 2, CPUModel: "Test CPU", GoVersion: "go1.26", Load1: 0.5, Target: "reference server",
		},
	}
	for n := range 100 {
		intended := time.Duration(n) * 10 * time.Millisecond
		sent := intended + 100*time.Microsecond
		r.Samples = append(r.Samples, attack.Sample{
			Seq: n, Intended: intended, Sent: sent, Done: intended + first + time.Duration(n)*step, Code: 200, Bytes: 2,
		})
		r.Lag = append(r.Lag, target.LagReading{Due: intended, Ran: intended + first/2})
	}
	return r
}

func chunkingResult() claims.Result {
	var runs []attack.Run
	for block := range 6 {
		more := time.Duration(block) * time.Millisecond
		runs = append(runs,
			arithmetic("block", attack.LookBlock, block, 100*time.Millisecond+more, time.Millisecond),
			arithmetic("chunk", attack.LookChunk, block, time.Millisecond, 10*time.Microsecond))
	}
	p99 := func(r attack.Run) float64 {
		var d []time.Duration
		for _, s := range r.Samples {
			d = append(d, s.Response())
		}
		return float64(analysis.Describe(d).P99)
	}
	f := analysis.Finding{
		Comparison: analysis.Compare("probe p99", analysis.Blocks(runs, "block", "chunk"), p99, "block", "chunk"),
		Threshold:  2, Outcome: analysis.Pass,
	}
	f.Statement = "probe p99 " + analysis.TimesWithin(f.Effect) + " lower"
	return claims.Result{
		Claim: claims.All()[0], Runs: runs, Trusted: runs, Planned: 6, Seed: 0x7f3a, Took: 54 * time.Second,
		Arms: analysis.Summarize(runs, []string{"block", "chunk"}),
		Verdict: analysis.Verdict{
			Outcome: analysis.Pass, Headline: "chunking cuts probe p99", Blocks: 6,
			Findings: []analysis.Finding{f}, Warnings: []analysis.Warning{"block 1, block: send lag p99 1.2 ms"},
		},
		Recommendations: []claims.Recommendation{{Setting: "chunk length", Value: 8, Unit: "ms", Reason: "the largest that fits"}},
		Charts:          []claims.Chart{{Name: "a", Title: "chunks [of 5 ms] help"}},
		Figures:         []claims.Figure{{Name: "throughput", Unit: "hashes/s", Values: map[string]float64{"chunk": 27.4}}},
	}
}

func TestClaimTable(t *testing.T) {
	r := chunkingResult()
	charts := []string{"out/a.png", "out/b.png"}
	golden(t, "claim.txt", func(w io.Writer) error { return reports.ClaimTable(w, reports.Style{}, r, charts) })
	golden(t, "claim-narrow.txt", func(w io.Writer) error { return reports.ClaimTable(w, reports.Style{Width: 100}, r, charts) })
	r.Verdict.Outcome = analysis.Invalid
	r.Verdict.Reasons = []string{"block 1, chunk, left out: the generator was late"}
	golden(t, "claim-invalid-colour.txt", func(w io.Writer) error { return reports.ClaimTable(w, reports.Style{Colour: true}, r, nil) })
}

func TestBenchJSON(t *testing.T) {
	r := chunkingResult()
	b := reports.Bench{
		Results: []claims.Result{r}, Charts: map[string][]string{"chunking": {"out/a.png"}},
		Environment: r.Runs[0].Environment, PeakMemory: 30 << 20, Version: "(devel)",
		Settings: claims.Settings{Seed: r.Seed, Rate: 200, LagBudget: 10 * time.Millisecond, Target: target.Reference{Unit: 1500}},
	}
	golden(t, "bench.json", b.JSON)
	b.Overview = "out/overview.png"
	golden(t, "index.md", b.Markdown)
	second := r
	second.Claim, second.Charts, second.Verdict.Outcome = claims.All()[1], nil, analysis.Fail
	second.Verdict.Headline = "no chunk | is short enough"
	b.Results = append(b.Results, second)
	golden(t, "index-contents.md", b.Markdown)
	golden(t, "bench-partial.json", reports.Bench{Partial: true, Error: "interrupted"}.JSON)
}

func TestClaimLists(t *testing.T) {
	s := claims.Settings{Rate: 200, Blocks: 6, Cores: 2, Measured: claims.Measured{Hash: 40 * time.Millisecond}}
	golden(t, "list.txt", func(w io.Writer) error { return reports.ClaimList(w, claims.All(), s) })
	golden(t, "list.json", func(w io.Writer) error { return reports.ClaimListJSON(w, claims.All(), s) })
}

// The bench's outcome is that of its worst claim; nothing run is no pass.
func TestBenchOutcome(t *testing.T) {
	for _, c := range []struct {
		claims []analysis.Outcome
		want   analysis.Outcome
	}{
		{nil, analysis.Invalid},
		{[]analysis.Outcome{analysis.Pass, analysis.Pass}, analysis.Pass},
		{[]analysis.Outcome{analysis.Pass, analysis.Inconclusive}, analysis.Inconclusive},
		{[]analysis.Outcome{analysis.Invalid, analysis.Inconclusive}, analysis.Invalid},
		{[]analysis.Outcome{analysis.Invalid, analysis.Fail, analysis.Pass}, analysis.Fail},
	} {
		var b reports.Bench
		for _, o := range c.claims {
			b.Results = append(b.Results, claims.Result{Verdict: analysis.Verdict{Outcome: o}})
		}
		if got := b.Outcome(); got != c.want {
			t.Errorf("%v gives %v, want %v", c.claims, got, c.want)
		}
	}
}
