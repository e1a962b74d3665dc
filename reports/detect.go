package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Detect is what a scan found, for its table and its JSON.
type Detect struct {
	Findings    []detect.Finding // in the order in which they were judged
	Target      string
	Probe       attack.Request
	Outcome     analysis.Outcome
	Warnings    []analysis.Warning
	Reasons     []string // why it is not a pass
	Environment attack.Environment
	Began       time.Time
	Took        time.Duration
	Seed        uint64
	Version     string
	Charts      []string
	Partial     bool
	Error       string
}

// Ranked are the findings by harm: what makes others wait longest comes first.
func (d Detect) Ranked() []detect.Finding {
	ranked := slices.Clone(d.Findings)
	slices.SortStableFunc(ranked, func(a, b detect.Finding) int {
		switch {
		case a.Harm() > b.Harm():
			return -1
		case a.Harm() < b.Harm():
			return 1
		}
		return 0
	})
	return ranked
}

// spareDetectColumns are left out of a table, in this order, when the terminal is
// too narrow.
var spareDetectColumns = []string{"asked", "confidence", "of its time", "takes p50"}

// Table writes a row for each endpoint, the most harmful first, and below it what
// each kind stands on and what to do.
func (d Detect) Table(w io.Writer, s Style) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "\n%s   %s · probe %s\n", s.paint(ansiBold, "DETECT"), plain(d.Target), plain(d.Probe.Label()))
		g := grid{header: []string{"endpoint", "kind", "takes p50", "holds the loop", "of its time", "works by", "confidence", "asked"}, names: 2, spare: spareDetectColumns}
		for _, f := range d.Ranked() {
			g.rows = append(g.rows, detectRow(f))
		}
		if len(g.rows) > 0 {
			if err := g.write(w, s); err != nil {
				return err
			}
		}
		for _, f := range d.Ranked() {
			d.explain(w, s, f)
		}
		for _, reason := range d.Reasons {
			fmt.Fprintf(w, "  %s %s\n", s.paint(ansiRed, "!"), plainLine(reason))
		}
		for _, warning := range d.Warnings {
			fmt.Fprintf(w, "  %s %s\n", s.paint(ansiYellow, "!"), plainLine(string(warning)))
		}
		if len(d.Charts) > 0 {
			fmt.Fprintf(w, "  see %s\n", plainLine(strings.Join(d.Charts, ", ")))
		}
		return nil
	})
}

func detectRow(f detect.Finding) []string {
	row := []string{plain(f.Endpoint.Request.Label()), string(f.Kind), unknown, unknown, unknown, worksBy(f), unknown, fmt.Sprint(f.Sent)}
	if f.Service.N > 0 {
		row[2] = analysis.Human(f.Service.P50)
	}
	if f.Stall.Found {
		row[3] = stallWords(f.Stall.Length)
		row[4] = fmt.Sprintf("%.0f %%", 100*min(1, f.Stall.Length.Value/float64(max(f.Service.P50, 1))))
	}
	if len(f.Bursts) > 0 {
		row[6] = fmt.Sprintf("%.0f %%", 100*f.Confidence)
	}
	return row
}

// stallWords is a stall's length with its interval: "48 ms (47–49 ms)".
func stallWords(e analysis.Estimate) string {
	return fmt.Sprintf("%s (%s to %s)", human(e.Value), human(e.Low), human(e.High))
}

// human writes ns for a reader.
func human(ns float64) string { return analysis.Human(time.Duration(ns)) }

// worksBy is the figure that belongs to the kind.
func worksBy(f detect.Finding) string {
	switch {
	case f.Kind == target.Cooperative && f.Chunk.N > 0:
		return "chunks of " + human(f.Chunk.Value)
	case f.Kind == target.OffLoop:
		return capacityWords(f.Capacity)
	case f.Kind == target.Processes && f.Processes > 0:
		return analysis.Count(f.Processes, "process")
	}
	return ""
}

func capacityWords(c detect.Capacity) string {
	switch {
	case c.Value == 0 && c.Low == 0:
		return ""
	case c.Value == 0:
		return fmt.Sprintf("%d or more at once", c.Low)
	case c.Low < c.High:
		return fmt.Sprintf("%d at once (%d to %d)", c.Value, c.Low, c.High)
	}
	return fmt.Sprintf("%d at once", c.Value)
}

// explain says what a finding stands on, and what to do.
func (d Detect) explain(w io.Writer, s Style, f detect.Finding) {
	fmt.Fprintf(w, "\n  %s   %s\n", s.paint(ansiBold, plain(f.Endpoint.Request.Label())), plainLine(f.Because))
	if f.Advice != "" {
		fmt.Fprintf(w, "    → %s\n", f.Advice)
	}
	for _, warning := range f.Warnings {
		fmt.Fprintf(w, "    %s %s\n", s.paint(ansiYellow, "!"), plainLine(string(warning)))
	}
}

// Line is a finding in a line, as it is told while a scan goes on.
func Line(f detect.Finding) string {
	text := fmt.Sprintf("%s: %s", plain(f.Endpoint.Request.Label()), f.Kind)
	if f.Stall.Found {
		text += ", holds the loop for " + human(f.Stall.Length.Value)
	}
	if by := worksBy(f); by != "" {
		text += ", " + by
	}
	return text
}
