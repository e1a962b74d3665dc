package reports

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
)

// Markdown writes the scan for reading beside its pictures, which are named relative
// to their folder.
func (d Detect) Markdown(w io.Writer) error { return d.writeMarkdown(w, d.markdownPictures) }

// Summary writes the scan for where pictures can't be shown: it names their files.
func (d Detect) Summary(w io.Writer) error {
	return d.writeMarkdown(w, func(w io.Writer) { markdownFiles(w, d.Charts) })
}

func (d Detect) writeMarkdown(w io.Writer, charts func(io.Writer)) error {
	return whole(w, func(w io.Writer) error {
		fmt.Fprintf(w, "## looptest detect: %s\n\n**%s**\n\n%s\n", markedOutcome(d.Outcome()), inMarkdown(d.finding()), inMarkdown(d.against()))
		if g := d.grid(plainMost); len(g.rows) > 0 {
			fmt.Fprintln(w)
			if err := g.inMarkdown().markdown(w); err != nil {
				return err
			}
		}
		d.markdownRemarks(w)
		charts(w)
		d.markdownFoot(w)
		return nil
	})
}

// markdownRemarks writes the reasons and warnings, and a list for each endpoint.
func (d Detect) markdownRemarks(w io.Writer) {
	lines := []string{}
	for _, reason := range d.breaches() {
		lines = append(lines, "- **!** "+inMarkdown(reason))
	}
	for _, warning := range d.Warnings {
		lines = append(lines, "- ! "+inMarkdown(string(warning)))
	}
	if len(lines) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(lines, "\n"))
	}
	for _, f := range d.ranked() {
		fmt.Fprintf(w, "\n**%s**\n\n", inMarkdown(label(f)))
		for _, r := range explained(f) {
			fmt.Fprintf(w, "- %s %s\n", r.mark, inMarkdown(r.text))
		}
	}
}

func (d Detect) markdownPictures(w io.Writer) {
	for _, chart := range d.Charts {
		chart = plainLine(chart)
		name := strings.TrimSuffix(filepath.Base(chart), filepath.Ext(chart))
		fmt.Fprintf(w, "\n%s\n", picture(name+" of "+plain(d.Target), chart))
	}
}

func (d Detect) markdownFoot(w io.Writer) {
	version, machine := "", ""
	if d.Version != "" {
		version = "looptest " + inMarkdown(d.Version)
	}
	if d.Environment.OS != "" {
		machine = inMarkdown(d.Environment.Machine())
	}
	took := ""
	if d.Took > 0 {
		took = "took " + inSeconds(d.Took)
	}
	if parts := nonEmpty([]string{machine, rfc3339(d.Began), took, fmt.Sprintf("seed %x", d.Seed), version}); len(parts) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(parts, between))
	}
}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%.0f s", d.Seconds()) }
