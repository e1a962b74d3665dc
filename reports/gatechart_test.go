package reports

import (
	"bytes"
	"errors"
	"image/png"
	"strconv"
	"strings"
	"testing"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
)

func gateDrawn(t *testing.T, format string, g Gate, chart GateChart) string {
	t.Helper()
	var b bytes.Buffer
	if err := g.Draw(&b, format, chart); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var everyGate = map[string]func() Gate{
	"pass": PassingGate, "fail": FailingGate, "open": OpenGate, "invalid": InvalidGate, "lost": LosingGate, "noisy": NoisyGate,
	"one block": func() Gate { return EqualGate(1) },
}

func TestGatePicturesHaveRoomForTheirWords(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for name, of := range everyGate {
		for _, long := range []int{1, 3, 40} {
			lengthen := func(s string) string { return strings.Repeat(s+" with a long name", long-1) + s }
			g := of()
			g.Title, g.BaseName, g.HeadName = lengthen(g.Title), lengthen(g.BaseName), lengthen(g.HeadName)
			g.Environment.Target = lengthen(g.Environment.Target)
			for i := range g.Verdict.Metrics {
				g.Verdict.Metrics[i].Title = lengthen(g.Verdict.Metrics[i].Title)
			}
			for _, chart := range GateCharts {
				t.Run(name+" "+string(chart)+" × "+strconv.Itoa(long), func(t *testing.T) {
					checkLayout(t, gateDrawn(t, "svg", g, chart))
				})
			}
		}
	}
}

func TestGatePicturesSayWhatTheyShow(t *testing.T) {
	fail := FailingGate()
	slow := calmServer()
	slow.median *= 2
	double := GateOf(calmServer(), slow, 100)
	for _, c := range []struct {
		gate  Gate
		chart GateChart
		want  []string
	}{
		{fail, GateForest, []string{
			"regression: p99 +19.2 % (+8.6 % to +28.7 %), δ 10 %", "response p99", "+19.2 %, δ 10 %", "+8.6 % to +28.7 % · fail",
			"no change", "+1 δ", "−1 δ", "up to δ: of no importance",
		}},
		{fail, GateBlocks, []string{
			"regression: p99 +19.2 %, higher in 22 of 24 blocks", "response p99", "peak memory", "base", "head", "a change by δ", "+19.2 %, fail · higher in 22 of 24",
		}},
		{fail, GatePercentiles, []string{
			"regression: response p99 3.96 ms → 4.71 ms (+19.2 %), p50 2.02 ms → 1.99 ms (−0.8 %), p95 3.05 ms → 3.08 ms (+1.4 %)",
			"base", "head", "p99.9", "n 24,000", "lowest to highest of the blocks",
		}},
		{InvalidGate(), GateForest, []string{"+1 δ", "service p99"}},
		{double, GateForest, []string{"+12 δ", "changes beyond the axis are drawn at its end"}}, // ln 2/ln 1.05 = 14.2 δ: beyond the axis
	} {
		all := texts(t, gateDrawn(t, "svg", c.gate, c.chart))
		for _, want := range c.want {
			if !strings.Contains(joined(all), want) {
				t.Errorf("%s lacks %q", c.chart, want)
			}
		}
	}
}

func joined(all []written) string {
	var parts []string
	for _, w := range all {
		parts = append(parts, w.text)
	}
	return strings.Join(parts, "\n")
}

func TestGateTitlesBeginWithTheAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for name, want := range map[string]string{
		"pass": "no regression: ", "fail": "regression: ", "open": "not decided: ", "invalid": "invalid: ", "lost": "not decided: ", "noisy": "not decided: ", "one block": "not decided: ",
	} {
		g := everyGate[name]()
		for chart, drawer := range gateDrawers {
			f, err := drawer(g)
			if err != nil || !strings.HasPrefix(f.title, want) {
				t.Errorf("%s of %s: %q, %v", chart, name, f.title, err)
			}
		}
	}
}

func TestGatePNGHasItsSizeAndRepeats(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	g := FailingGate()
	for _, chart := range GateCharts {
		first := gateDrawn(t, "png", g, chart)
		img, err := png.Decode(strings.NewReader(first))
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Bounds().Size(); size.X != 1600 || size.Y < 900 {
			t.Errorf("%s is %v", chart, size)
		}
		if gateDrawn(t, "png", g, chart) != first {
			t.Errorf("%s differs from itself", chart)
		}
	}
}

func TestGatePictureErrors(t *testing.T) {
	var b bytes.Buffer
	if err := FailingGate().Draw(&b, "gif", GateForest); err == nil || !strings.Contains(err.Error(), "gif") {
		t.Errorf("gif: %v", err)
	}
	if err := FailingGate().Draw(&b, "png", "pie"); err == nil || !strings.Contains(err.Error(), "pie") {
		t.Errorf("pie: %v", err)
	}
	for _, chart := range GateCharts {
		if err := (Gate{}).Draw(&b, "png", chart); !errors.Is(err, ErrNothingToDraw) {
			t.Errorf("%s of nothing: %v", chart, err)
		}
	}
	if b.Len() > 0 {
		t.Errorf("%d bytes were written", b.Len())
	}
}

// The curves are those of the blocks that the verdict stands on.
func TestGateCurvesLeaveOutWhatIsNotJudged(t *testing.T) {
	g := LosingGate() // 9 blocks, the third and the sixth lost
	var numbers []int
	for _, b := range g.trusted() {
		numbers = append(numbers, b.number)
	}
	if want := []int{0, 1, 3, 4, 6, 7, 8}; len(numbers) != len(want) || numbers[2] != 3 || numbers[6] != 8 {
		t.Errorf("got %v, want %v", numbers, want)
	}
	late := FailingGate() // one more block than the look asked for
	if got := late.trusted(); len(got) != 24 || got[23].number != 23 {
		t.Errorf("%d blocks", len(got))
	}
}

func TestBlockOrder(t *testing.T) {
	run := func(look attack.Look, order int, places ...int) attack.Run {
		r := attack.Run{Arm: string(look), Look: look, Order: order}
		for _, p := range places {
			r.Slices = append(r.Slices, attack.Slice{Place: p})
		}
		return r
	}
	for want, b := range map[string]gateBlock{
		"BHHB": {base: run(attack.LookBase, 0, 0, 3), head: run(attack.LookHead, 1, 1, 2)},
		"HBBH": {base: run(attack.LookBase, 1, 1, 2), head: run(attack.LookHead, 0, 0, 3)},
		"==":   {base: run(attack.LookBase, 1, 0, 1), head: run(attack.LookHead, 0, 0, 1)},
		"HB":   {base: run(attack.LookBase, 1), head: run(attack.LookHead, 0)},
		"":     {base: run(attack.LookBase, 0, 0, 3)},
	} {
		if got := orderText(b.order()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// How many more blocks it takes follows the standard error: with an effect of
// nothing and a spread of s, the bound is (z of the level + z of the power)·s/√(0.955·n).
func TestBlocksNeeded(t *testing.T) {
	g := OpenGate()
	row, _ := g.row("p50")
	found, ok := g.detectable(row)
	if !ok || found <= row.Delta || found > 0.1 {
		t.Errorf("80 blocks find %v", found)
	}
	row.Change = analysis.Estimate{Value: 0, Low: -0.06, High: 0.06}
	row.Pairs = nil
	for i := range 20 { // d of ±10 %: a robust spread of 1.4826 · 0.1
		head := []float64{0.9048, 1.1052}[i%2]
		row.Pairs = append(row.Pairs, gate.Pair{Block: i, Base: 1, Head: head})
	}
	row.Level = 0.002
	// (2.878 + 0.842) · s / √(0.955·n) ≤ ln 1.05 = 0.0488; the middle of 20 such d
	// is 0.1, from which half lie 0.2 away: s = 1.4826 · 0.2 = 0.297, n = 535: more
	// than ten times 20 blocks.
	if n, ok := g.blocksNeeded(row); ok {
		t.Errorf("%d blocks", n)
	}
	row.Delta = 0.2 // ln 1.2 = 0.182: n = (3.72 · 0.297/0.182)²/0.955 = 38
	if n, ok := g.blocksNeeded(row); !ok || n < 37 || n > 40 {
		t.Errorf("%d blocks, want 38", n)
	}
	row.Change.Value = 0.2
	if n, ok := g.blocksNeeded(row); ok {
		t.Errorf("an effect of just δ is settled by %d blocks", n)
	}
}

func TestChangeWords(t *testing.T) {
	ratio, share := gate.Metric{}, gate.Metric{Absolute: true}
	for want, got := range map[string]string{
		"+19.2 %":      changeWords(ratio, 0.1923),
		"−0.3 %":       changeWords(ratio, -0.0031),
		"0.0 %":        changeWords(ratio, -0.0001),
		"10×":          changeWords(ratio, 9),
		"+0.1 points":  changeWords(share, 0.001),
		"0 points":     changeWords(share, 0),
		"+∞":           changeWords(ratio, 1e300),
		"10 %":         deltaWords(gate.Metric{Delta: 0.1}),
		"0.1 points":   deltaWords(gate.Metric{Delta: 0.001, Absolute: true}),
		"48 MiB":       valueWords(gate.Metric{Unit: "bytes"}, 48<<20),
		"1.93 ms":      valueWords(gate.Metric{Unit: "ms"}, 1.9312),
		"80 µs":        valueWords(gate.Metric{Unit: "ms"}, 0.08),
		"0.1 %":        valueWords(gate.Metric{Unit: "share"}, 0.001),
		"by −24.8 %":   realMinus("by -24.8 %"),
		"a-1 (−2, -x)": realMinus("a-1 (-2, -x)"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
