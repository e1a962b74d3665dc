package reports

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/looptest/looptest/analysis/claims"
)

// Markdown writes the bench for reading in a pull request: tables and pictures
// together. The pictures are named relative to their folder.
func (b Bench) Markdown(w io.Writer) error { return whole(w, b.markdown) }

func (b Bench) markdown(w io.Writer) error {
	fmt.Fprintf(w, "# looptest bench: %s\n\n", b.Outcome())
	e := b.Environment
	fmt.Fprintf(w, "%s · seed %x\n", e.Machine(), b.Settings.Seed)
	if b.Partial {
		fmt.Fprintf(w, "\n**Partial:** %s\n", b.Error)
	}
	if b.Overview != "" {
		fmt.Fprintf(w, "\n%s\n", picture("overview of all claims", b.Overview))
	}
	if len(b.Results) > 1 {
		b.contents(w)
	}
	for _, r := range b.Results {
		if err := markdownClaim(w, r, b.Charts[r.Claim.Name]); err != nil {
			return err
		}
	}
	return nil
}

// contents lists the claims with what was found, as links to their parts.
func (b Bench) contents(w io.Writer) {
	fmt.Fprintln(w)
	writeCells(w, "claim", "outcome", "what was found")
	writeCells(w, "---", "---", "---")
	for _, r := range b.Results {
		writeCells(w, fmt.Sprintf("[%s](#%s)", r.Claim.Name, anchor(claimHeading(r))), claims.Word(r.Verdict.Outcome), r.Verdict.Headline)
	}
}

func claimHeading(r claims.Result) string {
	return r.Claim.Name + ": " + claims.Word(r.Verdict.Outcome)
}

// anchor is where a link to a heading of letters, colons and dashes goes, as the
// usual readers of Markdown name it.
func anchor(heading string) string {
	return strings.NewReplacer(":", "", " ", "-").Replace(strings.ToLower(heading))
}

func markdownClaim(w io.Writer, r claims.Result, charts []string) error {
	v := r.Verdict
	fmt.Fprintf(w, "\n## %s\n\n%s.\n\n%s (%s)\n\n", claimHeading(r), r.Claim.Proves, v.Headline, basis(r))
	for _, recommendation := range r.Recommendations {
		fmt.Fprintf(w, "- **recommended:** %s\n", recommended(recommendation))
	}
	for _, f := range v.Findings {
		fmt.Fprintf(w, "- %s\n", f.Statement)
	}
	for _, reason := range v.Reasons {
		fmt.Fprintf(w, "- **!** %s\n", reason)
	}
	for _, warning := range v.Warnings {
		fmt.Fprintf(w, "- ! %s\n", warning)
	}
	fmt.Fprintln(w)
	if len(r.Arms) > 0 {
		header, rows := armRows(r)
		if err := (grid{header: header, rows: rows, names: 2}).markdown(w); err != nil {
			return err
		}
	}
	for i, chart := range charts {
		fmt.Fprintf(w, "\n%s\n", picture(r.Charts[i].Title, chart))
	}
	return nil
}

func picture(alt, path string) string {
	return fmt.Sprintf("![%s](%s)", strings.NewReplacer("[", "(", "]", ")", "\n", " ").Replace(alt), filepath.ToSlash(filepath.Base(path)))
}
