package reports

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis"
)

// Markdown writes the attack for reading in a pull request: tables and pictures
// together. The pictures are named relative to their folder.
func (a Attack) Markdown(w io.Writer) error { return whole(w, a.markdown) }

func (a Attack) markdown(w io.Writer) error {
	fmt.Fprintf(w, "# looptest %s: %s\n\n%s\n\n**%s**\n", a.Command, a.Outcome(), inMarkdown(a.Title), inMarkdown(a.finding()))
	if outcome, reasons := a.conduct(); outcome != analysis.Pass {
		fmt.Fprintln(w)
		for _, reason := range reasons {
			fmt.Fprintf(w, "- **!** %s\n", inMarkdown(reason))
		}
	}
	for _, g := range []grid{a.budgetGrid(), a.grid()} {
		if len(g.rows) == 0 {
			continue
		}
		fmt.Fprintln(w)
		if err := g.inMarkdown().markdown(w); err != nil {
			return err
		}
	}
	a.markdownFacts(w)
	for _, chart := range a.Charts {
		name := strings.TrimSuffix(filepath.Base(chart), filepath.Ext(chart))
		fmt.Fprintf(w, "\n%s\n", picture(name+" of "+plain(a.Title), chart))
	}
	fmt.Fprintf(w, "\n%s\n", strings.Join(nonEmpty([]string{inMarkdown(a.machine()), rfc3339(a.Began), a.Version}), between))
	return nil
}

func (a Attack) markdownFacts(w io.Writer) {
	var lines []string
	for _, f := range slices.Concat(a.errorFacts(), a.stallFacts(), a.generatorFacts(), a.targetFacts()) {
		lines = append(lines, fmt.Sprintf("- **%s** %s", inMarkdown(f.about), inMarkdown(f.text)))
	}
	for _, warning := range a.warnings() {
		lines = append(lines, "- ! "+inMarkdown(string(warning)))
	}
	for _, note := range a.footnotes() {
		lines = append(lines, "- "+inMarkdown(note))
	}
	if len(lines) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(lines, "\n"))
	}
}

// machine is where it was measured; empty when that isn't known.
func (a Attack) machine() string {
	if a.Environment.OS == "" {
		return ""
	}
	return a.Environment.Machine()
}

// inMarkdown gives the table with the names in it as words, not as Markdown.
func (g grid) inMarkdown() grid {
	rows := make([][]string, len(g.rows))
	for i, row := range g.rows {
		for _, cell := range row {
			rows[i] = append(rows[i], inMarkdown(cell))
		}
	}
	g.rows = rows
	return g
}

var markdownSigns = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;")

// inMarkdown writes a text from outside so that it stays the text that it is.
func inMarkdown(s string) string { return markdownSigns.Replace(plainLine(s)) }
