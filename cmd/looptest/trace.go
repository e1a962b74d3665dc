package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target/programs"
)

// traceFlags is what the user asked for.
type traceFlags struct {
	list, node, asJSON, noColor bool
	png                         string
}

func newTrace() *cobra.Command {
	var f traceFlags
	cmd := &cobra.Command{
		Use:   "trace [PROGRAM]",
		Short: "Run a small program on the loop and show its order, phase by phase",
		Long: `Run one of the built-in programs on the loop, and print each line with the
phase that it came from and its time. Without a program, list them.

With --node the same program runs in JavaScript on the installed Node too, and
any difference in order is shown. Orders that Node itself leaves open are marked
and not compared.

Exit codes: 0 the order is as it should be, 1 it differs from Node's, 2 usage,
4 could not run, also when --node finds no Node.`,
		Example: `  looptest trace                           # what there is to see
  looptest trace microtasks                # ticks, promise jobs, then the loop
  looptest trace thread-pool --node        # beside the installed Node
  looptest trace phases --png phases.png   # a swim-lane chart
  looptest trace starvation --json         # one JSON object`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return programNames(), cobra.ShellCompDirectiveNoFileComp
		},
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return trace(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.list, "list", false, "list the programs and what each shows")
	flags.BoolVar(&f.node, "node", false, "run it on the installed Node too, and compare the order")
	flags.StringVar(&f.png, "png", "", "draw it as a swim-lane chart into this file")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON object on standard output and no tables")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also by the environment variable NO_COLOR)")
	return cmd
}

func programNames() []string {
	var names []string
	for _, p := range programs.All() {
		names = append(names, p.Name)
	}
	return names
}

func trace(cmd *cobra.Command, f traceFlags, args []string) error {
	if f.list || len(args) == 0 {
		return listPrograms(cmd.OutOrStdout(), f, args)
	}
	p, err := chooseProgram(args[0])
	if err != nil {
		return err
	}
	t := reports.Trace{BesideNode: f.node, Environment: attack.ReadEnvironment(), Version: buildVersion().Version}
	if t.Pair, err = runProgram(cmd.Context(), p, f.node); err != nil {
		return interruptedOr(cmd.Context(), err)
	}
	if f.png != "" {
		if t.Chart, err = drawTrace(t, f.png); err != nil {
			return unable(err)
		}
	}
	if err := printTrace(cmd.OutOrStdout(), f, t); err != nil {
		return unable(err)
	}
	if t.Outcome() != analysis.Pass {
		return failure{code: exitFail}
	}
	return nil
}

func listPrograms(w io.Writer, f traceFlags, args []string) error {
	switch {
	case len(args) > 0:
		return fmt.Errorf("--list takes no program, and got %q", args[0])
	case f.node || f.png != "":
		return fmt.Errorf("--node and --png need a program; there are %s", enumerate(programNames()))
	}
	list := reports.ProgramList
	if f.asJSON {
		list = reports.ProgramListJSON
	}
	if err := list(w, programs.All()); err != nil {
		return unable(err)
	}
	return nil
}

func chooseProgram(name string) (programs.Program, error) {
	p, ok := programs.Find(name)
	if ok {
		return p, nil
	}
	if near := scenario.Nearest(name, programNames()); near != "" {
		return p, fmt.Errorf("no program is named %q; did you mean %s?", name, near)
	}
	return p, fmt.Errorf("no program is named %q; there are %s", name, enumerate(programNames()))
}

func runProgram(ctx context.Context, p programs.Program, besideNode bool) (programs.Pair, error) {
	if besideNode {
		return programs.RunBoth(ctx, p)
	}
	t, err := programs.Run(p)
	return programs.Pair{Trace: t}, err
}

// interruptedOr says why a program could not run, with its exit code.
func interruptedOr(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return failure{exitInterrupted, errors.New("interrupted")}
	case errors.Is(err, programs.ErrNoNode):
		return unable(fmt.Errorf("--node: %w\nhint: install Node 20 or later, or leave --node out", err))
	}
	return unable(err)
}

func drawTrace(t reports.Trace, path string) (string, error) {
	folder := outFolder(filepath.Dir(path))
	path, err := folder.write(filepath.Base(path), func(w io.Writer) error { return t.Swimlanes(w, "png") })
	if err != nil {
		return "", fmt.Errorf("--png: %w", err)
	}
	return path, nil
}

func printTrace(w io.Writer, f traceFlags, t reports.Trace) error {
	if f.asJSON {
		return t.JSON(w)
	}
	return t.Table(w, reports.Style{Colour: !f.noColor && os.Getenv("NO_COLOR") == "" && isTerminal(w)})
}
