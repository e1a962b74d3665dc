package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target/loop"
	"github.com/looptest/looptest/target/programs"
)

// Trace is what a program did on the loop, beside Node where it ran there too.
type Trace struct {
	Pair        programs.Pair
	BesideNode  bool
	Chart       string // path of its picture
	Environment attack.Environment
	Version     string // of looptest
}

// Outcome is a failure when an order differs from Node's.
func (t Trace) Outcome() analysis.Outcome {
	if len(t.Pair.Differences) > 0 {
		return analysis.Fail
	}
	return analysis.Pass
}

func (t Trace) program() programs.Program { return t.Pair.Trace.Program }

// warnings says what weakens the comparison.
func (t Trace) warnings() []analysis.Warning {
	if reason := t.Pair.Node.Unlike(); t.BesideNode && reason != "" {
		return []analysis.Warning{analysis.Warning(reason)}
	}
	return []analysis.Warning{}
}

// Table writes each printed line with its phase and time, Node's beside it.
func (t Trace) Table(w io.Writer, s Style) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "%s   %s\n", s.paint(ansiBold, strings.ToUpper(t.program().Name)), t.program().Shows)
		fmt.Fprintf(w, "  %s\n", timeOf(t.program()))
		for i := range t.Pair.Trace.Parts {
			t.part(w, i)
		}
		fmt.Fprintln(w)
		t.conclude(w, s)
		return nil
	})
}

// timeOf says which time a program's is.
func timeOf(p programs.Program) string {
	if p.Real {
		return "real time"
	}
	return fmt.Sprintf("virtual time on the loop: a printed line takes %s", inWords(float64(programs.LineTakes)))
}

// Marks of a row, said below the tables.
const (
	markOpen     = "~"
	markDiffers  = "≠"
	markLoopOnly = "·"
)

func (t Trace) part(w io.Writer, i int) {
	part := t.Pair.Trace.Parts[i]
	fmt.Fprintf(w, "\n  %s\n", part.Name)
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	for _, row := range t.rows(i) {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	table.Flush()
	for line := range strings.Lines(text.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	if part.OpenBecause != "" {
		fmt.Fprintf(w, "  %s order open: %s\n", markOpen, part.OpenBecause)
	}
	if t.BesideNode && len(part.LoopOnly) > 0 {
		fmt.Fprintf(w, "  %s JavaScript can't reach these phases\n", markLoopOnly)
	}
}

// rows gives a part's table, its header first. A line of the loop alone leaves
// Node's side empty, so that the lines after it stand beside each other.
func (t Trace) rows(i int) [][]string {
	part := t.Pair.Trace.Parts[i]
	rows := [][]string{{"  loop", "phase", rightTime("time")}}
	if !t.BesideNode {
		for _, l := range part.Lines {
			rows = append(rows, lineCells(t.mark(part, l.Text)+" ", l))
		}
		return rows
	}
	rows[0] = append(rows[0], "Node "+t.Pair.Node.Version, "phase", rightTime("time"))
	onNode := t.Pair.Node.Parts[i]
	for _, l := range part.Lines {
		if slices.Contains(part.LoopOnly, l.Text) || len(onNode) == 0 {
			rows = append(rows, lineCells(t.mark(part, l.Text)+" ", l))
			continue
		}
		mark := max(t.mark(part, l.Text), t.mark(part, onNode[0].Text)) // "≠" is the highest
		rows = append(rows, append(lineCells(mark+" ", l), lineCells("", onNode[0])...))
		onNode = onNode[1:]
	}
	for _, l := range onNode {
		row := []string{t.mark(part, l.Text) + " ", "", rightTime("")}
		rows = append(rows, append(row, lineCells("", l)...))
	}
	return rows
}

// mark is what stands before a line.
func (t Trace) mark(part programs.PartTrace, line string) string {
	differs := func(d programs.Difference) bool { return d.Part == part.Name && d.Line == line }
	switch {
	case slices.ContainsFunc(t.Pair.Differences, differs):
		return markDiffers
	case part.InAnyOrder(line):
		return markOpen
	case t.BesideNode && slices.Contains(part.LoopOnly, line):
		return markLoopOnly
	}
	return " "
}

func lineCells(mark string, l programs.Line) []string {
	return []string{mark + l.Text, l.Where(), rightTime(fmt.Sprintf("%.2f ms", inMS(l.At)))}
}

func rightTime(text string) string { return fmt.Sprintf("%9s", text) }

func (t Trace) conclude(w io.Writer, s Style) {
	fmt.Fprintf(w, "  %s\n", t.program().Finding(t.Pair.Trace))
	for _, warning := range t.warnings() {
		fmt.Fprintf(w, "  %s %s\n", s.paint(ansiYellow, "!"), warning)
	}
	for _, d := range t.Pair.Differences {
		fmt.Fprintf(w, "  %s %s, %q: the loop %s, Node %s\n", s.paint(ansiRed, markDiffers), d.Part, d.Line, d.Loop, d.Node)
	}
	if t.BesideNode {
		t.concludeNode(w, s)
	}
	if t.Chart != "" {
		fmt.Fprintf(w, "  see %s\n", t.Chart)
	}
}

func (t Trace) concludeNode(w io.Writer, s Style) {
	if n := len(t.Pair.Differences); n > 0 {
		fmt.Fprintf(w, "  %s from Node %s in %s\n", s.paint(ansiRed, "differs"), t.Pair.Node.Version, analysis.Count(n, "line"))
		return
	}
	fmt.Fprintf(w, "  %s as Node %s, wherever Node fixes one\n", s.paint(ansiGreen, "the same order"), t.Pair.Node.Version)
}

// The document's shape.
type (
	traceDocument struct {
		Version     int                  `json:"version"`
		Command     string               `json:"command"`
		Verdict     verdictDocument      `json:"verdict"`
		Environment traceEnvironment     `json:"environment"`
		Looptest    string               `json:"looptest"` // version
		Program     string               `json:"program"`
		Shows       string               `json:"shows"`
		Finding     string               `json:"finding"`
		Clock       string               `json:"clock"` // real or virtual
		Parts       []tracePart          `json:"parts"`
		Node        *traceNode           `json:"node"` // null when it wasn't run
		Differences []differenceDocument `json:"differences"`
		Chart       string               `json:"chart,omitempty"`
	}
	traceEnvironment struct {
		OS        string `json:"os"`
		CPUs      int    `json:"cpus"`
		CPUModel  string `json:"cpu_model"`
		GoVersion string `json:"go_version"`
	}
	tracePart struct {
		Name        string             `json:"name"`
		Lines       []lineDocument     `json:"lines"`
		Callbacks   []callbackDocument `json:"callbacks"`
		Jobs        []jobDocument      `json:"pool_jobs"`
		OpenBecause string             `json:"order_open_because,omitempty"`
	}
	lineDocument struct {
		Text  string         `json:"text"`
		Phase loop.Phase     `json:"phase"`
		Queue programs.Queue `json:"queue"` // tick or microtask, empty for the callback itself
		At    float64        `json:"at_ms"`
		Open  bool           `json:"order_open"` // Node leaves its order against others open
	}
	callbackDocument struct {
		Phase loop.Phase     `json:"phase"`
		Queue programs.Queue `json:"queue"`
		Lines []string       `json:"lines"`
		Start float64        `json:"start_ms"`
		End   float64        `json:"end_ms"`
	}
	jobDocument struct {
		Name  string  `json:"name"`
		Start float64 `json:"start_ms"`
		End   float64 `json:"end_ms"`
	}
	traceNode struct {
		Version string          `json:"version"`
		Parts   []traceNodePart `json:"parts"`
	}
	traceNodePart struct {
		Name  string         `json:"name"`
		Lines []lineDocument `json:"lines"`
	}
	differenceDocument struct {
		Part string `json:"part"`
		Line string `json:"line"`
		Loop string `json:"loop"`
		Node string `json:"node"`
	}
)

// JSON writes the trace as one JSON object.
func (t Trace) JSON(w io.Writer) error {
	e := t.Environment
	d := traceDocument{
		Version: FormatVersion, Command: "trace", Looptest: t.Version,
		Verdict:     verdictDocument{Outcome: t.Outcome(), Warnings: t.warnings()},
		Environment: traceEnvironment{OS: e.OS, CPUs: e.CPUs, CPUModel: e.CPUModel, GoVersion: e.GoVersion},
		Program:     t.program().Name, Shows: t.program().Shows, Finding: t.program().Finding(t.Pair.Trace),
		Clock: "virtual", Chart: t.Chart, Differences: []differenceDocument{},
	}
	if t.program().Real {
		d.Clock = "real"
	}
	for _, part := range t.Pair.Trace.Parts {
		d.Parts = append(d.Parts, describePart(part))
	}
	if t.BesideNode {
		d.Node = &traceNode{Version: t.Pair.Node.Version}
		for i, lines := range t.Pair.Node.Parts {
			part := t.program().Parts[i]
			d.Node.Parts = append(d.Node.Parts, traceNodePart{part.Name, describeLines(part, lines)})
		}
	}
	for _, difference := range t.Pair.Differences {
		d.Differences = append(d.Differences, differenceDocument(difference))
	}
	return writeJSON(w, d)
}

func describePart(p programs.PartTrace) tracePart {
	d := tracePart{
		Name: p.Name, Lines: describeLines(p.Part, p.Lines), OpenBecause: p.OpenBecause,
		Callbacks: []callbackDocument{}, Jobs: []jobDocument{},
	}
	for _, c := range p.Callbacks {
		d.Callbacks = append(d.Callbacks, callbackDocument{c.Phase, c.Queue, append([]string{}, c.Lines...), traceMS(c.Start), traceMS(c.End)})
	}
	for _, j := range p.OnPool {
		d.Jobs = append(d.Jobs, jobDocument{j.Name, traceMS(j.Start), traceMS(j.End)})
	}
	return d
}

func describeLines(p programs.Part, lines []programs.Line) []lineDocument {
	all := []lineDocument{}
	for _, l := range lines {
		all = append(all, lineDocument{l.Text, l.Phase, l.Queue, traceMS(l.At), p.InAnyOrder(l.Text)})
	}
	return all
}

// traceMS is milliseconds to the microsecond.
func traceMS(d time.Duration) float64 { return inMS(d.Round(time.Microsecond)) }

// ProgramList writes what programs there are and what each shows.
func ProgramList(w io.Writer, all []programs.Program) error {
	return whole(w, func(w io.Writer) error {
		for _, p := range all {
			fmt.Fprintf(w, "%-21s %s\n", p.Name, p.Shows)
		}
		return nil
	})
}

// ProgramListJSON is ProgramList for programs.
func ProgramListJSON(w io.Writer, all []programs.Program) error {
	type item struct {
		Name  string   `json:"name"`
		Shows string   `json:"shows"`
		Clock string   `json:"clock"`
		Parts []string `json:"parts"`
	}
	list := struct {
		Version  int    `json:"version"`
		Command  string `json:"command"`
		Programs []item `json:"programs"`
	}{FormatVersion, "trace", []item{}}
	for _, p := range all {
		i := item{Name: p.Name, Shows: p.Shows, Clock: "virtual"}
		if p.Real {
			i.Clock = "real"
		}
		for _, part := range p.Parts {
			i.Parts = append(i.Parts, part.Name)
		}
		list.Programs = append(list.Programs, i)
	}
	return writeJSON(w, list)
}
