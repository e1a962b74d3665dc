package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// evidence draws what a finding stands on, so that a doubter can see it: a typical
// request among the probes, a burst of requests, and the scores of the paired shots.
func (d Detect) evidence(f detect.Finding) (figure, error) {
	s := stack{yLabel: "response time of probes (from the intended send)", each: 96}
	if p, ok := typicalPanel(f); ok {
		s.panels = append(s.panels, p)
	}
	if p, ok := burstPanel(f); ok {
		s.panels = append(s.panels, p)
	}
	if p, ok := scoresPanel(f); ok {
		s.panels = append(s.panels, p)
	}
	if len(s.panels) == 0 {
		return figure{}, fmt.Errorf("%w: %s has no evidence", ErrNothingToDraw, label(f))
	}
	s.keys = evidenceKeys(f)
	fig := s.figure()
	fig.title = headline(f)
	fig.subtitle = strings.Join(nonEmpty([]string{plainLine(f.Because), d.probeText(), confidenceText(f)}), between)
	fig.foot = strings.Join(nonEmpty([]string{d.foot(), shortNote(f)}), between)
	return fig, nil
}

// shortest is the shortest wait that is told apart: less than it takes to ask over
// any network.
const shortest = 50 * time.Microsecond

// shortNote says when waits had to be drawn at the axis's end.
func shortNote(f detect.Finding) string {
	suspect, placebo := f.Stall.Scores()
	for _, v := range append(suspect, placebo...) {
		if v < float64(shortest) {
			return fmt.Sprintf("waits below %s, less what looptest itself was late, are drawn there", inWords(float64(shortest)))
		}
	}
	return ""
}

func confidenceText(f detect.Finding) string {
	if f.Confidence == 0 {
		return ""
	}
	return "confidence " + percent(f.Confidence)
}

func evidenceKeys(f detect.Finding) []key {
	keys := []key{
		{"one probe, at its send", dotSign(probeMark(lookOf(f).look))},
		{"the request in flight", areaSign(busyColour)},
	}
	if _, ok := detect.Typical(f.Bursts); ok {
		keys = append(keys, key{"answer to a probe", tickSign})
	}
	return keys
}

// typicalPanel shows the typical request's span and what probes waited at the time:
// a saw tooth when the loop was held.
func typicalPanel(f detect.Finding) (stacked, bool) {
	trial, ok := f.Stall.Typical()
	if !ok {
		return stacked{}, false
	}
	t := trackOf(trial.Run, attack.Probe)
	t.lasts = 0
	for _, s := range trial.Run.Samples {
		t.lasts = max(t.lasts, s.Intended, s.Done)
	}
	highest := t.highest()
	if f.Held() == 0 && f.Kind != target.Cooperative {
		// As high as a saw tooth would be: so it is seen that there is none.
		highest = max(highest, float64(trial.Took))
	}
	x, y := linearTime(float64(t.lasts), 12), linearTime(highest*1.25, 4)
	return stacked{
		name: "one request", numbers: typicalNumbers(t, trial), draw: t.draw(lookOf(f).look), x: &x, y: &y,
		xLabel: "time since the request was sent",
	}, true
}

func typicalNumbers(t track, trial detect.Trial) []string {
	took := "takes " + analysis.Human(trial.Took)
	if trial.Code == 0 {
		took = "no answer within " + analysis.Human(trial.Took)
	}
	worst := time.Duration(0)
	for _, v := range append(slices.Clone(t.answered), t.failed...) {
		worst = max(worst, time.Duration(v.y))
	}
	return []string{took, fmt.Sprintf("%s beside it, the slowest answered after %s", analysis.Count(len(t.answered)+len(t.failed), "probe"), analysis.Human(worst))}
}

// laneTop and laneLow are where the probes' answers are drawn, below the jobs, in
// rows.
const laneTop, laneLow = 0.7, 2.2

// burstPanel shows in which order a burst's requests were answered, and below it when
// probes were.
func burstPanel(f detect.Finding) (stacked, bool) {
	burst, ok := detect.Typical(f.Bursts)
	if !ok {
		return stacked{}, false
	}
	jobs := firstBurst(burst.Run.Of(attack.Offender))
	var answers []point
	last := jobs[len(jobs)-1].took
	for _, s := range burst.Run.Of(attack.Probe) {
		if s.Answered() {
			answers = append(answers, point{x: float64(s.Done)})
			last = max(last, s.Done)
		}
	}
	slices.SortFunc(answers, func(a, b point) int { return int(a.x - b.x) })
	x, y := linearTime(float64(last)*1.1, 10), jobScale(len(jobs))
	rows := float64(len(jobs))
	y.low = rows + laneLow
	y.ticks = append(y.ticks, tick{rows + (laneTop+laneLow)/2 + 0.5, "probes"})
	drawn := drawJobs(jobs, lookOf(f).look)
	return stacked{
		name: fmt.Sprintf("%d at once", len(jobs)), numbers: append(burstNumbers(jobs), "the slowest probe waited "+analysis.Human(burst.Stall)), x: &x, y: &y,
		xLabel: "time since they were sent; a row each, in order of completion",
		draw: func(p panel) {
			drawn(p)
			for _, v := range thin(answers, p.column) {
				p.StrokeLines(answerTick, []vg.Point{p.at(point{v.x, rows + laneTop}), p.at(point{v.x, rows + laneLow})})
			}
		},
	}, true
}

var answerTick = draw.LineStyle{Color: hue.darkGrey, Width: 0.7}

func tickSign(c draw.Canvas) {
	for _, share := range []vg.Length{0.4, 0.6, 1} {
		x := c.Min.X + (c.Max.X-c.Min.X)*share
		c.StrokeLine2(answerTick, x, c.Min.Y, x, c.Max.Y)
	}
}

// scoresPanel shows the scores of the paired shots, each a dot, and how far those of
// the suspect are shifted.
func scoresPanel(f detect.Finding) (stacked, bool) {
	suspect, placebo := f.Stall.Scores()
	if len(suspect) == 0 || len(placebo) == 0 {
		return stacked{}, false
	}
	x := logTime(max(float64(shortest), min(slices.Min(suspect), slices.Min(placebo))), max(slices.Max(suspect), slices.Max(placebo))*1.3)
	y := scale{low: 2, high: 0, ticks: []tick{{0.5, "request"}, {1.5, "placebo"}}}
	probe := "the first probe after it"
	if f.Stall.Late {
		probe = "the slowest probe beside it"
	}
	return stacked{
		name:    "request or placebo, by a coin",
		numbers: []string{fmt.Sprintf("%d against %d shots", len(suspect), len(placebo)), shiftText(f.Stall)}, x: &x, y: &y,
		xLabel: fmt.Sprintf("what %s waited, log scale; the placebo is the probe's own request", probe),
		draw: func(p panel) {
			p.gridX()
			p.gridY()
			middle := [2]vg.Point{}
			for i, scores := range [][]float64{suspect, placebo} {
				middle[i] = p.scores(scores, float64(i), armMarker(3*i, []attack.Look{lookOf(f).look, attack.LookIdle}[i]))
			}
			p.shift(middle[1], middle[0], f.Stall)
		},
	}, true
}

func shiftText(s detect.Stall) string {
	if s.Found && !s.ByBurst {
		return fmt.Sprintf("held up by %s, p %s", stallWords(s.Length), pText(s.P))
	}
	if most, ok := s.Unseen(); ok {
		return fmt.Sprintf("no stall is seen, p %s; one of up to %s could be missed", pText(s.P), analysis.Human(most))
	}
	return "no stall is seen in single shots"
}

// gridX draws a light line at each tick of the x axis.
func (p panel) gridX() {
	for _, t := range p.x.ticks {
		x := p.X(p.x.place(t.at))
		p.StrokeLine2(gridLine, x, p.Min.Y, x, p.Max.Y)
	}
}

// scores draws dots around the middle of a row, spread so that they don't hide each
// other, with their median, and gives its place.
func (p panel) scores(values []float64, row float64, mark draw.GlyphStyle) vg.Point {
	for i, v := range values {
		away := 0.28 * (float64(i%5)/2 - 1) // five tracks within the row
		p.DrawGlyphNoClip(mark, p.at(point{v, row + 0.5 + away}))
	}
	sorted := slices.Sorted(slices.Values(values))
	median := sorted[len(sorted)/2]
	top, low := p.at(point{median, row + 0.08}), p.at(point{median, row + 0.92})
	p.StrokeLine2(markLine, top.X, top.Y, low.X, low.Y)
	return p.at(point{median, row + 0.5})
}

// shift marks how far apart the medians of the placebo and of the suspect are.
func (p panel) shift(from, to vg.Point, s detect.Stall) {
	if !s.Found || s.ByBurst || to.X <= from.X {
		return
	}
	y := (from.Y + to.Y) / 2
	p.StrokeLine2(markLine, from.X, from.Y, from.X, y)
	p.StrokeLine2(markLine, from.X, y, to.X, y)
	p.StrokeLine2(markLine, to.X, y, to.X, to.Y)
	text := "+" + human(s.Length.Value)
	if room := to.X - from.X; markInk.width(text)+2*markGap < room {
		markInk.writeClear(p, vg.Point{X: (from.X + to.X) / 2, Y: y - markInk.middle()}, 0.5, text)
		return
	}
	x, share := beside(p, from.X, to.X, markInk.width(text)+markGap)
	markInk.writeClear(p, vg.Point{X: x, Y: y - markInk.middle()}, share, text)
}
