package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes, for every command.
const (
	exitPass         = 0
	exitFail         = 1
	exitUsage        = 2
	exitInconclusive = 3
	exitInvalid      = 4 // or it could not run
	exitInterrupted  = 130
)

// failure is an error with the exit code that belongs to it. Its error is nil
// when everything was said already.
type failure struct {
	code int
	err  error
}

func (f failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit code %d", f.code)
	}
	return f.err.Error()
}

func (f failure) Unwrap() error { return f.err }

// unable says that a command could not do its work.
func unable(err error) error { return failure{exitInvalid, err} }

// run is the whole program: it parses args, runs the command and gives the exit
// code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitPass
	}
	code := exitUsage // what cobra itself finds wrong
	var f failure
	if errors.As(err, &f) {
		code = f.code
		err = f.err
	}
	if err != nil {
		fmt.Fprintf(stderr, "looptest: %v\n", err)
	}
	if code == exitUsage {
		fmt.Fprintln(stderr, "hint: add --help to see what the command takes")
	}
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "looptest",
		Short: "Load testing that sees a blocked event loop",
		Long: `looptest shows what a blocked event loop does to everyone else's requests.

  bench   proves on a reference server what each fix is worth
  attack  puts load on your own server and says how long its users wait
  run     the same from a scenario file: streams, phases, budgets
  report  shows records again, also those of other tools; plot, convert, compare
  detect  finds which endpoint holds a server's event loop, from outside
  gate    says whether a new build is slower than the old one
  serve   runs the reference server, for trying things out
  trace   runs small programs on its loop and shows their order, beside Node`,
		Example: `  looptest bench            # prove the claims, in under 5 minutes
  looptest bench --quick    # the same with shorter runs
  looptest attack http://127.0.0.1:8080/ --rate 200/s --budget 'p99 < 50ms'
  looptest detect http://127.0.0.1:8080/report --probe /health
  looptest gate --base ./old --head ./new --url /orders
  looptest serve            # the reference server on a free port
  looptest trace microtasks # who comes first on the loop`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagMistake)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(newBench(), newAttack(), newRun(), newReport(), newPlot(), newConvert(), newCompare(), newGate(), newDetect(), newServe(), newTrace(), newVersion())
	return root
}
