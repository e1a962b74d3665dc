package reports

import (
	"fmt"
	"image/color"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"

	"github.com/looptest/looptest/analysis"
)

// loadPercentiles draws the response and the service time of each stream that was
// answered, a panel each.
func loadPercentiles(a Attack) (figure, error) {
	streams, note := a.shown()
	var panels []tailPanel
	for _, p := range streams {
		if p.row.Response.N() == 0 {
			continue
		}
		tp := tailPanel{name: plain(p.name), numbers: countsText(p.row)}
		if !a.NoIntended {
			tp.tails = append(tp.tails, histogramTail("response", p.row.Response, len(tp.tails), responseColour, responseColour))
		}
		tp.tails = append(tp.tails, histogramTail("service", p.row.Service, len(tp.tails), serviceColour, deep(serviceColour, 0.72)))
		panels = append(panels, tp)
	}
	if len(panels) == 0 {
		return figure{}, fmt.Errorf("%w: no request was answered", ErrNothingToDraw)
	}
	label := "response time (from the intended send) and service time (from the real send), log scale"
	if a.NoIntended {
		label = a.timesLabel(false)
	}
	f := tailFigure(panels, label)
	f.title = a.tailTitle()
	f.foot = strings.Join(nonEmpty([]string{note, f.foot}), between)
	return f, nil
}

// tailTitle is the finding of percentile curves.
func (a Attack) tailTitle() string {
	all := a.all()
	if !enough(all.Response, 0.99) || a.NoIntended {
		return a.tailPhrase()
	}
	r, s := all.Response.Quantile(0.99), all.Service.Quantile(0.99)
	if float64(r) > hidden*float64(s) {
		return fmt.Sprintf("1 in 100 requests waits %s or more; the service time says %s", analysis.Human(r), analysis.Human(s))
	}
	return fmt.Sprintf("half of the requests are answered within %s, 99 of 100 within %s", analysis.Human(all.Response.Quantile(0.5)), analysis.Human(r))
}

// countsText says how many requests curves stand on, and how many they don't show.
func countsText(r analysis.LoadRow) []string {
	parts := []string{"n " + thousands(r.Response.N())}
	if r.CutOff > 0 {
		parts = append(parts, fmt.Sprintf("%s of them given up at their timeout", thousands(r.CutOff)))
	}
	return append(parts, losses(r.Sent-r.Response.N(), r.Unsent)...)
}

// tailPanel is one of several panels of percentile curves.
type tailPanel struct {
	name    string
	numbers []string
	tails   tailSet
}

const tailPanelLeast vg.Length = 120 // height of a panel

// tailFigure draws panels of percentile curves above each other, over the same
// axes.
func tailFigure(panels []tailPanel, yLabel string) figure {
	var all tailSet
	s := stack{xLabel: tailsXLabel, yLabel: yLabel, each: tailPanelLeast, margin: tailLabelGap + tailLabelWide}
	for _, p := range panels {
		all = append(all, p.tails...)
		s.each = max(s.each, p.tails.labelsHeight())
		s.panels = append(s.panels, stacked{name: p.name, numbers: p.numbers, draw: p.tails.drawIn})
	}
	s.x, s.y = all.axes()
	s.y.ticks = decades(s.y.ticks)
	f := s.figure()
	f.foot = all.note()
	return f
}

// histogramTail is a curve of a histogram, the i-th of its panel.
func histogramTail(name string, h analysis.Histogram, i int, colour, words color.RGBA) tail {
	return tail{
		name: name, numbers: timesText(h), line: timeLine(i, colour), mark: timeMark(i, colour), ink: words,
		n: h.N(), least: h.Min(), at: func(tail float64) time.Duration { return h.Quantile(1 - tail) }, curve: histogramCurve(h),
	}
}

// histogramCurve is curve, of a histogram's buckets.
func histogramCurve(h analysis.Histogram) []point {
	n := float64(h.N())
	y := float64(h.Quantile(1 - tailsBegin))
	points := []point{{tailsBegin, y}}
	before := 0
	h.Each(func(upTo time.Duration, count int) {
		from := (n - float64(before)) / n
		before += count
		if v := float64(upTo); from <= tailsBegin && v != y {
			points = append(points, point{from, y}, point{from, v})
			y = v
		}
	})
	if end := 1 / n; end < points[len(points)-1].x {
		points = append(points, point{end, y})
	}
	return points
}
