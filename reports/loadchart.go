package reports

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
)

// LoadChart is a picture of a load.
type LoadChart string

// The pictures of a load.
const (
	LoadTimeline    LoadChart = "timeline"    // response times over time, stalls and phases marked
	LoadPercentiles LoadChart = "percentiles" // response and service time by quantile
	LoadThroughput  LoadChart = "throughput"  // achieved against offered load over time
)

// LoadCharts are all of them, in the order of a report.
var LoadCharts = []LoadChart{LoadTimeline, LoadPercentiles, LoadThroughput}

// drawers of a load's pictures; title, subtitle and foot are set by Draw.
var loadDrawers = map[LoadChart]func(Attack) (figure, error){
	LoadTimeline:    loadTimeline,
	LoadPercentiles: loadPercentiles,
	LoadThroughput:  loadThroughput,
}

// ErrNothingToDraw is what Draw returns when a load has nothing to show in that
// picture: nothing was sent or, for percentiles, nothing was answered.
var ErrNothingToDraw = errors.New("there is nothing to draw")

// Draw writes a picture of the load in one of Formats: 1600 pixels wide and at
// least 900 high. Nothing is written when there is an error.
func (a Attack) Draw(w io.Writer, format string, chart LoadChart) error {
	if !slices.Contains(Formats, format) {
		return unknownFormat(format)
	}
	drawer, ok := loadDrawers[chart]
	if !ok {
		return fmt.Errorf("unknown chart %q of a load", chart)
	}
	if a.all().Sent == 0 {
		return fmt.Errorf("chart %q: %w: nothing was sent", chart, ErrNothingToDraw)
	}
	f, err := drawer(a)
	if err != nil {
		return fmt.Errorf("chart %q: %w", chart, err)
	}
	f.subtitle = strings.Join(nonEmpty([]string{plain(a.Title), a.loadText(), f.subtitle}), between)
	f.foot = strings.Join(nonEmpty([]string{a.foot(), f.foot}), between)
	if err := f.write(w, format); err != nil {
		return fmt.Errorf("chart %q: %w", chart, err)
	}
	return nil
}

// loadText says how much was asked for.
func (a Attack) loadText() string {
	all := a.all()
	text := fmt.Sprintf("%s requests in %s", thousands(all.Sent), analysis.Human(a.Load.Span))
	if n := len(a.Load.Layout.Streams); n > 1 {
		text += fmt.Sprintf(", %d streams", n)
	}
	if a.Partial {
		text += ", cut short"
	}
	return text
}

func (a Attack) foot() string {
	parts := []string{a.machine()}
	if a.Environment.Target != "" {
		parts = append([]string{"target: " + plain(a.Environment.Target)}, parts...)
	}
	if !a.Began.IsZero() {
		parts = append(parts, a.Began.Format(time.DateOnly))
	}
	if a.Version != "" {
		parts = append(parts, "looptest "+a.Version)
	}
	return strings.Join(nonEmpty(parts), between)
}

// mostLoadPanels is how many streams a picture shows.
const mostLoadPanels = 8

// shown gives the streams that a picture shows, and a note of the others.
func (a Attack) shown() (streams []part, note string) {
	_, streams = a.parts()
	if left := len(streams) - mostLoadPanels; left > 0 {
		return streams[:mostLoadPanels], fmt.Sprintf("the first %d of %d streams", mostLoadPanels, len(streams))
	}
	return streams, ""
}

// A load's response time is blue and its service time orange in every picture.
// Words of light colours are darker.
var (
	responseColour = hue.blue
	serviceColour  = hue.orange
	failedColour   = hue.vermilion
)

// timeLine and timeMark are how the i-th of several times is drawn.
func timeLine(i int, c color.RGBA) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: 2, Dashes: dashes[i%len(dashes)]}
}

func timeMark(i int, c color.RGBA) draw.GlyphStyle {
	return draw.GlyphStyle{Color: c, Radius: 3.2, Shape: markers[i%len(markers)]}
}

// loadNumbersText is a stream in numbers, for its panel's heading.
func (a Attack) loadNumbersText(r analysis.LoadRow) []string {
	times := r.Response
	parts := timesText(times)
	parts = append(parts, "n "+thousands(times.N()))
	if n := failed(r); n > 0 {
		parts = append(parts, fmt.Sprintf("%s failed (%s)", thousands(n), kindsText(r.Errors)))
	}
	if r.Unsent > 0 {
		parts = append(parts, thousands(r.Unsent)+" unsent")
	}
	return parts
}

// timesText names the quantiles that there are answers enough for.
func timesText(h analysis.Histogram) []string {
	var parts []string
	for _, q := range []struct {
		name string
		q    float64
	}{{"p50", 0.5}, {"p99", 0.99}, {"max", 1}} {
		if enough(h, q.q) {
			parts = append(parts, q.name+" "+analysis.Human(h.Quantile(q.q)))
		}
	}
	return parts
}
