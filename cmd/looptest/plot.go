package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/reports"
)

// plotFlags is what the user asked for.
type plotFlags struct {
	out, format string
	asJSON      bool
}

func newPlot() *cobra.Command {
	var f plotFlags
	cmd := &cobra.Command{
		Use:   "plot [FOLDER|FILE]...",
		Short: "Draw what was recorded: timeline, percentiles, throughput",
		Long: `Draw what was recorded, and print the paths of the pictures: response times over
time with stalls and phases, response and service time by quantile, achieved
against offered load. Several recordings are drawn as one.

` + readable + `

Exit codes: 0 drawn, 2 usage, 4 could not be read or drawn, 130 interrupted.`,
		Example: `  looptest plot looptest-out/attack-20260102-150405  # into that folder
  looptest plot results --format svg --out pictures
  looptest plot results.gob --out pictures           # vegeta's`,
		RunE: func(cmd *cobra.Command, args []string) error { return plot(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "folder for the pictures (default: the run folder; looptest-out/plot-DATE-TIME for files and several folders)")
	flags.StringVar(&f.format, "format", "png", "format of the charts: "+strings.Join(reports.Formats, ", "))
	flags.BoolVar(&f.asJSON, "json", false, "print the paths as one JSON object")
	return cmd
}

func plot(cmd *cobra.Command, f plotFlags, args []string) error {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	in, err := openInput(cmd, args)
	if err != nil {
		return err
	}
	defer in.close()
	r, err := in.report(cmd.Context(), nil)
	if err != nil {
		return err
	}
	out, err := openFolder(f.folder(in, time.Now()))
	if err != nil {
		return unable(err)
	}
	paths, err := drawInput(out, f.format, in, r)
	if err = errors.Join(err, f.print(cmd.OutOrStdout(), r, paths)); err != nil {
		return unable(err)
	}
	return nil
}

// drawInput draws what the records can show: a distribution has no moments.
func drawInput(out outFolder, format string, in *input, r reports.Attack) (paths []string, err error) {
	if in.all.Head().NoTimes {
		chart := reports.LoadPercentiles
		path, err := out.write(string(chart)+"."+format, func(w io.Writer) error { return r.Draw(w, format, chart) })
		return []string{path}, err
	}
	paths, err = writeLoadCharts(out, format, r)
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("%s: %w: nothing was sent", in.title(), reports.ErrNothingToDraw)
	}
	return paths, err
}

// print prints one path a line, or all as a JSON object.
func (f plotFlags) print(w io.Writer, r reports.Attack, paths []string) error {
	if f.asJSON {
		d := newDone("plot", r.Load.Warnings)
		d.Charts = append([]string{}, paths...)
		return d.write(w)
	}
	for _, path := range paths {
		if _, err := fmt.Fprintln(w, path); err != nil {
			return err
		}
	}
	return nil
}

// folder is where the pictures go: beside the records when they are in one
// folder.
func (f plotFlags) folder(in *input, now time.Time) string {
	if f.out != "" {
		return f.out
	}
	if len(in.names) == 1 {
		if info, err := os.Stat(in.names[0]); err == nil && info.IsDir() {
			return in.names[0]
		}
	}
	return "looptest-out/plot" + now.Format("-20060102-150405")
}

func checkFormat(format string) error {
	if !slices.Contains(reports.Formats, format) {
		return fmt.Errorf("--format %q: must be one of %s", format, strings.Join(reports.Formats, ", "))
	}
	return nil
}
