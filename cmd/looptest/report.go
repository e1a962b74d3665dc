package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
)

// reportFlags is what the user asked for.
type reportFlags struct {
	asJSON, asMarkdown, quiet, noColor bool
	junit                              string
	budgets                            []string
}

func newReport() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report [FOLDER|FILE]...",
		Short: "Report what was recorded, as attack and run do at their end",
		Long: `Report what was recorded: the same table, verdict and exit code as when the load
ended, and budgets that were thought of later. Several recordings are read as
one, as if they had been made side by side.

` + readable + `

Records of other tools don't say when a request was meant to be sent: they have
the service time only, and are shown as that.

Exit codes: 0 all budgets held, 1 a budget is broken or every request failed,
2 usage, 3 inconclusive (also a run that was cut short), 4 invalid or it could
not be read, 130 interrupted.`,
		Example: `  looptest report looptest-out/attack-20260102-150405
  looptest report results --budget 'p99 < 50ms' --budget 'error_rate < 0.1%'
  looptest report shard-1 shard-2 shard-3  # several as one
  vegeta attack -rate 100 < targets | looptest report
  looptest report results --json | jq .streams
  looptest report results --markdown >> "$GITHUB_STEP_SUMMARY"`,
		RunE: func(cmd *cobra.Command, args []string) error { return report(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.budgets, "budget", nil, "what has to hold besides what the scenario names, such as 'p99 < 50ms' (may be given several times)")
	flags.StringVar(&f.junit, "junit", "", "file for the budgets as JUnit XML, too")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON object on standard output and no tables")
	flags.BoolVar(&f.asMarkdown, "markdown", false, "print Markdown, for a pull request")
	flags.BoolVar(&f.quiet, "quiet", false, "print only the verdict and broken budgets")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also by the environment variable NO_COLOR)")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown", "quiet")
	return cmd
}

func report(cmd *cobra.Command, f reportFlags, args []string) (failed error) {
	added, err := parseBudgets(f.budgets)
	if err != nil {
		return err
	}
	in, err := openInput(cmd, args)
	if err != nil {
		return err
	}
	defer in.close()
	r, err := in.report(cmd.Context(), added)
	if err != nil {
		return err
	}
	if f.junit != "" {
		failed = writeFile(f.junit, r.JUnit)
	}
	if err := errors.Join(failed, f.print(cmd, r)); err != nil {
		return unable(err)
	}
	return outcomeExit(r.Outcome())
}

func (f reportFlags) print(cmd *cobra.Command, r reports.Attack) error {
	write := func(w io.Writer) error { return r.Table(w, styleFor(cmd, f.noColor)) }
	switch {
	case f.asJSON:
		write = r.JSON
	case f.asMarkdown:
		write = r.Markdown
	case f.quiet:
		write = r.Verdict
	}
	return write(cmd.OutOrStdout())
}

func parseBudgets(texts []string) ([]scenario.Budget, error) {
	var all []scenario.Budget
	for _, text := range texts {
		b, err := scenario.ParseBudget(text)
		if err != nil {
			return nil, fmt.Errorf("--budget: %w", err)
		}
		all = append(all, b)
	}
	return all, nil
}
