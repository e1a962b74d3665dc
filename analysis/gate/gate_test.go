package gate

import (
	"reflect"
	"testing"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// driven runs a gate to its end, each block by make.
func driven(t *testing.T, g Gate, block func(n int) []attack.Run) (runs []attack.Run, asked []int) {
	t.Helper()
	for range 20 {
		plan, done := g.Next(runs)
		if done {
			return runs, asked
		}
		if plan.Blocks < 1 {
			t.Fatalf("a plan of %d blocks", plan.Blocks)
		}
		asked = append(asked, plan.Blocks)
		for i := range plan.Blocks {
			runs = append(runs, block(plan.FirstBlock+i)...)
		}
	}
	t.Fatal("it never ends")
	return nil, nil
}

func pairsOf(base, head server) func(int) []attack.Run {
	all := blocksOf(base, head, 100)
	return func(n int) []attack.Run { return all[2*n : 2*n+2] }
}

func TestGateStopsEarly(t *testing.T) {
	g := Gate{Settings: Default(), Plan: attack.Plan{Seed: 3}}
	slow := calm()
	slow.median = 3
	runs, asked := driven(t, g, pairsOf(calm(), slow))
	if v := Judge(g.Settings, runs); v.Outcome != analysis.Fail || !reflect.DeepEqual(asked, []int{14}) || len(v.Looks) != 1 || !v.Final {
		t.Errorf("asked for %v: %s", asked, v.Headline)
	}
	runs, asked = driven(t, g, pairsOf(calm(), calm()))
	if v := Judge(g.Settings, runs); v.Outcome != analysis.Pass || !reflect.DeepEqual(asked, []int{14}) {
		t.Errorf("asked for %v: %s", asked, v.Headline)
	}
}

// Noise beyond δ takes all looks, and ends undecided.
func TestGateExtendsOnce(t *testing.T) {
	g := Gate{Settings: Default()}
	m, _ := ParseMetric("p50=5%")
	g.Settings.Metrics = With(g.Settings.Metrics, m)
	noisy := calm()
	noisy.blocks = 0.4
	runs, asked := driven(t, g, pairsOf(noisy, noisy))
	v := Judge(g.Settings, runs)
	if !reflect.DeepEqual(asked, []int{14, 10, 16, 40}) || v.Outcome != analysis.Inconclusive || v.Blocks != 80 || !v.Final || v.Partial {
		t.Errorf("asked for %v: %s, after %d", asked, v.Headline, v.Blocks)
	}
	if len(v.Looks) != 4 || !v.Looks[3].Extension {
		t.Errorf("looks %+v", v.Looks)
	}
}

func TestGateMakesUpForLostBlocks(t *testing.T) {
	g := Gate{Settings: Default()}
	late := calm()
	late.late = 15 * ms
	good, bad := pairsOf(calm(), calm()), pairsOf(late, calm())
	runs, asked := driven(t, g, func(n int) []attack.Run {
		if n == 2 || n == 5 {
			return bad(n)
		}
		return good(n)
	})
	v := Judge(g.Settings, runs)
	if !reflect.DeepEqual(asked, []int{14, 2}) || v.Outcome != analysis.Pass || len(v.Lost) != 2 || v.Blocks != 14 {
		t.Errorf("asked for %v: %s, %v", asked, v.Headline, v.Lost)
	}
	runs, asked = driven(t, g, bad)
	if v := Judge(g.Settings, runs); v.Outcome != analysis.Invalid || !v.Final || !reflect.DeepEqual(asked, []int{14}) {
		t.Errorf("asked for %v: %s", asked, v.Headline)
	}
}

// Ctrl-C in the middle: what was measured is judged, and marked.
func TestInterruptedGate(t *testing.T) {
	g := Gate{Settings: Default()}
	runs := blocksOf(calm(), calm(), 9)
	last := runs[len(runs)-1]
	last.Partial, last.Failure = true, "interrupted"
	runs[len(runs)-1] = last
	v := Judge(g.Settings, runs)
	if v.Outcome != analysis.Inconclusive || !v.Partial || v.Final || v.Blocks != 8 {
		t.Errorf("%+v", v)
	}
	if plan, done := g.Next(runs); done || plan.FirstBlock != 9 || plan.Blocks != 6 {
		t.Errorf("it goes on with block 10, 6 of them: %+v, %v", plan, done)
	}
}

// Blocks after the look that decides change nothing.
func TestLaterBlocksDontCount(t *testing.T) {
	slow := calm()
	slow.median = 4
	runs := append(blocksOf(calm(), calm(), 14), blocksOf(calm(), slow, 60)[28:]...)
	if v := Judge(Default(), runs); v.Outcome != analysis.Pass || v.Blocks != 14 {
		t.Errorf("%s", v.Headline)
	}
}

func TestResample(t *testing.T) {
	s := Default()
	m := Measure(s, blocksOf(calm(), calm(), 30))
	first, again := Resample(m, s, 50, 1), Resample(m, s, 50, 1)
	for i := range first {
		if first[i].Outcome != again[i].Outcome || first[i].Headline != again[i].Headline {
			t.Fatalf("a seed repeats it: %s, and %s", first[i].Headline, again[i].Headline)
		}
	}
	shares := Shares(first)
	if shares[analysis.Fail] > 2 || shares[analysis.Pass] < 40 {
		t.Errorf("%v", shares)
	}
	swaps := 0
	for _, v := range Resample(Join(m, m), s, 20, 2) {
		for _, p := range metricOf(t, v, "p50").Pairs {
			if p.Base == m.Blocks[0].Head.Values["p50"] {
				swaps++
			}
		}
	}
	if swaps == 0 {
		t.Error("no arm was ever swapped")
	}
	if v := Resample(Measured{}, s, 2, 1); len(v) != 2 || v[0].Outcome != analysis.Invalid {
		t.Errorf("of nothing: %+v", v)
	}
}

func TestOthers(t *testing.T) {
	s := Default()
	slow := calm()
	slow.median = 3
	for _, o := range Others() {
		if got := o.Judge(s, blocksOf(calm(), slow, 20)); got != analysis.Fail {
			t.Errorf("%s, half as slow again: %s", o.Name, got)
		}
		if got := o.Judge(s, blocksOf(slow, calm(), 20)); got != analysis.Pass {
			t.Errorf("%s, faster: %s", o.Name, got)
		}
		if got := o.Judge(s, nil); got != analysis.Pass {
			t.Errorf("%s, no runs: %s; such gates pass on no data", o.Name, got)
		}
	}
}
