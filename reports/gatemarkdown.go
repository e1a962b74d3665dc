package reports

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/looptest/looptest/analysis/gate"
)

// mostSummary is how long a job summary may become, in bytes. GitHub refuses one
// of a MiB or more, of all that a step writes into it.
const mostSummary = 1000 << 10

// Markdown writes the gate for reading beside its pictures, which are named
// relative to their folder.
func (g Gate) Markdown(w io.Writer) error { return g.writeMarkdown(w, g.markdownPictures) }

// Summary writes the gate for a CI job's summary, which can't show pictures: it
// names their files.
func (g Gate) Summary(w io.Writer) error {
	return g.writeMarkdown(w, func(w io.Writer) { markdownFiles(w, g.Charts) })
}

func (g Gate) writeMarkdown(w io.Writer, charts func(io.Writer)) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "## looptest gate: %s\n\n**%s**\n\n%s\n", markedOutcome(g.Outcome()), inMarkdown(g.finding()), inMarkdown(g.compared()))
	if len(g.Verdict.Metrics) > 0 {
		fmt.Fprintln(&text)
		if err := g.grid().inMarkdown().markdown(&text); err != nil {
			return err
		}
	}
	g.markdownFacts(&text)
	charts(&text)
	if err := g.markdownBlocks(&text); err != nil {
		return err
	}
	g.markdownFoot(&text)
	_, err := w.Write(cutMarkdown(text.Bytes()))
	return err
}

// cutMarkdown cuts a text that is too long, after a whole line where there is one.
func cutMarkdown(text []byte) []byte {
	const cut = "\n\n(cut here: a job summary has to stay under 1 MiB; gate.json has everything)\n"
	if len(text) <= mostSummary {
		return text
	}
	text = text[:mostSummary-len(cut)]
	if at := bytes.LastIndexByte(text, '\n'); at > 0 {
		text = text[:at]
	}
	return append(bytes.ToValidUTF8(text, nil), cut...)
}

func (g Gate) markdownFacts(w io.Writer) {
	var lines []string
	for _, reason := range g.reasons() {
		lines = append(lines, "- **!** "+inMarkdown(reason))
	}
	for _, f := range g.facts() {
		if f.about != "machine" {
			lines = append(lines, fmt.Sprintf("- **%s** %s", f.about, inMarkdown(f.text)))
		}
	}
	for _, note := range g.notes() {
		lines = append(lines, "- ! "+inMarkdown(note))
	}
	if len(lines) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(lines, "\n"))
	}
}

func (g Gate) markdownPictures(w io.Writer) {
	for _, chart := range g.Charts {
		chart = plainLine(chart)
		name := strings.TrimSuffix(filepath.Base(chart), filepath.Ext(chart))
		fmt.Fprintf(w, "\n%s\n", picture(name+" of "+plain(g.Title), chart))
	}
}

// markdownFiles names pictures that can't be shown.
func markdownFiles(w io.Writer, charts []string) {
	var names []string
	for _, chart := range charts {
		names = append(names, inMarkdown(filepath.Base(chart)))
	}
	if len(names) > 0 {
		fmt.Fprintf(w, "\nPictures, in the job's artifact: %s\n", strings.Join(names, ", "))
	}
}

// markdownBlocks writes a table of the blocks, folded away.
func (g Gate) markdownBlocks(w io.Writer) error {
	t := g.blockGrid()
	if len(t.rows) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\n<details><summary>%d blocks</summary>\n\n", len(t.rows))
	if err := t.inMarkdown().markdown(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n</details>\n")
	return err
}

// blockGrid has a row for each block: its order, and the change of each metric
// that decides.
func (g Gate) blockGrid() grid {
	t := grid{header: []string{"block", "order"}, names: 2}
	var metrics []gate.Metric
	for _, row := range g.rows() {
		if decides(row) && len(row.Pairs) > 0 {
			metrics = append(metrics, row.Metric)
			t.header = append(t.header, plain(row.Name))
		}
	}
	t.header = append(t.header, "")
	for _, b := range g.blocks() {
		cells := []string{strconv.Itoa(b.number + 1), orderText(b.order())}
		for _, m := range metrics {
			cells = append(cells, b.changeText(m))
		}
		state := ""
		switch {
		case b.lost != nil:
			state = "lost: " + plainLine(b.lost.Reason)
		case len(b.pairs) == 0:
			state = "not judged"
		}
		t.rows = append(t.rows, append(cells, state))
	}
	return t
}

func (b gateBlock) changeText(m gate.Metric) string {
	p, ok := b.pairs[m.Name]
	if !ok {
		return unknown
	}
	d := m.Difference(p.Base, p.Head)
	if m.Absolute {
		return changeWords(m, d)
	}
	return changeWords(m, fromLog(d))
}

// orderText writes the slices' order in letters: "base head head base" is BHHB.
func orderText(order []string) string {
	var letters strings.Builder
	for _, arm := range order {
		if arm == bothArms {
			letters.WriteString("=")
			continue
		}
		letters.WriteString(strings.ToUpper(arm[:1]))
	}
	return letters.String()
}

func (g Gate) markdownFoot(w io.Writer) {
	version := ""
	if g.Version != "" {
		version = "looptest " + inMarkdown(g.Version)
	}
	parts := nonEmpty([]string{inMarkdown(g.machine()), rfc3339(g.Began), version})
	if len(parts) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(parts, between))
	}
}
