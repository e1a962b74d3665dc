package claims

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

const ms = time.Millisecond

// probes are 200 requests, one every 5 ms, of which the last ten are slow. The
// p99 is the 198th, a slow one; the mean is (190·fast + 10·slow)/200.
type probes struct{ fast, slow time.Duration }

const probesSent = 200

func (p probes) samples() []attack.Sample {
	samples := make([]attack.Sample, probesSent)
	for i := range samples {
		due, took := time.Duration(i)*5*ms, p.fast
		if i >= probesSent-10 {
			took = p.slow
		}
		samples[i] = attack.Sample{Seq: i, Intended: due, Sent: due, Done: due + took, Code: 200}
	}
	return samples
}

// synthetic makes a run with probes and the offender's jobs, all due at 100 ms.
func synthetic(arm string, block int, p probes, jobs ...time.Duration) attack.Run {
	r := attack.Run{
		Arm: arm, Block: block, Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Environment: attack.Environment{CPUs: 2, CPUModel: "Some  CPU", GoVersion: "go1.26"},
		Streams: []attack.StreamCount{
			{Name: "/ok", Role: attack.Probe, Offered: probesSent, Sent: probesSent, Span: time.Second},
			{Name: "/job", Role: attack.Offender, Offered: len(jobs), Sent: len(jobs), Span: time.Second},
		},
		Samples: p.samples(),
	}
	for i, took := range jobs {
		r.Samples = append(r.Samples, attack.Sample{Stream: 1, Seq: i, Intended: 100 * ms, Sent: 100 * ms, Done: 100*ms + took, Code: 200})
	}
	return r
}

// sentLate is the run with all of its probes sent that late.
func sentLate(r attack.Run, by time.Duration) attack.Run {
	r.Samples = slices.Clone(r.Samples)
	for i := range r.Samples[:probesSent] {
		r.Samples[i].Sent += by
		r.Samples[i].Done += by
	}
	return r
}

// in changes the runs of the given blocks.
func in(runs []attack.Run, change func(attack.Run) attack.Run, blocks ...int) []attack.Run {
	runs = slices.Clone(runs)
	for i, r := range runs {
		if slices.Contains(blocks, r.Block) {
			runs[i] = change(r)
		}
	}
	return runs
}

func partial(r attack.Run) attack.Run {
	r.Partial, r.Failure = true, "interrupted"
	return r
}

func settings(cores int) Settings {
	return Settings{Rate: DefaultRate, Blocks: 6, Seed: 0x7f3a, Cores: cores, Measured: Measured{Hash: 40 * ms, Compute: 15 * ms}, LagBudget: DefaultLagBudget}
}

// opening is what a picture's title has to begin with.
var opening = map[analysis.Outcome]string{
	analysis.Fail: "Not proven: ", analysis.Inconclusive: "Inconclusive: ", analysis.Invalid: "Invalid: ",
}

// expect holds a result against what has to follow from its runs: the outcome,
// the blocks that it stands on, words of its headline, its reasons and warnings.
type expect struct {
	outcome  analysis.Outcome
	blocks   int
	headline string
	reasons  []string
	warnings []analysis.Warning
}

// tooFew is the warning when there are too few blocks, once for all metrics.
func tooFew(have int) []analysis.Warning {
	return []analysis.Warning{analysis.Warning(fmt.Sprintf("need at least 6 blocks for a 95 %% interval, have %d", have))}
}

func (e expect) check(t *testing.T, r Result) {
	t.Helper()
	v := r.Verdict
	if v.Outcome != e.outcome || v.Blocks != e.blocks {
		t.Errorf("got %s on %d blocks, want %s on %d\n%q", v.Outcome, v.Blocks, e.outcome, e.blocks, v.Reasons)
	}
	if !strings.Contains(v.Headline, e.headline) {
		t.Errorf("headline %q lacks %q", v.Headline, e.headline)
	}
	if !slices.Equal(v.Reasons, e.reasons) {
		t.Errorf("got reasons\n\t%q\nwant\n\t%q", v.Reasons, e.reasons)
	}
	if e.blocks == 0 && len(r.Arms) > 0 {
		e.warnings = append(e.warnings, "the table shows all runs, since none can be judged")
	}
	if !slices.Equal(v.Warnings, e.warnings) {
		t.Errorf("got warnings\n\t%q\nwant\n\t%q", v.Warnings, e.warnings)
	}
	if (len(r.Charts) == 0) != (e.blocks == 0) {
		t.Errorf("got %d charts on %d blocks", len(r.Charts), e.blocks)
	}
	for _, c := range r.Charts {
		said := c.Outcome // a picture of one finding may say what that finding holds
		if said == "" || e.outcome == analysis.Invalid {
			said = e.outcome
		}
		claimed := strings.TrimPrefix(c.Title, opening[said])
		if opening[said] != "" && claimed == c.Title {
			t.Errorf("%s: the title %q does not begin with %q", c.Name, c.Title, opening[said])
		}
		for _, word := range opening {
			if strings.HasPrefix(claimed, word) {
				t.Errorf("%s: the title %q says otherwise", c.Name, c.Title)
			}
		}
		if want := "looptest reference server · 2 × Some CPU · go1.26 · 2026-01-02 03:04 · seed 7f3a"; c.Foot != want {
			t.Errorf("%s: foot %q, want %q", c.Name, c.Foot, want)
		}
	}
}

// always gives every block the same.
func always[T any](v T) func(int) T { return func(int) T { return v } }

// states checks a result's findings: all that are stated, in order.
func states(t *testing.T, r Result, want ...string) {
	t.Helper()
	var got []string
	for _, f := range r.Verdict.Findings {
		got = append(got, f.Statement)
	}
	sameLines(t, got, want)
}

// says checks a result's findings and the titles of its charts.
func says(t *testing.T, r Result, statements, titles []string) {
	t.Helper()
	states(t, r, statements...)
	var got []string
	for _, c := range r.Charts {
		got = append(got, c.Title)
	}
	sameLines(t, got, titles)
}

func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
