package claims

import (
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

const mi = 1 << 20

var plantAlarm = target.Leak{After: 1500 * ms, Site: "x/target.(*leak).plant (target/leak.go:61)", Grown: 9 * mi, Collections: 30}

// leakRuns are blocks in which the heap grows from 4 to 20 MiB with the leak, five
// times, and to so many MiB without. The watch names the leak.
func leakRuns(blocks int, quiet int64) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		leaking, still := synthetic(leakArm, b, probes{ms, ms}), synthetic(quietArm, b, probes{ms, ms})
		leaking.Target = &target.Usage{LiveBefore: 4 * mi, LiveAfter: 20 * mi, Leaks: []target.Leak{plantAlarm}}
		still.Target = &target.Usage{LiveBefore: 4 * mi, LiveAfter: quiet * mi}
		runs = append(runs, still, leaking)
	}
	return runs
}

// with changes what was observed of an arm in the given blocks.
func with(runs []attack.Run, arm string, change func(*target.Usage), blocks ...int) []attack.Run {
	return in(runs, func(r attack.Run) attack.Run {
		if r.Arm == arm {
			usage := *r.Target
			change(&usage)
			r.Target = &usage
		}
		return r
	}, blocks...)
}

func silentWatch(u *target.Usage) { u.Leaks = nil }

// elsewhere alarms name another place first.
func elsewhere(u *target.Usage) {
	u.Leaks = []target.Leak{{After: 900 * ms, Site: "x/target.processArray (target/array.go:41)"}, plantAlarm}
}

func TestLeak(t *testing.T) {
	six := []int{0, 1, 2, 3, 4, 5}
	unsettled := []analysis.Warning{"too few blocks tell whether the watch is right more often than not"}
	for _, c := range []struct {
		name string
		runs []attack.Run
		expect
	}{
		{"proven", leakRuns(6, 5), expect{outcome: analysis.Pass, blocks: 6,
			headline: "the watch named the leak in 6 of 6 blocks, 1.5 s into the run, and gave 0 alarms without one"}},
		// 5 against 10/4 times is twice, and not more.
		{"the heap grows as well without it", leakRuns(6, 10), expect{outcome: analysis.Fail, blocks: 6, headline: "6 of 6"}},
		{"five blocks settle nothing", leakRuns(5, 5), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "5 of 5", warnings: tooFew(5)}},
		// Of eight coins at least seven show heads with the chance 9/256, of six at least
		// five with 7/64.
		{"one of eight missed", with(leakRuns(8, 5), leakArm, silentWatch, 3), expect{outcome: analysis.Pass, blocks: 8, headline: "7 of 8 blocks"}},
		{"one of six missed", with(leakRuns(6, 5), leakArm, silentWatch, 3), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "5 of 6 blocks", warnings: unsettled,
		}},
		{"another place is named in one of six", with(leakRuns(6, 5), leakArm, elsewhere, 0), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "5 of 6 blocks", warnings: unsettled,
		}},
		{"no alarm", with(leakRuns(6, 5), leakArm, silentWatch, six...), expect{outcome: analysis.Fail, blocks: 6, headline: "0 of 6 blocks, 1.0 s into the run"}},
		{"always another place", with(leakRuns(6, 5), leakArm, elsewhere, six...), expect{outcome: analysis.Fail, blocks: 6, headline: "0 of 6 blocks, 900 ms"}},
		{"alarms without a leak", with(leakRuns(6, 5), quietArm, elsewhere, six...), expect{
			outcome: analysis.Fail, blocks: 6, headline: "in 6 of 6 blocks, 1.5 s into the run, and gave 12 alarms without one",
		}},
	} {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, leak().judge(settings(2), c.runs)) })
	}
}

func TestLeakSays(t *testing.T) {
	r := leak().judge(settings(2), leakRuns(6, 5))
	for i, want := range []string{
		"the heap after collections grew 5.0× with the leak and 1.2× without, 4.0× (4.0–4.0×)", // 20/4 and 5/4
		"the watch named (*leak).plant in 6 of 6 blocks with the leak, and gave 0 alarms in 6 without",
	} {
		if got := r.Verdict.Findings[i].Statement; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got, want := r.Charts[0].Title, "In 2.0 s a leak takes the heap after collections to 20 MiB; without one it is 5 MiB"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, want := range map[string]map[string]float64{
		"live heap":   {quietArm: 5, leakArm: 20},
		"growth":      {quietArm: 1.25, leakArm: 5},
		"alarms":      {quietArm: 0, leakArm: 1},
		"alarm after": {leakArm: 30},
	} {
		checkFigure(t, r, name, want)
	}
}

func checkFigure(t *testing.T, r Result, name string, want map[string]float64) {
	t.Helper()
	i := slices.IndexFunc(r.Figures, func(f Figure) bool { return f.Name == name })
	if i < 0 {
		t.Errorf("there is no figure %q", name)
		return
	}
	for arm, v := range want {
		if got := r.Figures[i].Values[arm]; got != v {
			t.Errorf("%s, %s: got %v, want %v", name, arm, got, v)
		}
	}
}

// The arms do the same but for the leak, each in a process of its own.
func TestLeakArmsDifferInTheLeak(t *testing.T) {
	arms := leakArms(settings(2))
	if arms[0].Target == arms[1].Target {
		t.Error("the arms share a process, and so the leak")
	}
	urls := map[string]bool{}
	for _, arm := range arms {
		if options := arm.Target.(target.Reference).Options; options != "--watch-heap=700ms" {
			t.Errorf("arm %q is started with %q", arm.Name, options)
		}
		for _, s := range arm.Streams {
			for _, r := range s.Requests {
				urls[r.URL] = true
			}
		}
	}
	if len(urls) != 6 || !urls["/leak?mode=on&kb=48"] || !urls["/leak?mode=off&kb=48"] {
		t.Errorf("asked for is %v", urls)
	}
}

func TestLeakMetricsOfNothing(t *testing.T) {
	for _, m := range []analysis.Metric{liveAfter, liveGrowth, alarms, alarmCollections, alarmAfter, cacheHits, hitRate, hotMean} {
		if got := m(attack.Run{}); got != 0 {
			t.Errorf("got %v of a run with nothing in it", got)
		}
	}
	if got := alarmAfter(synthetic(leakArm, 0, probes{ms, ms})); got != float64(time.Second) {
		t.Errorf("without an alarm got %v, want the run's end", got)
	}
}
