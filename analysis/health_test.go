package analysis_test

import (
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

const (
	ns = time.Nanosecond
	us = time.Microsecond
	ms = time.Millisecond
)

// late is a run of n samples of which some were sent late.
func late(n, some int, by time.Duration) attack.Run {
	r := attack.Run{Samples: make([]attack.Sample, n)}
	for i := range r.Samples {
		r.Samples[i].Intended = time.Duration(i) * 5 * ms
		r.Samples[i].Sent = r.Samples[i].Intended
		if i < some {
			r.Samples[i].Sent += by
		}
		r.Samples[i].Done = r.Samples[i].Sent + ms
	}
	return r
}

func failing(r attack.Run, kinds ...attack.ErrorKind) attack.Run {
	for i, kind := range kinds {
		r.Samples[i].Err = kind
	}
	return r
}

func counted(counts ...attack.StreamCount) attack.Run {
	r := late(1000, 0, 0)
	r.Streams = counts
	return r
}

func TestExamine(t *testing.T) {
	cases := []struct {
		name     string
		run      attack.Run
		effect   time.Duration
		invalid  []string
		warnings []analysis.Warning
	}{
		{name: "on time", run: late(1000, 0, 0)},
		{name: "no samples", run: attack.Run{}, invalid: []string{"nothing was sent"}},

		{name: "1 % beyond 10 ms: 10/1000", run: late(1000, 10, 10*ms+ns)},
		{name: "over 1 % beyond 10 ms: 11/1000", run: late(1000, 11, 10*ms+ns), invalid: []string{
			"1.1 % of the requests were sent more than 10 ms late (send lag p99 10 ms)"}},
		{name: "all late by 10 ms, not more", run: late(1000, 1000, 10*ms), warnings: []analysis.Warning{"send lag p99 10 ms"}},
		// 20 % of 50 ms is 10 ms.
		{name: "an effect of 50 ms", run: late(1000, 1000, 10*ms+ns), effect: 50 * ms, invalid: []string{
			"100.0 % of the requests were sent more than 10 ms late (send lag p99 10 ms)"}},
		// 20 % of 100 ms is 20 ms.
		{name: "20 % of 100 ms", run: late(1000, 1000, 20*ms), effect: 100 * ms, warnings: []analysis.Warning{"send lag p99 20 ms"}},
		{name: "over 20 % of 100 ms", run: late(1000, 20, 20*ms+ns), effect: 100 * ms, invalid: []string{
			"2.0 % of the requests were sent more than 20 ms late (send lag p99 20 ms)"}},
		{name: "no effect is below zero", run: late(1000, 1000, 10*ms), effect: -time.Second, warnings: []analysis.Warning{"send lag p99 10 ms"}},

		{name: "1 ms", run: late(1000, 1000, ms)},
		{name: "over 1 ms, of 1 %", run: late(1000, 10, ms+ns)},
		{name: "over 1 ms, of more", run: late(1000, 11, ms+ns), warnings: []analysis.Warning{"send lag p99 1.0 ms"}},
		{name: "1 of 100", run: late(100, 1, time.Second)},
		{name: "2 of 100", run: late(100, 2, time.Second), invalid: []string{
			"2.0 % of the requests were sent more than 10 ms late (send lag p99 1.0 s)"}},

		{name: "0.1 % unsent", run: counted(attack.StreamCount{Name: "/ok", Offered: 1000, Sent: 999, Unsent: 1})},
		{name: "over 0.1 % unsent", run: counted(attack.StreamCount{Name: "/ok", Offered: 1000, Sent: 998, Unsent: 2}), invalid: []string{
			"2 of 1000 requests of /ok were never sent"}},
		{name: "1 % bad", run: counted(attack.StreamCount{Name: "/ok", Offered: 1000, Sent: 1000, Bad: 10}), warnings: []analysis.Warning{
			"10 of 1000 requests of /ok had no answer or an unexpected one"}},
		{name: "over 1 % bad", run: counted(attack.StreamCount{Name: "/ok", Offered: 1000, Sent: 1000, Bad: 11}), invalid: []string{
			"11 of 1000 requests of /ok had no answer or an unexpected one"}},
		{name: "a stream judges for itself: 1 of 2", run: counted(
			attack.StreamCount{Name: "/ok", Offered: 1000, Sent: 1000}, attack.StreamCount{Name: "/slow", Offered: 2, Sent: 2, Bad: 1}), invalid: []string{
			"1 of 2 requests of /slow had no answer or an unexpected one"}},
		{name: "a stream without requests", run: counted(attack.StreamCount{Name: "/ok"})},

		{name: "files", run: failing(late(1000, 0, 0), attack.ErrFiles), invalid: []string{"the generator ran out of files 1 times"}},
		{name: "ports and files", run: failing(late(1000, 0, 0), attack.ErrPorts, attack.ErrFiles, attack.ErrPorts), invalid: []string{
			"the generator ran out of files 1 times", "the generator ran out of ports 2 times"}},
		{name: "the target's errors are not the generator's", run: failing(late(1000, 0, 0), attack.ErrRefused, attack.ErrTimeout, attack.ErrReset, attack.ErrOther)},

		{name: "everything at once", run: func() attack.Run {
			r := failing(late(1000, 500, 30*ms), attack.ErrFiles)
			r.Streams = []attack.StreamCount{{Name: "/ok", Offered: 1100, Sent: 1000, Unsent: 100, Bad: 1}}
			return r
		}(), invalid: []string{
			"50.0 % of the requests were sent more than 10 ms late (send lag p99 30 ms)",
			"the generator ran out of files 1 times",
			"100 of 1100 requests of /ok were never sent",
		}, warnings: []analysis.Warning{"1 of 1100 requests of /ok had no answer or an unexpected one"}},
	}
	for _, c := range cases {
		got := analysis.Examine(c.run, c.effect)
		if !slices.Equal(got.Invalid, c.invalid) {
			t.Errorf("%s: invalid for\n\t%q\nwant\n\t%q", c.name, got.Invalid, c.invalid)
		}
		if !slices.Equal(got.Warnings, c.warnings) {
			t.Errorf("%s: warns\n\t%q\nwant\n\t%q", c.name, got.Warnings, c.warnings)
		}
	}
}

// The order of the reasons goes into a report, so it may not vary.
func TestExamineRepeats(t *testing.T) {
	r := failing(late(1000, 0, 0), attack.ErrPorts, attack.ErrFiles)
	first := analysis.Examine(r, 0).Invalid
	for range 50 {
		if again := analysis.Examine(r, 0).Invalid; !slices.Equal(again, first) {
			t.Fatalf("got %q, then %q", first, again)
		}
	}
}
