package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// job is one request of a burst: how long after the burst it was done, and
// whether with an answer.
type job struct {
	took     time.Duration
	answered bool
}

// staircase draws the first burst of each arm's representative block. A bar
// holds both the waiting for a turn and the work: samples don't tell when a job
// began to run, so no bar pretends to. The steps between the bars' ends show
// how many ran at once.
func staircase(c claims.Chart, runs []attack.Run) (figure, error) {
	arms, err := gather(c, runs, attack.Offender)
	if err != nil {
		return figure{}, err
	}
	s := stack{
		xLabel: "time since the burst was sent (from the intended send)",
		yLabel: "jobs, in order of completion",
	}
	most, last := 0, time.Duration(0)
	lost := false
	for _, a := range arms {
		r := a.representative()
		jobs := firstBurst(r.Of(a.role))
		most, last = max(most, len(jobs)), max(last, jobs[len(jobs)-1].took)
		lost = lost || slices.ContainsFunc(jobs, func(j job) bool { return !j.answered })
		s.panels = append(s.panels, stacked{
			name:    a.name,
			numbers: nonEmpty(append(burstNumbers(jobs), a.shown(r))),
			draw:    drawJobs(jobs, a.look),
		})
	}
	s.x = linearTime(float64(last)*1.1, 10)
	s.y = jobScale(most)
	s.each = jobRow * vg.Length(min(max(most, jobRowsLeast), jobRowsMost))
	s.keys = staircaseKeys(lost)
	return s.figure(), nil
}

const jobRow vg.Length = 9 // height that a job gets

const (
	jobRowsLeast = 4
	jobRowsMost  = 16 // beyond that many jobs the rows become thinner
	jobThick     = 0.68
)

// firstBurst gives the jobs that were due first, in order of completion.
func firstBurst(samples []attack.Sample) []job {
	due := samples[0].Intended
	for _, s := range samples {
		due = min(due, s.Intended)
	}
	var jobs []job
	for _, s := range samples {
		if s.Intended == due {
			jobs = append(jobs, job{s.Response(), s.Answered()})
		}
	}
	slices.SortStableFunc(jobs, func(a, b job) int { return cmp.Compare(a.took, b.took) })
	return jobs
}

// burstNumbers says when the first and the last job of a burst were done.
func burstNumbers(jobs []job) []string {
	lost := 0
	for _, j := range jobs {
		if !j.answered {
			lost++
		}
	}
	first, last := jobs[0].took, jobs[len(jobs)-1].took
	text := fmt.Sprintf("%s jobs: first done after %s, all after %s", thousands(len(jobs)), analysis.Human(first), analysis.Human(last))
	if len(jobs) == 1 {
		text = "1 job, done after " + analysis.Human(last)
	}
	return append([]string{text}, losses(lost, 0)...)
}

// jobScale counts jobs downwards, the first to finish on top.
func jobScale(most int) scale {
	s := scale{low: float64(most), high: 0}
	// Half as many labels as rows, and at most eight, keep the labels apart.
	step := int(ceil125(max(2, float64(most)/8)))
	if most == 1 {
		step = 1
	}
	for n := step; n <= most; n += step {
		s.ticks = append(s.ticks, tick{float64(n), strconv.Itoa(n)})
	}
	return s
}

func drawJobs(jobs []job, l attack.Look) func(panel) {
	return func(p panel) {
		for _, t := range p.x.ticks {
			x := p.X(p.x.place(t.at))
			p.StrokeLine2(gridLine, x, p.Min.Y, x, p.Max.Y)
		}
		for _, t := range p.y.ticks {
			at := p.at(point{0, t.at - 0.5})
			tickInk.write(p, vg.Point{X: at.X - tickGap, Y: at.Y - tickInk.middle()}, 1, t.label)
		}
		for i, j := range jobs {
			drawJob(p, i, j, l)
		}
		p.StrokeLines(stepLine(l), steps(p, jobs))
		drawLast(p, jobs)
	}
}

func drawJob(p panel, i int, j job, l attack.Look) {
	inset := (1 - jobThick) / 2
	row := float64(i)
	p.area(pale(lookColour(l), 0.45), point{0, row + inset}, point{float64(j.took), row + 1 - inset})
	if !j.answered {
		p.DrawGlyphNoClip(failedMark, p.at(point{float64(j.took), row + 0.5}))
	}
}

func stepLine(l attack.Look) draw.LineStyle {
	return draw.LineStyle{Color: lookColour(l), Width: 2}
}

// steps gives the line down the bars' ends.
func steps(p panel, jobs []job) []vg.Point {
	var line []vg.Point
	for i, j := range jobs {
		x := float64(j.took)
		line = append(line, p.at(point{x, float64(i)}), p.at(point{x, float64(i + 1)}))
	}
	return line
}

// drawLast writes the burst's total time at the end of its last bar.
func drawLast(p panel, jobs []job) {
	last := jobs[len(jobs)-1].took
	at := p.at(point{float64(last), float64(len(jobs))})
	at.X += 6
	at.Y += 3 // clear of the axis
	markInk.writeClear(p, at, 0, analysis.Human(last))
}

func staircaseKeys(lost bool) []key {
	keys := []key{
		{"one job, waiting and running", areaSign(pale(hue.grey, 0.45))},
		{"completions", lineSign(draw.LineStyle{Color: hue.darkGrey, Width: 2})},
	}
	if lost {
		keys = append(keys, key{"without an answer", dotSign(failedMark)})
	}
	return keys
}
