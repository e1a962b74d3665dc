package reports

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
)

// ratioOf is an effect over 6 blocks.
func ratioOf(v, low, high float64) analysis.Estimate {
	return analysis.Estimate{Value: v, Low: low, High: high, Confidence: 0.969, N: 6}
}

func forestOf(rows ...claims.Row) claims.Chart {
	return claims.Chart{Kind: claims.Forest, Title: "a forest", Rows: rows}
}

func TestRowsStandByTheirEffect(t *testing.T) {
	c := overview()
	c.Rows = append(c.Rows, claims.Row{Name: "nothing", Effect: analysis.Estimate{Value: 1e6}}, claims.Row{Name: "endless", Effect: ratioOf(math.Inf(1), 2, 3)})
	before := slices.Clone(c.Rows)
	all := texts(t, drawn(t, "svg", c, nil))
	order := []string{"lookup", "chunking", "waits", "clone", "keep-alive", "pool-size", "immediate", "pool-limit", "timers", "nothing", "endless"}
	height := func(name string) written {
		i := slices.IndexFunc(all, func(w written) bool { return w.text == name })
		if i < 0 {
			t.Fatalf("%q is missing", name)
		}
		return all[i]
	}
	for i, name := range order[1:] {
		if height(name).high >= height(order[i]).low {
			t.Errorf("%q does not stand below %q", name, order[i])
		}
	}
	if !slices.Equal(c.Rows, before) {
		t.Error("drawing changed the chart's rows")
	}
}

func TestOddEffectsAreDrawn(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	cases := []struct {
		name  string
		e     analysis.Estimate
		words string
	}{
		{"usual", ratioOf(65, 58, 71), "65× (58–71×)"},
		{"across 1", ratioOf(1.3, 0.4, 4.4), "1.3× (0.40–4.4×)"},
		{"equal", ratioOf(1, 1, 1), "1.00× (1.00–1.00×)"},
		{"wide", ratioOf(2, 1e-6, 1e6), "2.0× (0.00–1000000×)"},
		{"no block", analysis.Estimate{}, "not measured"},
		{"no block, compared", analysis.Estimate{Value: 1, Low: 1, High: 1}, "not measured"},
		{"zero", ratioOf(0, 0, 0), "no finite ratio"},
		{"negative", ratioOf(-2, -3, -1), "no finite ratio"},
		{"no number", ratioOf(nan, nan, nan), "no finite ratio"},
		{"endless", ratioOf(inf, 2, inf), "no finite ratio"},
		{"huge", ratioOf(1e300, 1, 1e300), "no finite ratio"},
		{"open above", ratioOf(2, 1.5, inf), "2.0× (1.5–∞×)"},
		{"open below", ratioOf(2, math.Inf(-1), 3), "2.0× (0.00–3.0×)"},
		{"interval no number", ratioOf(2, nan, 3), "2.0×"},
		{"turned round", ratioOf(2, 3, 1.5), "2.0× (1.5–3.0×)"},
	}
	var rows []claims.Row
	for _, c := range cases {
		for _, threshold := range []float64{0, 1, 2, 0.5, -1, 1e300, inf, nan} {
			r := claims.Row{Name: c.name, Effect: c.e, Threshold: threshold}
			rows = append(rows, r)
			svg := drawn(t, "svg", forestOf(r), nil)
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("%s, threshold %v: a place in the picture is no number", c.name, threshold)
			}
			checkLayout(t, svg)
			if !holds(texts(t, svg), c.words) {
				t.Errorf("%s lacks %q", c.name, c.words)
			}
		}
	}
	checkLayout(t, drawn(t, "svg", forestOf(rows...), nil))
}

func TestForestsGrowWithTheirRows(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	last := 0.0
	for _, n := range []int{1, 3, 9, 20, 40} {
		var rows []claims.Row
		for i := range n {
			rows = append(rows, effectRow("claim "+strconv.Itoa(i), "probe p99, one way against the other", float64(i+1), float64(i)+0.5, float64(i)+2, 2, analysis.Pass))
		}
		svg := drawn(t, "svg", forestOf(rows...), nil)
		checkLayout(t, svg)
		checkStruck(t, svg)
		height, err := strconv.ParseFloat(svgHeight.FindStringSubmatch(svg)[1], 64)
		if err != nil || height < last || n >= 20 && height <= last {
			t.Errorf("%d rows are %v points high, fewer were %v", n, height, last)
		}
		last = height
		for i := range n {
			if !holds(texts(t, svg), "claim "+strconv.Itoa(i)) {
				t.Errorf("of %d rows number %d is missing", n, i)
			}
		}
	}
}

func TestOutcomesAreToldApartByShape(t *testing.T) {
	outcomes := []string{
		claims.Word(analysis.Pass), claims.Word(analysis.Fail), claims.Word(analysis.Inconclusive), claims.Word(analysis.Invalid), "another",
	}
	seen := map[draw.GlyphDrawer]string{}
	for _, o := range outcomes {
		shape := standing(o)
		if other, ok := seen[shape]; ok {
			t.Errorf("%q looks like %q", o, other)
		}
		seen[shape] = o
		if !holds(texts(t, drawn(t, "svg", forestOf(claims.Row{Name: "a", Effect: ratioOf(2, 1.5, 3), Outcome: o}), nil)), o) {
			t.Errorf("%q is not written", o)
		}
	}
}

func TestRatioAxis(t *testing.T) {
	effects := func(all ...analysis.Estimate) []effect {
		var of []effect
		for _, e := range all {
			of = append(of, effectOf(claims.Row{Effect: e}))
		}
		return of
	}
	cases := []struct {
		name    string
		effects []effect
		want    []string
	}{
		{"usual", effects(ratioOf(65, 58, 71), ratioOf(120, 100, 150)), []string{"0.5×", "1×", "2×", "5×", "10×", "100×"}},
		{"below 1", effects(ratioOf(0.05, 0.04, 0.06)), []string{"0.1×", "0.2×", "0.5×", "1×", "2×"}},
		{"equal", effects(ratioOf(1, 1, 1)), []string{"0.5×", "1×", "2×"}},
		{"nothing", effects(analysis.Estimate{}), []string{"0.5×", "1×", "2×"}},
		{"threshold", []effect{effectOf(claims.Row{Threshold: 10})}, []string{"0.5×", "1×", "2×", "5×", "10×"}},
		// 2× and an interval of 12 decades: 8 times beyond 1× and 2× at most
		{"wide", effects(ratioOf(2, 1e-6, 1e6)), []string{"0.1×", "0.2×", "0.5×", "1×", "2×", "5×", "10×"}},
		{"long", effects(ratioOf(1e6, 1e6, 1e6)), []string{"1×", "10×", "100×", "1,000×", "10,000×", "100,000×"}},
	}
	for _, c := range cases {
		s := ratios(c.effects, 330)
		if got := tickLabels(s); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		for _, e := range c.effects {
			if at := s.place(e.ratio); e.known && !(at > 0.01 && at < 0.99) {
				t.Errorf("%s: the effect lies at %v", c.name, at)
			}
		}
	}
}

// rangeStrokes gives the pieces of the intervals.
func rangeStrokes(t *testing.T, c claims.Chart) []stroke {
	t.Helper()
	return styled(strokes(t, drawn(t, "svg", c, nil)), "stroke:#444444;stroke-width:1.8")
}

func TestIntervalsBeyondTheAxisEndInArrows(t *testing.T) {
	slanted := func(all []stroke) int {
		n := 0
		for _, s := range all {
			if s.from.X != s.to.X && s.from.Y != s.to.Y {
				n++
			}
		}
		return n
	}
	cases := []struct {
		low, high float64
		want      int
	}{
		{1.5, 3, 0}, {1.5, math.Inf(1), 2}, {0, 3, 2}, {1e-6, 1e6, 4},
	}
	for _, c := range cases {
		all := rangeStrokes(t, forestOf(claims.Row{Name: "a", Effect: ratioOf(2, c.low, c.high)}))
		if got := slanted(all); got != c.want {
			t.Errorf("%v to %v: %d slanted strokes, want %d", c.low, c.high, got, c.want)
		}
	}
	if n := len(rangeStrokes(t, forestOf(claims.Row{Name: "a", Effect: analysis.Estimate{Value: 2, Low: 1, High: 3}}))); n > 0 {
		t.Error("an effect of no block has an interval")
	}
}

// filled gives the sides of the first area of a colour. The sign in the key comes
// before those of the rows and is left out.
func filled(t *testing.T, svg, colour string) (left, right vg.Length) {
	t.Helper()
	paths := regexp.MustCompile(`<path d="([^"]+)" style="fill:`+colour+`"`).FindAllStringSubmatch(svg, -1)
	if len(paths) < 2 {
		t.Fatalf("%d areas of colour %s", len(paths), colour)
	}
	for i, m := range strokePoint.FindAllStringSubmatch(paths[1][1], -1) {
		x, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			left, right = vg.Length(x), vg.Length(x)
		}
		left, right = min(left, vg.Length(x)), max(right, vg.Length(x))
	}
	return left, right
}

func TestThresholdIsMarkedAndItsBandNamed(t *testing.T) {
	const key = "band of no importance, up to the threshold"
	const dashed = "stroke:#000000;stroke-width:1.2;stroke-dasharray:3,2"
	for threshold, want := range map[float64]int{0: 0, 2: 2, 0.5: 2} { // in the row and in the key
		svg := drawn(t, "svg", forestOf(claims.Row{Name: "a", Effect: ratioOf(3, 2.5, 4), Threshold: threshold}), nil)
		if n := len(styled(strokes(t, svg), dashed)); n != want || holds(texts(t, svg), key) != (want > 0) {
			t.Errorf("threshold %v: %d dashed marks, want %d, and a key to them", threshold, n, want)
		}
		if want == 0 {
			continue
		}
		// The mark stands at the tick of the same ratio, where the grid has a line.
		marks := styled(strokes(t, svg), dashed)
		at := marks[len(marks)-1].from.X
		if !slices.ContainsFunc(styled(strokes(t, svg), svgGrid), func(s stroke) bool { return math.Abs(float64(s.from.X-at)) < 0.01 && s.from.X == s.to.X }) {
			t.Errorf("threshold %v does not stand at its ratio", threshold)
		}
		// The band lies between the mark and the line of 1×, which is the only one so thick.
		even := styled(strokes(t, svg), "stroke:#000000;stroke-width:1.4")[0].from.X
		low, high := min(even, at), max(even, at)
		if left, right := filled(t, svg, "#DBDBDB"); math.Abs(float64(left-low)) > 0.01 || math.Abs(float64(right-high)) > 0.01 {
			t.Errorf("threshold %v: the band lies from %v to %v, want %v to %v", threshold, left, right, low, high)
		}
	}
}
