// Package reports shows what was measured: pictures that a person in a hurry
// understands.
//
// A chart is data until it gets here. Draw takes it through these steps:
//
//  1. gather the chart's arms and their complete blocks from the runs; curves,
//     dots and forests bring their own numbers and need no runs,
//  2. choose what is drawn: one representative block, all blocks pooled, or of
//     the chart's own numbers those that an axis can place,
//  3. reduce it to points (curve, band, thin), still without a canvas,
//  4. lay out the words and the panels of the figure,
//  5. render the figure in the format asked for.
//
// A load of any length brings its points with it (outlines, windows, histograms),
// so the pictures of an Attack begin at step 3.
package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// drawer makes a figure of a chart. Title, subtitle and foot are set by Draw;
// what a drawer puts into the foot is a note to be added to it.
type drawer func(c claims.Chart, runs []attack.Run) (figure, error)

var drawers = map[claims.ChartKind]drawer{
	claims.Timeline:    timeline,
	claims.Percentiles: percentiles,
	claims.Staircase:   staircase,
	claims.Curves:      curves,
	claims.Forest:      forest,
	claims.Dots:        dots,
	claims.Memory:      memory,
}

// Draw writes the chart of these runs as a picture in one of Formats. Pictures
// are 1600 pixels wide and at least 900 high. It is an error when the format
// or the chart's kind is unknown, and when there is nothing to draw: no runs, or
// an arm without samples in a complete block, where the kind is drawn from
// runs; no panels, lines, points, measures, values or rows where it isn't. Nothing
// is written then.
func Draw(w io.Writer, format string, c claims.Chart, runs []attack.Run) error {
	if !slices.Contains(Formats, format) {
		return unknownFormat(format)
	}
	draw, ok := drawers[c.Kind]
	if !ok {
		return fmt.Errorf("chart %q: unknown kind of chart %q", c.Name, c.Kind)
	}
	f, err := draw(c, runs)
	if err != nil {
		return fmt.Errorf("chart %q: %w", c.Name, err)
	}
	f.title, f.subtitle = c.Title, c.Subtitle
	f.foot = strings.Join(nonEmpty([]string{c.Foot, f.foot}), between)
	if err := f.write(w, format); err != nil {
		return fmt.Errorf("chart %q: %w", c.Name, err)
	}
	return nil
}
