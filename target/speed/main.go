// Command speed measures the loop beside Node and beside plain net/http.
//
// The way of a number:
//
//  1. Operations are the benchmarks of target/loop, and testdata/speed.cjs
//     there does the same on Node. Each runs in a process of its own.
//  2. Servers that say hello are started as children and driven by wrk.
//  3. Rounds alternate: every contestant runs once a round, and every other
//     round goes in the opposite order, so that drift of the machine meets all.
//  4. The table holds the medians, their ratio, the range of the rounds' own
//     ratios, and the floor.
//
// It judges nothing by its exit code: a speed is no test. Without node or wrk
// it says so and leaves out what needs them.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// settings are the command's flags.
type settings struct {
	rounds int
	load   time.Duration // of wrk, per server and round
	only   string        // operation or server; all when empty
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var s settings
	flags := flag.NewFlagSet("speed", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&s.rounds, "rounds", 7, "rounds; each runs every contestant once")
	flags.DurationVar(&s.load, "load", 2*time.Second, "how long wrk drives a server in a round")
	flags.StringVar(&s.only, "only", "", "run only the operation of that `name`, or HTTP")
	hello := flags.String("serve", "", "be one of the servers, plain or loop, until standard input closes")
	if flags.Parse(args) != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case *hello != "":
		err = serve(*hello, stdin, stdout)
	case !known(s.only):
		fmt.Fprintf(stderr, "speed: -only %q: must be %s\n", s.only, names())
		return 2
	case s.rounds < 1 || s.load < time.Second:
		fmt.Fprintln(stderr, "speed: at least one round and one second of load are needed")
		return 2
	default:
		err = measure(ctx, s, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "speed:", err)
		return 1
	}
	return 0
}

// measure runs everything and prints the table.
func measure(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	k, err := openKit(ctx, stderr)
	if err != nil {
		return err
	}
	defer k.close()
	rows, err := k.operations(ctx, s)
	if err != nil {
		return err
	}
	served, err := k.http(ctx, s)
	if err != nil {
		return err
	}
	return printTable(stdout, s, append(rows, served...))
}
