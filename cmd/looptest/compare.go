package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/reports"
)

// compareFlags is what the user asked for.
type compareFlags struct {
	out, format                          string
	asJSON, noChart, noColor, asMarkdown bool
}

func newCompare() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare BASE HEAD",
		Short: "Set two recorded runs side by side",
		Long: `Set two recorded runs side by side: for each stream the change of each quantile,
of good answers a second and of failures, whether it was there for most of the
time, and the curves of both in one picture.

` + readable + `

Two single runs can show that they differ, but not that the next two would:
whatever moves whole runs (the machine's mood, their order) is in no number here.
So this never passes or fails anything; gate runs both several times in turn, and
judges.

Exit codes: 2 usage, 3 compared (single runs are inconclusive), 4 a run can't be
trusted, they have nothing in common, or one can't be read, 130 interrupted.`,
		Example: `  looptest compare looptest-out/attack-20260102-150405 looptest-out/attack-20260102-151000
  looptest compare before after --json | jq '.streams[].metrics'
  looptest compare before.gob after.gob --out pictures --format svg`,
		Args: exactly("BASE", "HEAD"),
		RunE: func(cmd *cobra.Command, args []string) error { return compare(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "folder for the picture (default looptest-out/compare-DATE-TIME)")
	flags.StringVar(&f.format, "format", "png", "format of the chart: "+strings.Join(reports.Formats, ", "))
	flags.BoolVar(&f.noChart, "no-charts", false, "draw no picture")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON object on standard output and no tables")
	flags.BoolVar(&f.asMarkdown, "markdown", false, "print Markdown, for a pull request")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also by the environment variable NO_COLOR)")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	cmd.MarkFlagsMutuallyExclusive("out", "no-charts")
	return cmd
}

// exactly wants one argument for each name.
func exactly(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("%s is missing: a run folder or a file of records", names[len(args)])
		case len(args) > len(names):
			return fmt.Errorf("%q is one too many: %s are compared", args[len(names)], strings.Join(names, " and "))
		}
		return nil
	}
}

func compare(cmd *cobra.Command, f compareFlags, args []string) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	both, err := openInput(cmd, args) // each by itself is wanted; this finds what is wrong with either
	if err != nil {
		return err
	}
	defer both.close()
	var sides [2]reports.Attack
	for i := range sides {
		if sides[i], err = both.part(i).report(cmd.Context(), nil); err != nil {
			return err
		}
	}
	c := reports.Compare(both.part(0).title(), sides[0], both.part(1).title(), sides[1])
	c.Version = buildVersion().Version
	c.Warnings = append(c.Warnings, runWarnings(sides)...)
	err = f.draw(&c)
	if err = errors.Join(err, f.print(cmd, c)); err != nil {
		return unable(err)
	}
	return outcomeExit(c.Outcome())
}

// draw draws the curves of both, where there are any.
func (f compareFlags) draw(c *reports.Comparison) error {
	if f.noChart {
		return nil
	}
	folder := f.out
	if folder == "" {
		folder = "looptest-out/compare" + time.Now().Format("-20060102-150405")
	}
	content, err := asBytes(func(w io.Writer) error { return c.Draw(w, f.format) })
	if errors.Is(err, reports.ErrNothingToDraw) {
		return nil
	}
	if err != nil {
		return err
	}
	out, err := openFolder(folder)
	if err != nil {
		return err
	}
	path, err := out.write("compare."+f.format, func(w io.Writer) error { return printed(w.Write(content)) })
	if err == nil {
		c.Charts = []string{path}
	}
	return err
}

func (f compareFlags) print(cmd *cobra.Command, c reports.Comparison) error {
	write := func(w io.Writer) error { return c.Table(w, styleFor(cmd, f.noColor)) }
	switch {
	case f.asJSON:
		write = c.JSON
	case f.asMarkdown:
		write = c.Markdown
	}
	return write(cmd.OutOrStdout())
}

// runWarnings say what makes the runs hard to compare besides their numbers.
func runWarnings(sides [2]reports.Attack) []analysis.Warning {
	var all []analysis.Warning
	for i, side := range sides {
		which := []string{"first", "second"}[i]
		if side.Partial {
			all = append(all, analysis.Warning(fmt.Sprintf("the %s run was not carried out to its end", which)))
		}
		for _, w := range side.Load.Warnings {
			all = append(all, analysis.Warning(fmt.Sprintf("the %s run: %s", which, w)))
		}
	}
	head := sides[1].Load.Layout
	for _, b := range sides[0].Load.Layout.Streams {
		for _, h := range head.Streams {
			if h.Name == b.Name && b.Schedule != nil && h.Schedule != nil && !reflect.DeepEqual(b.Schedule, h.Schedule) {
				all = append(all, analysis.Warning(fmt.Sprintf("%s had another schedule in the second run", b.Name)))
			}
		}
	}
	return all
}
