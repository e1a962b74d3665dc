package reports

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
)

// spareDetectColumns are left out of a table, in this order, when the terminal is
// too narrow; detect.json has them all.
var spareDetectColumns = []string{"requests", "confidence", "of its time", "asked for", "of all time", "works by"}

// Table writes a row for each endpoint, the most harmful first, then the outcome,
// and below it what each kind stands on and what to do.
func (d Detect) Table(w io.Writer, s Style) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "\n%s   %s\n", s.paint(ansiBold, "DETECT"), d.against())
		if g := d.grid(nameRoom(s)); len(g.rows) > 0 {
			if err := g.write(w, s); err != nil {
				return err
			}
		}
		s.sentence(w, fmt.Sprintf("\n  %s   ", s.judged(d.Outcome(), markedOutcome(d.Outcome()))), "           ", d.finding())
		for _, reason := range d.breaches() {
			s.sentence(w, "  "+s.paint(ansiRed, "!")+" ", "    ", reason)
		}
		for _, f := range d.ranked() {
			d.explain(w, s, f)
		}
		fmt.Fprintln(w)
		for _, warning := range d.Warnings {
			s.sentence(w, "  "+s.paint(ansiYellow, "!")+" ", "    ", plainLine(string(warning)))
		}
		if len(d.Charts) > 0 {
			s.sentence(w, "  see  ", "       ", plainLine(strings.Join(d.Charts, ", ")))
		}
		return nil
	})
}

// against says what was asked, and beside which probe.
func (d Detect) against() string {
	probe := ""
	if d.Probe.URL != "" {
		probe = "probe " + plain(d.Probe.Label())
	}
	return strings.Join(nonEmpty([]string{plain(d.Target), probe}), between)
}

// besideName is what a narrow table's other columns take, and leastName what a name
// has at least.
const besideName, leastName = 46, 20

// nameRoom is how many letters an endpoint's name may have in the table; below it
// they have their full length.
func nameRoom(s Style) int {
	if s.Width == 0 {
		return plainMost
	}
	return max(leastName, s.Width-besideName)
}

// grid is the findings as a table. A column that says nothing of any of them is left
// out.
func (d Detect) grid(room int) grid {
	g := grid{header: []string{"endpoint", "kind", "takes", "holds the loop", "works by", "asked for", "of all time", "of its time", "confidence", "requests"}, names: 2, spare: spareDetectColumns}
	for _, f := range d.ranked() {
		g.rows = append(g.rows, d.row(f, room))
	}
	for i := len(g.header) - 1; i >= 0; i-- {
		said := false
		for _, row := range g.rows {
			said = said || row[i] != ""
		}
		if !said {
			g.header, g.rows = without(g.header[i], g.header, g.rows)
		}
	}
	return g
}

func (d Detect) row(f detect.Finding, room int) []string {
	row := []string{cut(label(f), room), string(f.Kind), unknown, unknown, worksBy(f), "", "", "", "", fmt.Sprint(f.Sent)}
	if f.Service.N > 0 {
		row[2] = analysis.Human(f.Service.P50)
	}
	switch {
	case f.Stall.Found:
		row[3] = stallWords(f.Stall.Length)
		row[7] = percent(min(1, float64(f.Held())/float64(max(f.Service.P50, 1))))
	case f.Held() > 0:
		row[3] = "≥ " + analysis.Human(f.Held())
	}
	if f.Endpoint.Often > 0 && d.Rates {
		row[5] = perSecond(f.Endpoint.Often)
		if f.Held() > 0 {
			row[6] = percent(f.Harm() / 1e9)
		}
	}
	if f.Confidence > 0 {
		row[8] = percent(f.Confidence)
	}
	return row
}

func percent(share float64) string { return analysis.Digits(100*share) + " %" }

// explain says what a finding stands on, and what to do.
func (d Detect) explain(w io.Writer, s Style, f detect.Finding) {
	fmt.Fprintf(w, "\n  %s\n", s.paint(ansiBold, label(f)))
	for _, line := range explained(f) {
		mark := line.mark
		if line.mark == "!" {
			mark = s.paint(ansiYellow, mark)
		}
		s.sentence(w, "    "+mark+" ", "      ", line.text)
	}
}

// remark is a line about a finding: what it stands on, what to do, and warnings.
type remark struct{ mark, text string }

func explained(f detect.Finding) []remark {
	remarks := []remark{{"·", plainLine(f.Because)}}
	if f.Because == "" {
		remarks = nil
	}
	if f.Advice != "" {
		remarks = append(remarks, remark{"→", plainLine(f.Advice)})
	}
	for _, warning := range f.Warnings {
		remarks = append(remarks, remark{"!", plainLine(string(warning))})
	}
	return remarks
}

// Brief writes the outcome in a line, and a line for each endpoint.
func (d Detect) Brief(w io.Writer) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "%s: %s\n", d.Outcome(), d.finding())
		for _, f := range d.ranked() {
			fmt.Fprintln(w, Line(f))
		}
		return nil
	})
}

// sentence writes a text behind a mark, and where the terminal ends goes on below
// it, indented.
func (s Style) sentence(w io.Writer, mark, indent, text string) {
	line, used := mark, visible(mark)
	for i, word := range strings.Fields(text) {
		letters := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case s.Width > 0 && used+1+letters > s.Width:
			fmt.Fprintln(w, line)
			line, used = indent, visible(indent)
		default:
			line, used = line+" ", used+1
		}
		line, used = line+word, used+letters
	}
	fmt.Fprintln(w, line)
}

var ansiCode = regexp.MustCompile("\x1b\\[[0-9;]*m")

// visible is how many columns a text takes, but for its colours and line breaks.
func visible(s string) int {
	return utf8.RuneCountInString(strings.Trim(ansiCode.ReplaceAllString(s, ""), "\n"))
}
