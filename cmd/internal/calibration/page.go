package calibration

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis"
)

// Page is a Markdown page under way.
type Page struct{ bytes.Buffer }

// Line writes a line.
func (p *Page) Line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// Table writes a table.
func (p *Page) Table(head []string, rows [][]string) {
	p.Line("")
	p.Line("| %s |", strings.Join(head, " | "))
	p.Line("|%s", strings.Repeat(" --- |", len(head)))
	for _, r := range rows {
		p.Line("| %s |", strings.Join(r, " | "))
	}
	p.Line("")
}

// Share writes k of n with its exact interval.
func Share(k, n int) string {
	if n == 0 {
		return "–"
	}
	low, high := analysis.BinomialInterval(k, n, 0.95)
	return fmt.Sprintf("%d of %d: %s (%s to %s)", k, n, Percent(float64(k)/float64(n)), digits(low), Percent(high))
}

// AtMost is the exact one-sided bound of a share.
func AtMost(k, n int) float64 {
	_, high := analysis.BinomialInterval(k, n, 0.90) // 5 % beyond either end
	return high
}

// AtLeast is the exact one-sided bound from below.
func AtLeast(k, n int) float64 {
	low, _ := analysis.BinomialInterval(k, n, 0.90)
	return low
}

// Percent writes a share as a percentage.
func Percent(share float64) string { return digits(share) + " %" }

// digits writes a share as a percentage, with a decimal where it is small.
func digits(share float64) string {
	if p := 100 * share; p > 0 && p < 9.95 {
		return fmt.Sprintf("%.1f", p)
	}
	return fmt.Sprintf("%.0f", 100*share)
}

// Spread writes the median with the range, in a unit.
func Spread(values []float64, format string) string {
	if len(values) == 0 {
		return "–"
	}
	return fmt.Sprintf(format+" ("+format+" to "+format+")", Median(values), slices.Min(values), slices.Max(values))
}

// Median is 0 of nothing.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
