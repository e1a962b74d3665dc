package reports

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
)

// Style is how text is written to a terminal.
type Style struct {
	Colour bool
	Width  int // columns that there are, 0 for any number
}

// Terminal colours of outcomes.
const (
	ansiGreen  = "\x1b[32m"
	ansiRed    = "\x1b[31m"
	ansiYellow = "\x1b[33m"
	ansiBold   = "\x1b[1m"
	ansiPlain  = "\x1b[0m"
)

func (s Style) paint(colour, text string) string {
	if !s.Colour {
		return text
	}
	return colour + text + ansiPlain
}

func (s Style) outcome(o analysis.Outcome) string { return s.judged(o, claims.Word(o)) }

// judged writes a text in the colour of an outcome.
func (s Style) judged(o analysis.Outcome, text string) string {
	colour := ansiYellow
	switch o {
	case analysis.Pass:
		colour = ansiGreen
	case analysis.Fail, analysis.Invalid:
		colour = ansiRed
	}
	return s.paint(colour, text)
}

// ClaimTable writes a claim's arms as a table, then its verdict, what it stands
// on, its footnotes and where its charts are.
func ClaimTable(w io.Writer, s Style, r claims.Result, charts []string) error {
	return whole(w, func(w io.Writer) error { return claimTable(w, s, r, charts) })
}

// whole writes what fill gives in one piece, so that no write error is missed.
func whole(w io.Writer, fill func(io.Writer) error) error {
	var text bytes.Buffer
	if err := fill(&text); err != nil {
		return err
	}
	_, err := w.Write(text.Bytes())
	return err
}

func claimTable(w io.Writer, s Style, r claims.Result, charts []string) error {
	fmt.Fprintf(w, "\n%s   %s\n", s.paint(ansiBold, strings.ToUpper(r.Claim.Name)), r.Claim.Title)
	if err := armTable(w, s, r); err != nil {
		return err
	}
	v := r.Verdict
	fmt.Fprintf(w, "\n  %s   %s\n", s.outcome(v.Outcome), v.Headline)
	fmt.Fprintf(w, "  %s\n", basis(r))
	for _, f := range v.Findings {
		fmt.Fprintf(w, "  · %s\n", f.Statement)
	}
	for _, recommendation := range r.Recommendations {
		fmt.Fprintf(w, "  %s   %s\n", s.paint(ansiBold, "recommended"), recommended(recommendation))
	}
	for _, reason := range v.Reasons {
		fmt.Fprintf(w, "  %s %s\n", s.paint(ansiRed, "!"), reason)
	}
	for _, warning := range v.Warnings {
		fmt.Fprintf(w, "  %s %s\n", s.paint(ansiYellow, "!"), warning)
	}
	if len(charts) > 0 {
		fmt.Fprintf(w, "  see %s\n", strings.Join(charts, ", "))
	}
	return nil
}

func recommended(r claims.Recommendation) string {
	return fmt.Sprintf("%s: %g %s: %s", r.Setting, r.Value, r.Unit, r.Reason)
}

// basis says what the verdict stands on.
func basis(r claims.Result) string {
	parts := []string{fmt.Sprintf("judged on %s of %d planned", analysis.Count(r.Verdict.Blocks, "block"), r.Planned)}
	if len(r.Verdict.Findings) > 0 {
		if e := r.Verdict.Findings[0].Effect; e.N >= analysis.BlocksFor(analysis.Confidence) {
			parts = append(parts, fmt.Sprintf("%.1f %% intervals over blocks (Hodges–Lehmann, exact signed-rank)", 100*e.Confidence))
		}
		parts = append(parts, "values: medians over blocks; in the table: all blocks together")
	}
	return strings.Join(append(parts, fmt.Sprintf("seed %x", r.Seed)), " · ")
}

// spareColumns are left out of a table, in this order, when the terminal is too
// narrow; bench.json has them all.
var spareColumns = []string{"service p99", "p90", "offered", "service p50", "n", "achieved", "loop busy"}

// armTable has a row for every stream of every arm.
func armTable(w io.Writer, s Style, r claims.Result) error {
	if len(r.Arms) == 0 {
		return nil
	}
	header, rows := armRows(r)
	return grid{header: header, rows: rows, names: 2, spare: spareColumns}.write(w, s)
}

// grid is a table that leaves out columns when there is no room for them.
type grid struct {
	header []string
	rows   [][]string
	names  int      // so many columns at the left are words; the others are numbers
	spare  []string // columns to leave out, in this order
}

func (g grid) write(w io.Writer, s Style) error {
	for spare := g.spare; ; spare = spare[1:] {
		var text bytes.Buffer
		table := newTable(&text, g.header, g.names)
		if err := table.Bulk(g.rows); err != nil {
			return err
		}
		if err := table.Render(); err != nil {
			return err
		}
		line, _, _ := strings.Cut(text.String(), "\n")
		if s.Width == 0 || utf8.RuneCountInString(strings.TrimRight(line, " ")) <= s.Width || len(spare) == 0 {
			_, err := w.Write(text.Bytes())
			return err
		}
		g.header, g.rows = without(spare[0], g.header, g.rows)
	}
}

// markdown writes all columns.
func (g grid) markdown(w io.Writer) error {
	table := tableWith(w, g.header, g.names, renderer.NewMarkdown())
	if err := table.Bulk(g.rows); err != nil {
		return err
	}
	return table.Render()
}

// without leaves out the column of that name.
func without(column string, header []string, rows [][]string) ([]string, [][]string) {
	i := slices.Index(header, column)
	if i < 0 {
		return header, rows
	}
	header = slices.Delete(slices.Clone(header), i, i+1)
	kept := make([][]string, len(rows))
	for k, row := range rows {
		kept[k] = slices.Delete(slices.Clone(row), i, i+1)
	}
	return header, kept
}

func armRows(r claims.Result) (header []string, rows [][]string) {
	header = []string{
		"arm", "stream", "offered", "achieved", "n",
		"response p50", "p90", "p99", "max", "service p50", "service p99", "lag max", "loop busy",
	}
	for _, f := range r.Figures {
		header = append(header, f.Name)
	}
	for _, arm := range r.Arms {
		for i, stream := range arm.Streams {
			rows = append(rows, append(streamCells(arm, stream, i == 0), figureCells(r.Figures, arm, i == 0)...))
		}
	}
	return header, rows
}

func streamCells(arm analysis.ArmSummary, s analysis.StreamSummary, first bool) []string {
	name, lag, busy := "", "", ""
	if first {
		name = arm.Arm
		if arm.Lag.N > 0 {
			lag, busy = analysis.Human(arm.Lag.Max), fmt.Sprintf("%.0f %%", 100*arm.Utilization)
		}
	}
	cells := []string{name, s.Name, perSecond(s.OfferedRate), perSecond(s.AchievedRate), fmt.Sprint(s.Response.N)}
	for _, d := range []time.Duration{s.Response.P50, s.Response.P90, s.Response.P99, s.Response.Max, s.Service.P50, s.Service.P99} {
		cell := "–"
		if s.Response.N > 0 {
			cell = analysis.Human(d)
		}
		cells = append(cells, cell)
	}
	return append(cells, lag, busy)
}

func figureCells(figures []claims.Figure, arm analysis.ArmSummary, first bool) []string {
	var cells []string
	for _, f := range figures {
		cell := ""
		if value, known := f.Values[arm.Arm]; known && first {
			cell = digitsOrNone(value) + " " + f.Unit
		}
		cells = append(cells, cell)
	}
	return cells
}

// digitsOrNone writes none of something as 0, and not as 0.00.
func digitsOrNone(v float64) string {
	if v == 0 {
		return "0"
	}
	return analysis.Digits(v)
}

func perSecond(rate float64) string { return analysis.Digits(rate) + "/s" }

// newTable makes a table without lines, so many columns to the left.
func newTable(w io.Writer, header []string, names int) *tablewriter.Table {
	return tableWith(w, header, names, renderer.NewBlueprint(tw.Rendition{
		Borders:  tw.BorderNone,
		Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
	}))
}

func tableWith(w io.Writer, header []string, names int, r tw.Renderer) *tablewriter.Table {
	align := make([]tw.Align, len(header))
	for i := range align {
		align[i] = tw.AlignRight
		if i < names {
			align[i] = tw.AlignLeft
		}
	}
	cells := tw.CellConfig{
		Alignment:  tw.CellAlignment{PerColumn: align},
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
	}
	table := tablewriter.NewTable(w, tablewriter.WithRenderer(r), tablewriter.WithConfig(tablewriter.Config{Header: cells, Row: cells}))
	table.Header(header)
	return table
}
