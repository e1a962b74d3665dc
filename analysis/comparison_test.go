package analysis_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// runsOf reads "0a 1b!" as arm a in block 0 and arm b in block 1, partial.
func runsOf(text string) []attack.Run {
	var runs []attack.Run
	for i, word := range strings.Fields(text) {
		arm, partial := strings.CutSuffix(word[1:], "!")
		runs = append(runs, attack.Run{Block: int(word[0] - '0'), Arm: arm, Partial: partial, Order: i})
	}
	return runs
}

// asText writes blocks as the runs that they hold, by arm.
func asText(blocks []analysis.Block) string {
	texts := make([]string, len(blocks))
	for i, b := range blocks {
		var words []string
		for arm, r := range b {
			words = append(words, fmt.Sprintf("%d%s", r.Block, arm))
		}
		slices.Sort(words)
		texts[i] = strings.Join(words, " ")
	}
	return strings.Join(texts, " | ")
}

func TestBlocks(t *testing.T) {
	cases := []struct {
		name, runs, arms, want string
	}{
		{"nothing", "", "a b", ""},
		{"each block pairs its own arms", "0a 0b 1b 1a", "a b", "0a 0b | 1a 1b"},
		{"a block that lacks an arm", "0a 0b 1a 2b 2a", "a b", "0a 0b | 2a 2b"},
		{"a partial run is as good as none", "0a 0b! 1a 1b", "a b", "1a 1b"},
		{"only partial runs", "0a! 0b!", "a b", ""},
		{"the last one broke off", "0a 0b 1a 1b!", "a b", "0a 0b"},
		{"other arms are kept and not asked for", "0a 0b 0c 1a 1b", "a b", "0a 0b 0c | 1a 1b"},
		{"an arm that was never run", "0a 1a", "a b", ""},
		{"the blocks may begin anywhere", "7a 7b 9a 9b", "a b", "7a 7b | 9a 9b"},
	}
	for _, c := range cases {
		if got := asText(analysis.Blocks(runsOf(c.runs), strings.Fields(c.arms)...)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// pairs makes blocks from pairs of base and head, in nanoseconds.
func pairs(of ...[2]float64) []analysis.Block {
	blocks := make([]analysis.Block, len(of))
	for i, p := range of {
		blocks[i] = analysis.Block{"base": lasting(p[0]), "head": lasting(p[1])}
	}
	return blocks
}

func TestCompare(t *testing.T) {
	cases := []struct {
		name             string
		blocks           []analysis.Block
		value, low, high float64
		confidence, p    float64
	}{
		// 3× in each of blocks whose level doubles: pooled, the arms would overlap.
		{"pairs within blocks", pairs([2]float64{300, 100}, [2]float64{600, 200}, [2]float64{1200, 400}, [2]float64{2400, 800},
			[2]float64{4800, 1600}, [2]float64{9600, 3200}), 3, 3, 3, 0.96875, 2.0 / 64},
		// Ratios 1/4 and 4 have the geometric mean 1; 2·P(W ≤ 2; n = 2) is over 1.
		{"a ratio and its inverse cancel", pairs([2]float64{100, 400}, [2]float64{400, 100}), 1, 0.25, 4, 0.5, 1},
		// ln 2, ln 4, ln 8: Walsh averages 2, √8, 4, 4, √32, 8.
		{"three blocks", pairs([2]float64{200, 100}, [2]float64{800, 100}, [2]float64{400, 100}), 4, 2, 8, 0.75, 2.0 / 8},
		{"both below the clock: max(0, 1)/max(0, 1)", pairs([2]float64{0, 0}), 1, 1, 1, 0, 1},
		{"head below the clock: 5/max(0, 1)", pairs([2]float64{5, 0}), 5, 5, 5, 0, 1},
		{"base below the clock: max(0, 1)/8", pairs([2]float64{0, 8}), 0.125, 0.125, 0.125, 0, 1},
		{"a negative duration", pairs([2]float64{-3, 1}), 1, 1, 1, 0, 1},
		{"no blocks", nil, 1, 1, 1, 0, 1},
	}
	for _, c := range cases {
		got := analysis.Compare("time", c.blocks, duration, "base", "head")
		for _, v := range []struct {
			name      string
			got, want float64
		}{
			{"value", got.Effect.Value, c.value}, {"low", got.Effect.Low, c.low}, {"high", got.Effect.High, c.high},
			{"confidence", got.Effect.Confidence, c.confidence}, {"p", got.P, c.p},
		} {
			if math.Abs(v.got-v.want) > 1e-9 {
				t.Errorf("%s: %s: got %v, want %v", c.name, v.name, v.got, v.want)
			}
		}
		if got.Effect.N != len(c.blocks) || got.Metric != "time" || got.Base != "base" || got.Head != "head" {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}

func TestCompareWarnsOfFewBlocks(t *testing.T) {
	of := slices.Repeat([][2]float64{{300, 100}}, 6)
	want := []analysis.Warning{"need at least 6 blocks for a 95 % interval, have 5"}
	if got := analysis.Compare("time", pairs(of[:5]...), duration, "base", "head").Warnings; !slices.Equal(got, want) {
		t.Errorf("5 blocks: got %q, want %q", got, want)
	}
	if got := analysis.Compare("time", pairs(of...), duration, "base", "head").Warnings; len(got) != 0 {
		t.Errorf("6 blocks: got %q, want none", got)
	}
}

func TestJudge(t *testing.T) {
	const n = 6
	cases := []struct {
		name      string
		low, high float64
		n         int
		want      analysis.Outcome // against 2
	}{
		{"above", 2.001, 3, n, analysis.Pass},
		{"from the threshold up", 2, 3, n, analysis.Inconclusive},
		{"across", 1.9, 2.1, n, analysis.Inconclusive},
		{"just across", 1.9, 2.001, n, analysis.Inconclusive},
		{"up to the threshold", 1.9, 2, n, analysis.Fail},
		{"below", 1.1, 1.9, n, analysis.Fail},
		{"at the threshold", 2, 2, n, analysis.Fail},
		{"above, with few blocks", 50, 60, n - 1, analysis.Inconclusive},
		{"below, with few blocks", 0.1, 0.2, n - 1, analysis.Inconclusive},
		{"nothing", 0, 0, 0, analysis.Inconclusive},
	}
	for _, c := range cases {
		comparison := analysis.Comparison{Effect: analysis.Estimate{Value: (c.low + c.high) / 2, Low: c.low, High: c.high, N: c.n}}
		above, under := comparison.Above(2), comparison.Under(2)
		if above.Outcome != c.want || above.Threshold != 2 || above.Below {
			t.Errorf("%s: above 2: got %+v, want %s", c.name, above, c.want)
		}
		opposite := map[analysis.Outcome]analysis.Outcome{analysis.Pass: analysis.Fail, analysis.Fail: analysis.Pass}
		want, other := opposite[c.want]
		if !other {
			want = c.want
		}
		if under.Outcome != want || under.Threshold != 2 || !under.Below {
			t.Errorf("%s: under 2: got %+v, want %s", c.name, under, want)
		}
	}
}

func TestWorst(t *testing.T) {
	const pass, fail, open, invalid = analysis.Pass, analysis.Fail, analysis.Inconclusive, analysis.Invalid
	cases := []struct {
		of   []analysis.Outcome
		want analysis.Outcome
	}{
		{nil, pass},
		{[]analysis.Outcome{pass, pass}, pass},
		{[]analysis.Outcome{pass, open}, open},
		{[]analysis.Outcome{open, invalid, pass}, invalid},
		{[]analysis.Outcome{open, invalid, fail, pass}, fail},
		{[]analysis.Outcome{fail}, fail},
	}
	for _, c := range cases {
		if got := analysis.Worst(c.of...); got != c.want {
			t.Errorf("%v: got %s, want %s", c.of, got, c.want)
		}
	}
}
