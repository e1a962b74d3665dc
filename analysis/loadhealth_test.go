package analysis_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

const lateCure = ": lower the rate, leave the generator more CPU, or send from another machine"

func TestLoadHealth(t *testing.T) {
	l := analysis.Layout{Streams: []analysis.LayoutStream{{Name: "a"}}}
	unsent := func(n int) []attack.StreamCount {
		return []attack.StreamCount{{Name: "a", Offered: 1000, Sent: 1000 - n, Unsent: n, Span: 5 * time.Second}}
	}
	refused := slices.Repeat([]attack.ErrorKind{attack.ErrRefused}, 1000)
	cases := []struct {
		name     string
		run      attack.Run
		counts   []attack.StreamCount
		invalid  []string
		warnings []analysis.Warning
	}{
		{name: "on time", run: late(1000, 0, 0)},
		{name: "no samples", invalid: []string{"nothing was sent: look at the schedules, and at whether the run was stopped at once"}},
		{name: "1 % beyond 10 ms", run: late(1000, 10, 10*ms+ns)},
		{name: "over 1 % beyond 10 ms", run: late(1000, 11, 10*ms+ns), invalid: []string{
			"1.1 % of the requests were sent more than 10 ms late (send lag p99 10 ms)" + lateCure}},
		{name: "over 1 % beyond 1 ms", run: late(1000, 11, 2*ms), warnings: []analysis.Warning{"send lag p99 2.0 ms" + lateCure}},
		{name: "files and ports", run: failing(late(1000, 0, 0), attack.ErrPorts, attack.ErrFiles), invalid: []string{
			"the generator ran out of files 1 times: raise the limit (`ulimit -n`), or allow fewer connections",
			"the generator ran out of ports 1 times: keep connections open instead of opening one for each request, allow fewer, or send from another machine"}},
		{name: "0.1 % unsent", run: late(999, 0, 0), counts: unsent(1)},
		{name: "over 0.1 % unsent", run: late(998, 0, 0), counts: unsent(2), invalid: []string{
			"2 of 1000 requests of a were never sent: lower the rate, or send from another machine"}},
		{name: "100 % errors of the target are a result", run: failing(late(1000, 0, 0), refused...)},
	}
	for _, c := range cases {
		h := tallied(l, c.run.Samples).Load(c.counts).Health
		if !slices.Equal(h.Invalid, c.invalid) || !slices.Equal(h.Warnings, c.warnings) {
			t.Errorf("%s: got\n\t%q %q\nwant\n\t%q %q", c.name, h.Invalid, h.Warnings, c.invalid, c.warnings)
		}
	}
}

// A load's generator is judged as a run's is, but for what the target did.
func TestLoadHealthIsExamines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := late(rapid.IntRange(0, 300).Draw(t, "n"), rapid.IntRange(0, 10).Draw(t, "late"), time.Duration(rapid.IntRange(0, 20).Draw(t, "ms"))*ms)
		for i := range min(len(r.Samples), rapid.IntRange(0, 3).Draw(t, "exhausted")) {
			r.Samples[i].Err = attack.ErrFiles
		}
		unsent := rapid.IntRange(0, 2).Draw(t, "unsent")
		r.Streams = []attack.StreamCount{{Name: "a", Offered: len(r.Samples) + unsent, Sent: len(r.Samples), Unsent: unsent, Span: time.Second}}
		run := analysis.Examine(r, 0)
		load := tallied(analysis.Layout{Streams: []analysis.LayoutStream{{Name: "a"}}}, r.Samples).Load(r.Streams).Health
		if len(run.Invalid) != len(load.Invalid) || len(run.Warnings) != len(load.Warnings) {
			t.Fatalf("got %+v, want %+v", load, run)
		}
		for i, reason := range run.Invalid {
			if !strings.HasPrefix(load.Invalid[i], reason+": ") {
				t.Fatalf("got %q, want %q and a cure", load.Invalid[i], reason)
			}
		}
	})
}
