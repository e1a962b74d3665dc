package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/attack/scenario"
)

func newRun() *cobra.Command {
	var f loadFlags
	var asExample, asSchema, check bool
	cmd := &cobra.Command{
		Use:   "run SCENARIO.yaml",
		Short: "Carry out a scenario: streams, phases and budgets from a file",
		Long: `Carry out a scenario: a target, or a command that starts one; streams of
requests, each with its own load over the phases; budgets that have to hold.

--init prints a commented scenario to begin with, and --schema the JSON Schema
for editors. "-" reads the scenario from standard input.

Latency is response time, counted from the moment a request was meant to be
sent, beside service time, counted from the moment it was sent.

Ctrl-C stops, saves and reports; a second Ctrl-C leaves at once.

Exit codes: 0 all budgets held, 1 a budget is broken or every request failed,
2 usage, 3 inconclusive, 4 invalid or could not run, 130 interrupted.`,
		Example: `  looptest run --init > scenario.yaml  # a commented example
  looptest run scenario.yaml
  looptest run scenario.yaml --check   # only look for mistakes
  looptest run scenario.yaml --json --out results
  looptest run --schema > scenario.schema.json`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := excludeEachOther(cmd.Flags(), "init", "schema", "check"); err != nil {
				return err
			}
			switch {
			case asExample:
				return printed(cmd.OutOrStdout().Write(scenario.Example()))
			case asSchema:
				return printed(cmd.OutOrStdout().Write(scenario.Schema()))
			case len(args) == 0:
				return fmt.Errorf("which scenario? give its file, or begin with: looptest run --init > scenario.yaml")
			}
			s, err := readScenario(cmd, args[0])
			if err != nil {
				return err
			}
			if check {
				return printed(fmt.Fprintf(cmd.OutOrStdout(), "%s is fine; it would send to %s\n", nameOf(args[0]), outline(s)))
			}
			return startAttacking(cmd, f, s)
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&asExample, "init", false, "print a commented scenario to begin with")
	flags.BoolVar(&asSchema, "schema", false, "print the JSON Schema of a scenario, for editors")
	flags.BoolVar(&check, "check", false, "look for mistakes and say what would be sent, but send nothing")
	return cmd
}

func printed(_ int, err error) error {
	if err != nil {
		return unable(err)
	}
	return nil
}

// nameOf is what messages call the scenario's file.
func nameOf(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

func readScenario(cmd *cobra.Command, path string) (*scenario.Scenario, error) {
	var source []byte
	var err error
	if path == "-" {
		source, err = io.ReadAll(cmd.InOrStdin())
	} else {
		source, err = os.ReadFile(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the scenario %q is not there; looptest run --init writes one to begin with", path)
	case err != nil:
		return nil, fmt.Errorf("the scenario can't be read: %w", err)
	}
	return scenario.Parse(source, nameOf(path))
}
