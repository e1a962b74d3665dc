package reports

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// stroke is a straight piece of a line in a picture.
type stroke struct {
	from, to vg.Point
	style    string
}

var (
	strokePath  = regexp.MustCompile(`<path d="([^"]+)" style="(fill:none;stroke:[^"]+)"`)
	strokePoint = regexp.MustCompile(`[ML](-?[0-9.]+),(-?[0-9.]+)`)
)

// strokes reads the lines of an SVG.
func strokes(t *testing.T, svg string) []stroke {
	t.Helper()
	var all []stroke
	for _, path := range strokePath.FindAllStringSubmatch(svg, -1) {
		var last vg.Point
		for i, m := range strokePoint.FindAllStringSubmatch(path[1], -1) {
			x, errX := strconv.ParseFloat(m[1], 64)
			y, errY := strconv.ParseFloat(m[2], 64)
			if errX != nil || errY != nil {
				t.Fatalf("point %q", m[0])
			}
			at := vg.Point{X: vg.Length(x), Y: vg.Length(y)}
			if i > 0 {
				all = append(all, stroke{last, at, path[2]})
			}
			last = at
		}
	}
	return all
}

// styled gives the strokes whose style ends so.
func styled(all []stroke, style string) []stroke {
	var of []stroke
	for _, s := range all {
		if strings.HasSuffix(s.style, style) {
			of = append(of, s)
		}
	}
	return of
}

const (
	svgGrid   = "stroke:#DDDDDD;stroke-width:0.6"
	svgPole   = "stroke:#000000;stroke-width:2"
	svgBudget = "stroke:#000000;stroke-width:1.2;stroke-dasharray:6,4"
	svgChunk  = "stroke:#0072B2"
	svgAxis   = "stroke:#7F7F7F;stroke-width:0.8"
	svgBlack  = `Z"  />` // the end of an area without a style, which is black
)

// checkStruck fails when a line other than the pale grid runs through a word.
func checkStruck(t *testing.T, svg string) {
	t.Helper()
	for _, w := range texts(t, svg) {
		n := nook{}
		for _, s := range strokes(t, svg) {
			if !strings.HasSuffix(s.style, svgGrid) {
				n.lines = append(n.lines, [2]vg.Point{s.from, s.to})
			}
		}
		inside := vg.Rectangle{Min: vg.Point{X: w.left + 0.5, Y: w.low + 1}, Max: vg.Point{X: w.right - 0.5, Y: w.high - 0.5}}
		if n.crossed(inside) > 0 {
			t.Errorf("a line runs through %q", w.text)
		}
	}
}

func TestNoLineRunsThroughWords(t *testing.T) {
	same := poolCurves()
	same.Marks = []claims.Mark{{X: 2, Text: "2 cores"}, {X: 2, Text: "recommended for both: 2 threads", Recommended: true}}
	crowded := chunkCurves()
	for _, x := range []float64{0.2, 5, 8, 15, 40} {
		crowded.Marks = append(crowded.Marks, claims.Mark{X: x, Text: fmt.Sprintf("recommended: %v ms, for one reason or another", x)})
	}
	for name, c := range map[string]claims.Chart{
		"pool": poolCurves(), "same": same, "chunk": chunkCurves(), "crowded": crowded, "overview": overview(),
		"dots": sheddingDots(), "many dots": manyDots(),
	} {
		t.Run(name, func(t *testing.T) { checkStruck(t, drawn(t, "svg", c, nil)) })
	}
}

// oneLine is a chart of one panel with one line.
func oneLine(unit string, log bool, points ...claims.Point) claims.Chart {
	return claims.Chart{Kind: claims.Curves, Title: "one line", Setting: "setting", Panels: []claims.Panel{{
		Label: "measure", Unit: unit, Log: log, Lines: []claims.Line{{Name: "line", Look: attack.LookChunk, Points: points}},
	}}}
}

func TestOddCurvesAreDrawn(t *testing.T) {
	many := chunkCurves()
	for i := range 9 {
		l := many.Panels[0].Lines[0]
		l.Name = "line " + strconv.Itoa(i)
		many.Panels[0].Lines = append(many.Panels[0].Lines, l)
	}
	many.Panels = append(many.Panels, many.Panels...)
	dense := oneLine("ms", true)
	for i := range 200 {
		dense.Panels[0].Lines[0].Points = append(dense.Panels[0].Lines[0].Points, claims.Point{X: float64(1000 + i), Y: within(5, 0.1)})
	}
	far := chunkCurves()
	far.Marks = []claims.Mark{{X: 0, Text: "none"}, {X: 1e6, Text: "far, with words that are too long to stand at the right"}, {X: math.NaN(), Text: "nowhere"}, {X: 8, Recommended: true}}
	unbounded := oneLine("ms", true, claims.Point{X: 1, Y: analysis.Estimate{Value: 5, Low: math.Inf(-1), High: math.Inf(1), N: 2}},
		claims.Point{X: 2, Y: analysis.Estimate{Value: 6, Low: math.NaN(), High: 7, N: 2}})
	limits := oneLine("ms", true, claims.Point{X: 1, Y: within(5, 0)})
	limits.Panels[0].Limit = &claims.Limit{Value: math.Inf(1), Text: "no limit"}
	blank := poolCurves()
	renameParts(&blank, func(string) string { return "" })
	partial := poolCurves()
	partial.Panels[0].Lines[1].Points = nil
	cases := map[string]claims.Chart{
		"many": many, "dense": dense, "far": far, "unbounded": unbounded, "limits": limits, "blank": blank, "partial": partial,
		"one point":      oneLine("ms", true, claims.Point{X: 3, Y: within(5, 0.1)}),
		"equal values":   oneLine("jobs/s", false, along([]float64{1, 2, 3}, 0, 7, 7, 7)...),
		"same setting":   oneLine("jobs/s", false, along([]float64{2, 2}, 0, 7, 9)...),
		"all zero":       oneLine("jobs/s", false, along([]float64{1, 2}, 0, 0, 0)...),
		"zero, log":      oneLine("jobs/s", true, along([]float64{1, 2}, 0, 0, 0)...),
		"zero time, log": oneLine("ms", true, along([]float64{1, 2}, 0, 0, 12)...),
		"negative, log":  oneLine("%", true, along([]float64{1, 2}, 0, -3, 12)...),
		"negative":       oneLine("%", false, along([]float64{-2, 2}, 0.1, -3, -12)...),
		"largest":        oneLine("ms", true, along([]float64{1e-12, 1e12}, 0, 1e-12, 1e12)...),
		"largest linear": oneLine("ms", false, along([]float64{-1e12, 1e12}, 0, -1e12, 1e12)...),
		"no number":      oneLine("ms", false, claims.Point{X: 1, Y: within(math.NaN(), 0)}, claims.Point{X: math.Inf(1), Y: within(1, 0)}, claims.Point{X: 2, Y: within(1, 0)}),
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			svg := drawn(t, "svg", c, nil)
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Error("a place in the picture is no number")
			}
			checkLayout(t, svg)
		})
	}
	if all := texts(t, drawn(t, "svg", partial, nil)); !holds(all, "waiting: no value") {
		t.Error("a line without points is not admitted")
	}
}

func TestRecommendationStandsOut(t *testing.T) {
	c := chunkCurves()
	svg := drawn(t, "svg", c, nil)
	all := texts(t, svg)
	for _, value := range []string{"8.4 ms", "+0.60 %"} {
		if !holds(all, value) {
			t.Errorf("the value %q is not written", value)
		}
	}
	if n := len(styled(strokes(t, svg), svgPole)); n != 3 { // up to its words, and through two panels
		t.Errorf("%d strong lines, want 3", n)
	}
	// A point of each panel stands on a black disc; each other one is a disc too.
	if rims, points := strings.Count(svg, svgBlack), strings.Count(svg, `style="fill:#0072B2"`); rims != 2 || points != 14 {
		t.Errorf("%d points with a rim, want 2; %d discs, want 12 and 2 larger ones", rims, points)
	}
	if holds(all, "5.4 ms") {
		t.Error("a value at another setting is written")
	}

	c.Marks[0].Recommended = false
	svg = drawn(t, "svg", c, nil)
	if all = texts(t, svg); holds(all, "8.4 ms") || len(styled(strokes(t, svg), svgPole)) > 0 || !holds(all, "recommended: 8 ms") {
		t.Error("a mark that is none stands out like a recommendation")
	}
}

func TestLimitIsADashedLineAtItsValue(t *testing.T) {
	c := chunkCurves()
	svg := drawn(t, "svg", c, nil)
	limit := styled(strokes(t, svg), svgBudget)
	if len(limit) != 1 || !holds(texts(t, svg), "lag budget 10 ms") {
		t.Fatalf("%d dashed lines", len(limit))
	}
	// The grid's line of 10 ms lies at the same height.
	if !slices.ContainsFunc(styled(strokes(t, svg), svgGrid), func(s stroke) bool { return s.from.Y == limit[0].from.Y }) {
		t.Error("the limit of 10 ms does not lie on the line of 10 ms")
	}
	c.Panels[0].Limit.Text = ""
	if !holds(texts(t, drawn(t, "svg", c, nil)), "10 ms") {
		t.Error("a limit without a text has no words")
	}
}

func TestIntervalsAreDrawnWhereThereAreAny(t *testing.T) {
	c := oneLine("ms", false, along([]float64{1, 2}, 0.2, 5, 6)...)
	if n := len(styled(strokes(t, drawn(t, "svg", c, nil)), svgChunk)); n != 6 { // a bar and two caps each
		t.Errorf("%d strokes of error bars, want 6", n)
	}
	for i := range c.Panels[0].Lines[0].Points {
		c.Panels[0].Lines[0].Points[i].Y.N = 0
	}
	svg := drawn(t, "svg", c, nil)
	if n := len(styled(strokes(t, svg), svgChunk)); n != 0 || strings.Contains(svg, "interval") {
		t.Errorf("%d strokes of error bars without intervals, or a key to them", n)
	}
}

func TestBarsSayWhatTheyHold(t *testing.T) {
	cases := []struct {
		confidence []float64
		want       string
	}{
		{nil, ""},
		{[]float64{0.969, 0.969}, "95 % interval over blocks"},
		{[]float64{0.969, 0.875}, "88 % interval over blocks"}, // too few blocks
		{[]float64{0}, "interval over blocks"},
		{[]float64{math.NaN()}, "interval over blocks"},
	}
	for _, c := range cases {
		all := []analysis.Estimate{{Confidence: 0.1}} // no interval
		for _, v := range c.confidence {
			all = append(all, analysis.Estimate{Confidence: v, N: 6})
		}
		if got := barsOf(all); got != c.want {
			t.Errorf("%v: got %q, want %q", c.confidence, got, c.want)
		}
	}
}

func TestALineAloneIsNamedByItsPanel(t *testing.T) {
	c := chunkCurves()
	if holds(texts(t, drawn(t, "svg", c, nil)), "overhead") {
		t.Error("the panel's label and the line's say the same")
	}
	c.Panels[1].Lines[0].Name = "in chunks"
	if !holds(texts(t, drawn(t, "svg", c, nil)), "in chunks") {
		t.Error("a line's own name is missing")
	}
}

func TestSettings(t *testing.T) {
	cases := []struct {
		xs   []float64
		log  bool
		want []string
	}{
		{[]float64{8, 1, 2, 4, 2}, true, []string{"1", "2", "4", "8"}},
		{[]float64{1, 2, 7.9}, false, []string{"1", "2", "7.9"}},
		{[]float64{0, 8}, false, []string{"0", "8"}},
		{[]float64{-1, 20000}, false, []string{"−1", "20,000"}},
		{[]float64{0.2, 40}, true, []string{"0.2", "40"}},
		{[]float64{5}, false, []string{"5"}},
	}
	for _, c := range cases {
		s := settings(oneLine("", false, along(c.xs, 0, make([]float64, len(c.xs))...)...).Panels, nil)
		if got := tickLabels(s); s.log != c.log || !slices.Equal(got, c.want) {
			t.Errorf("%v: got %q, log %v", c.xs, got, s.log)
		}
		for _, x := range c.xs {
			if at := s.place(x); !(at > 0.01 && at < 0.99) {
				t.Errorf("%v: %v lies at %v", c.xs, x, at)
			}
		}
	}
	// A mark beyond the points is on the axis, and counts for its kind.
	s := settings(oneLine("", false, along([]float64{1, 2}, 0, 0, 0)...).Panels, []claims.Mark{{X: 16}})
	if at := s.place(16); !s.log || !(at > 0.5 && at < 0.99) || len(s.ticks) != 2 {
		t.Errorf("the mark lies at %v of %v", at, s)
	}
}

func TestSettingsAreNamedWhileThereIsRoom(t *testing.T) {
	c := chunkCurves()
	at := []float64{0.2, 7.8, 7.9, 8, 8.1, 8.2, 40}
	for i := range c.Panels {
		c.Panels[i].Lines[0].Points = along(at, 0.1, 1, 2, 3, 4, 5, 6, 7)
	}
	all := texts(t, drawn(t, "svg", c, nil))
	if !holds(all, "8") || holds(all, "7.9") || holds(all, "8.1") || !holds(all, "0.2") || !holds(all, "40") {
		t.Error("not the recommended setting alone is named among its neighbours")
	}
}

func TestMeasureAxes(t *testing.T) {
	axis := func(unit string, log bool, limit float64, ys ...float64) scale {
		p := oneLine(unit, log, along(make([]float64, len(ys)), 0, ys...)...).Panels[0]
		if limit != 0 {
			p.Limit = &claims.Limit{Value: limit}
		}
		m, err := measureOf(p)
		if err != nil {
			t.Fatal(err)
		}
		return m.y
	}
	cases := []struct {
		name string
		s    scale
		want []string
	}{
		{"from zero", axis("jobs/s", false, 0, 52, 54), []string{"0", "20", "40"}},                   // up to 59.4
		{"thousands", axis("jobs/s", false, 0, 5200), []string{"0", "2,000", "4,000"}},               // 5,720
		{"limit", axis("jobs/s", false, 100, 52), []string{"0", "50", "100"}},                        // 110
		{"through zero", axis("%", false, 0, -4, 8), []string{"−5 %", "0 %", "+5 %"}},                // −5.2 to 9.2
		{"below zero", axis("%", false, 0, -4, -8), []string{"−8 %", "−6 %", "−4 %", "−2 %", "0 %"}}, // −8.8 to 0
		{"one unit", axis("ms", false, 0, 1400), []string{"0 s", "0.5 s", "1 s", "1.5 s"}},           // 1.54 s
		{"zero", axis("%", false, 0, 0), []string{"0 %", "+0.5 %", "+1 %"}},                          // up to 1.1
		{"log", axis("ms", true, 0, 3, 900), []string{"2 ms", "10 ms", "50 ms", "200 ms", "1 s"}},    // every other of 1, 2, 5
		{"log, zero time", axis("ms", true, 0, 0, 900), []string{"1 µs", "10 µs", "0.1 ms", "1 ms", "10 ms", "100 ms", "1 s"}},
		{"log, zero", axis("jobs/s", true, 0, 0, 30, 90), []string{"20", "50", "100", "200"}},
		{"log, limit", axis("ms", true, 100, 30, 40), []string{"20 ms", "50 ms", "100 ms", "200 ms"}},
		{"log, wide", axis("jobs/s", true, 0, 1e-9, 1e9), []string{"0.000000001", "0.000001", "0.001", "1", "1,000", "1,000,000", "1,000,000,000"}},
	}
	for _, c := range cases {
		if got := tickLabels(c.s); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q (%v to %v)", c.name, got, c.want, c.s.low, c.s.high)
		}
	}
}

func TestZeroIsDrawnWhereValuesLieBelowIt(t *testing.T) {
	// The axis's own line is one; its ticks are upright.
	level := func(c claims.Chart) int {
		n := 0
		for _, s := range styled(strokes(t, drawn(t, "svg", c, nil)), svgAxis) {
			if s.from.Y == s.to.Y {
				n++
			}
		}
		return n
	}
	if n := level(oneLine("%", false, along([]float64{1, 2}, 0, 3, 4)...)); n != 1 {
		t.Errorf("%d level lines without a value below zero, want 1", n)
	}
	if n := level(oneLine("%", false, along([]float64{1, 2}, 0, -3, 4)...)); n != 2 {
		t.Errorf("%d level lines with a value below zero, want 2", n)
	}
}

func TestLiftedAndLostValuesAreAdmitted(t *testing.T) {
	foot := func(c claims.Chart) string {
		f, err := curves(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		return f.foot
	}
	cases := []struct {
		chart claims.Chart
		want  string
	}{
		{oneLine("ms", true, along([]float64{1, 2}, 0.1, 3, 4)...), ""},
		{oneLine("ms", true, along([]float64{1, 2}, 0.1, 0, 4)...), "measure: below 1 µs is drawn at 1 µs"},
		{oneLine("ms", true, along([]float64{1, 2}, 1, 3, 4)...), "measure: below 1 ms is drawn at 1 ms"}, // intervals from 0; the axis is 1 to 10 ms
		{oneLine("ms", false, along([]float64{1, 2}, 1, 0, 4)...), ""},
		{oneLine("ms", false, along([]float64{1, 2, 3}, 0, math.NaN(), 4, math.Inf(1))...), "2 without a finite value left out"},
	}
	for _, c := range cases {
		if got := foot(c.chart); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestCurvesKeepTheirDress(t *testing.T) {
	dressed := func(looks ...attack.Look) measure {
		m := measure{}
		for _, l := range looks {
			m.curves = append(m.curves, measured{look: l})
		}
		return m
	}
	first, second := dressed(attack.LookPool, attack.LookWorker), dressed(attack.LookWorker, attack.LookWorker)
	second.dress(first.dress(nil))
	if first.curves[1].style != second.curves[0].style {
		t.Error("one look is drawn in two ways")
	}
	if first.curves[0].style == first.curves[1].style || second.curves[0].style == second.curves[1].style {
		t.Error("lines of one panel are told apart by colour alone")
	}
}

func TestFlagsStandClearOfEachOther(t *testing.T) {
	marks := []claims.Mark{
		{X: 0, Text: "first, with a text that flies over all of the others"}, {X: 30, Text: "second"}, {X: 30, Text: "second too", Recommended: true},
		{X: 60, Text: "third, not short either"}, {X: 300, Text: "apart"}, {X: 700, Text: "last, without room for all of its words"},
	}
	flags := flagsOf(marks, func(x float64) vg.Length { return vg.Length(x) })
	for i, f := range flags {
		if f.right() > bodyWidth {
			t.Errorf("%q is clipped", f.lines)
		}
		for _, o := range flags[i+1:] {
			if o.x < f.right() && f.foot < o.top() {
				t.Errorf("%q flies through %q or its pole", f.lines, o.lines)
			}
		}
	}
	if apart := flags[4]; apart.foot != flagFoot {
		t.Errorf("a flag that is alone flies at %v", apart.foot)
	}
}

func TestNookKeepsTextsApartAndOffLines(t *testing.T) {
	n := nook{
		within: vg.Rectangle{Max: vg.Point{X: 100, Y: 100}},
		lines:  [][2]vg.Point{{{X: 50, Y: 0}, {X: 50, Y: 100}}, {{X: 50, Y: 50}, {X: 100, Y: 90}}},
	}
	at, size := vg.Point{X: 50, Y: 50}, vg.Point{X: 30, Y: 10}
	placed := 0
	for range 60 {
		corner, ok := n.put(at, size, 0)
		if !ok {
			break
		}
		r := vg.Rectangle{Min: corner, Max: corner.Add(size)}
		if r.Min.X < 0 || r.Min.Y < 0 || r.Max.X > 100 || r.Max.Y > 100 {
			t.Errorf("%v is clipped", r)
		}
		for _, o := range n.taken[:placed] {
			if r.Min.X < o.Max.X && o.Min.X < r.Max.X && r.Min.Y < o.Max.Y && o.Min.Y < r.Max.Y {
				t.Errorf("%v and %v overlap", r, o)
			}
		}
		// There is room off the lines for the first ones.
		if placed < 3 && n.crossed(r) > 0 {
			t.Errorf("text %d lies upon a line", placed)
		}
		placed++
	}
	if placed < 3 || placed == 60 {
		t.Errorf("%d texts were placed", placed)
	}
	for _, side := range []vg.Length{1, -1} {
		n := nook{within: n.within}
		if corner, _ := n.put(at, size, side); (corner.Y+size.Y/2-at.Y)*side <= 0 {
			t.Errorf("a text for side %v lies at %v", side, corner)
		}
	}
}
