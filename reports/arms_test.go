package reports

import (
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// probed makes a run of one probe that took that long.
func probed(arm string, block int, took time.Duration) attack.Run {
	return attack.Run{
		Arm: arm, Block: block, Streams: []attack.StreamCount{{Role: attack.Probe}},
		Samples: answeredAfter(took),
	}
}

func TestRepresentativeHasTheMedianMaximum(t *testing.T) {
	cases := []struct {
		name    string
		maxima  []time.Duration
		wantNth int
	}{
		{"odd", []time.Duration{9 * ms, 1 * ms, 5 * ms}, 2},
		{"even: the lower one of the middle", []time.Duration{9 * ms, 1 * ms, 5 * ms, 7 * ms}, 2},
		{"equal: the earlier one", []time.Duration{4 * ms, 4 * ms, 4 * ms}, 1},
		{"one", []time.Duration{4 * ms}, 0},
	}
	for _, c := range cases {
		a := arm{role: attack.Probe}
		for block, d := range c.maxima {
			a.runs = append(a.runs, probed("a", block, d))
		}
		if got := a.representative().Block; got != c.wantNth {
			t.Errorf("%s: got block %d, want %d", c.name, got, c.wantNth)
		}
	}
}

func TestGatherLeavesBrokenBlocksOut(t *testing.T) {
	broken := probed("b", 1, ms)
	broken.Partial = true
	runs := []attack.Run{
		probed("b", 2, ms), probed("a", 2, ms),
		probed("a", 1, ms), broken, // b's failure spoils a's block 1 as well
		probed("a", 0, ms), probed("b", 0, ms),
	}
	arms, err := gather(claims.Chart{}, runs, attack.Probe)
	if err != nil {
		t.Fatal(err)
	}
	if arms[0].name != "b" || arms[1].name != "a" {
		t.Errorf("arms are %q and %q, want them as they first appear", arms[0].name, arms[1].name)
	}
	for _, a := range arms {
		var blocks []int
		for _, r := range a.runs {
			blocks = append(blocks, r.Block)
		}
		if !slices.Equal(blocks, []int{0, 2}) {
			t.Errorf("arm %s has the blocks %v, want 0 and 2", a.name, blocks)
		}
	}
}

func TestGatherTakesTheChartsOrder(t *testing.T) {
	runs := []attack.Run{probed("a", 0, ms), probed("b", 0, ms), probed("c", 0, ms)}
	arms, err := gather(claims.Chart{Arms: []string{"c", "a"}}, runs, attack.Probe)
	if err != nil {
		t.Fatal(err)
	}
	if len(arms) != 2 || arms[0].name != "c" || arms[1].name != "a" {
		t.Errorf("got %v", arms)
	}
}

func TestShownSaysWhichBlock(t *testing.T) {
	a := arm{role: attack.Probe, runs: []attack.Run{probed("a", 0, ms), probed("a", 4, ms)}}
	if got, want := a.shown(a.runs[1]), "block 5, the median of 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	a.runs = a.runs[:1]
	if got := a.shown(a.runs[0]); got != "" {
		t.Errorf("a single block is called %q", got)
	}
}
