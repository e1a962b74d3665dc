// Command fuzznode compares the loop with the installed Node on random
// programs, and exits with 1 when they disagree on one.
//
//	go run ./target/loop/fuzz/cmd/fuzznode -n 5000 -seed 1
//	go run ./target/loop/fuzz/cmd/fuzznode -n 5000 -plain
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/looptest/looptest/target/loop/fuzz"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	var c fuzz.Campaign
	var without string
	flags := flag.NewFlagSet("fuzznode", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&c.Programs, "n", 5000, "number of programs")
	flags.Uint64Var(&c.Seed, "seed", 1, "seed of the first program; the others follow")
	flags.BoolVar(&c.Options.Plain, "plain", false, "without virtual time: no timers, no pool, and no C compiler needed")
	flags.StringVar(&c.Golden, "golden", "", "write the programs and Node's traces to this `file`, if all agree")
	flags.StringVar(&without, "without", "", "operations to leave out, separated by commas")
	flags.IntVar(&c.Most, "most", 5, "number of mismatches to stop at")
	flags.IntVar(&c.Jobs, "jobs", runtime.NumCPU(), "programs at the same time")
	if flags.Parse(args) != nil {
		return 2
	}
	for _, kind := range strings.FieldsFunc(without, func(r rune) bool { return r == ',' }) {
		c.Options.Without = append(c.Options.Without, fuzz.Kind(kind))
	}
	result, err := c.Run(stdout)
	if err != nil {
		fmt.Fprintln(stderr, "fuzznode:", err)
		return 1
	}
	fmt.Fprintln(stdout, result)
	if len(result.Mismatches) > 0 {
		return 1
	}
	return 0
}
