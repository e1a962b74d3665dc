package reports

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// oneMeasure is a chart of one measure with an arm for each value.
func oneMeasure(unit string, log bool, values ...analysis.Estimate) claims.Chart {
	m := claims.Measure{Label: "measure", Unit: unit, Log: log}
	for i, v := range values {
		m.Values = append(m.Values, claims.ArmValue{Arm: "arm " + strconv.Itoa(i), Look: attack.LookChunk, Y: v})
	}
	return claims.Chart{Kind: claims.Dots, Title: "one measure", Measures: []claims.Measure{m}}
}

// find gives a text of a picture.
func find(t *testing.T, all []written, text string) written {
	t.Helper()
	i := slices.IndexFunc(all, func(w written) bool { return w.text == text })
	if i < 0 {
		t.Fatalf("%q is missing", text)
	}
	return all[i]
}

// Each value stands in its arm's row, and the larger the farther right.
func TestDotsStandInTheirRows(t *testing.T) {
	c := oneMeasure("ms", true, within(3, 0.1), within(900, 0.1), within(40, 0.1))
	all := texts(t, drawn(t, "svg", c, nil))
	for i, value := range []string{"3.0 ms", "900 ms", "40 ms"} {
		name, v := find(t, all, "arm "+strconv.Itoa(i)), find(t, all, value)
		if v.low > name.high || v.high < name.low {
			t.Errorf("%s does not stand beside %s", value, name.text)
		}
	}
	if a, b, c := find(t, all, "3.0 ms"), find(t, all, "40 ms"), find(t, all, "900 ms"); a.left >= b.left || b.left >= c.left {
		t.Errorf("the values begin at %v, %v and %v", a.left, b.left, c.left)
	}
}

func TestOddDotsAreDrawn(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	none := analysis.Estimate{Value: nan}
	cases := map[string]claims.Chart{
		"one":            oneMeasure("ms", false, within(5, 0.1)),
		"all zero":       oneMeasure("%", false, within(0, 0), within(0, 0)),
		"all zero, log":  oneMeasure("requests/s", true, within(0, 0), within(0, 0)),
		"zero time, log": oneMeasure("ms", true, within(0, 0), within(12, 0.2)),
		"negative":       oneMeasure("%", false, within(-3, 0.1), within(8, 0.1)),
		"negative, log":  oneMeasure("bytes", true, within(-3, 0.1), within(8, 0.1)),
		"largest":        oneMeasure("bytes", false, within(1e12, 0), within(1, 0)),
		"unbounded":      oneMeasure("ms", true, ratioOf(5, math.Inf(-1), inf), ratioOf(6, nan, 7), ratioOf(6, 7, 2)),
		"missing":        oneMeasure("ms", true, none, within(5, 0.1), within(inf, 0)),
		"many":           manyDots(),
		"small bytes":    oneMeasure("bytes", false, within(2048, 0.1)),
		"unknown unit":   oneMeasure("", false, within(5, 0.1)),
	}
	for name, c := range cases {
		for _, limit := range []float64{nan, inf, 0, 5, 1e12} {
			t.Run(name+" "+strconv.FormatFloat(limit, 'g', -1, 64), func(t *testing.T) {
				c.Measures[0].Limit = &claims.Limit{Value: limit, Text: "the limit"}
				svg := drawn(t, "svg", c, nil)
				if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
					t.Error("a place in the picture is no number")
				}
				checkLayout(t, svg)
				checkStruck(t, svg)
			})
		}
	}
	if all := texts(t, drawn(t, "svg", cases["missing"], nil)); !holds(all, "no value") {
		t.Error("an arm without a value is not admitted")
	}
}

func TestDotsFindRoom(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	full := manyDots()
	for arms := 1; arms <= 10; arms += 3 {
		for measures := 1; measures <= 5; measures++ {
			c := full
			c.Measures = nil
			for i := range measures {
				m := full.Measures[i%3]
				m.Values = m.Values[:arms]
				c.Measures = append(c.Measures, m)
			}
			svg := drawn(t, "svg", c, nil)
			checkLayout(t, svg)
			checkStruck(t, svg)
			if n := len(texts(t, svg)); n < arms*(measures+1) {
				t.Errorf("%d arms of %d measures have %d texts", arms, measures, n)
			}
		}
	}
}

// Four measures that are too wide for one line stand in two lines of two.
func TestDotsStandInEvenLines(t *testing.T) {
	cases := []struct{ measures, across int }{{1, 1}, {2, 2}, {3, 3}, {4, 2}, {5, 3}}
	for _, c := range cases {
		var chart claims.Chart
		for i := range c.measures {
			chart.Measures = append(chart.Measures, manyDots().Measures[i%3])
		}
		b := dotBoard{arms: dotArms(chart.Measures)}
		for _, given := range chart.Measures {
			m, err := dottedOf(given, b.arms)
			if err != nil {
				t.Fatal(err)
			}
			b.measures = append(b.measures, m)
		}
		b.layOut()
		if b.across != c.across {
			t.Errorf("%d measures stand %d in a line, want %d", c.measures, b.across, c.across)
		}
	}
}

// The limit stands at its value, and gives way to values that it would strike.
func TestLimitOfDots(t *testing.T) {
	c := oneMeasure("ms", false, within(10, 0), within(100, 0))
	c.Measures[0].Limit = &claims.Limit{Value: 50, Text: "budget 50 ms"}
	limit := func() []stroke { return styled(strokes(t, drawn(t, "svg", c, nil)), svgBudget) }
	whole := limit()
	if len(whole) != 1 {
		t.Fatalf("%d dashed pieces, want 1", len(whole))
	}
	grid := styled(strokes(t, drawn(t, "svg", c, nil)), svgGrid)
	if !slices.ContainsFunc(grid, func(s stroke) bool { return s.from.X == whole[0].from.X && s.from.X == s.to.X }) {
		t.Error("the limit of 50 ms does not stand at the tick of 50 ms")
	}
	c.Measures[0].Limit.Value = 14 // in the word beside the first dot
	pieces := limit()
	if len(pieces) != 2 || pieces[0].to.Y <= pieces[1].from.Y {
		t.Errorf("the limit is drawn in %d pieces, want 2, from the top down", len(pieces))
	}
	c.Measures[0].Limit.Text = ""
	if !holds(texts(t, drawn(t, "svg", c, nil)), "14 ms") {
		t.Error("a limit without a text has no words")
	}
}

// An interval is drawn where the dot doesn't hide it.
func TestIntervalsOfDots(t *testing.T) {
	ranges := func(values ...analysis.Estimate) int {
		return len(styled(strokes(t, drawn(t, "svg", oneMeasure("ms", false, values...), nil)), svgChunk+";stroke-width:1.8"))
	}
	if n := ranges(within(100, 0.3)); n != 4 { // two sides and their ends
		t.Errorf("%d strokes of an interval, want 4", n)
	}
	if n := ranges(within(100, 0.001)); n != 0 {
		t.Errorf("%d strokes of an interval that is narrower than its dot", n)
	}
	if n := ranges(analysis.Estimate{Value: 100, Low: 50, High: 150}); n != 0 {
		t.Errorf("%d strokes of an interval over no blocks", n)
	}
}

// An arm looks the same in all measures, whichever arms they show.
func TestArmsOfDotsKeepTheirLook(t *testing.T) {
	value := func(arm string) claims.ArmValue { return claims.ArmValue{Arm: arm, Y: within(1, 0)} }
	measures := []claims.Measure{
		{Label: "a", Values: []claims.ArmValue{value("x"), value("y")}},
		{Label: "b", Values: []claims.ArmValue{value("z"), value("y")}},
	}
	arms := dotArms(measures)
	var names []string
	for i, a := range arms {
		names = append(names, a.name)
		if a.style != i {
			t.Errorf("%s has the marker %d", a.name, a.style)
		}
	}
	if !slices.Equal(names, []string{"x", "y", "z"}) {
		t.Errorf("the rows are %q", names)
	}
	m, err := dottedOf(measures[1], arms)
	if err != nil || len(m.curves) != 3 || len(m.curves[0].points) != 0 || len(m.curves[1].points) != 1 {
		t.Errorf("%+v, %v", m.curves, err)
	}
}

func TestLiftedDotsAreAdmitted(t *testing.T) {
	f, err := dots(oneMeasure("ms", true, within(0, 0), within(4, 0)), nil)
	if err != nil || f.foot != "measure: below 1 µs is drawn at 1 µs" {
		t.Errorf("%q, %v", f.foot, err)
	}
}
