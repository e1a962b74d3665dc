package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/target"
	"github.com/looptest/looptest/target/loop"
)

func newServe() *cobra.Command {
	var config target.Config
	var unit int
	var untilStdinCloses bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the reference event-loop server",
		Long: `Run the reference server: an event loop with Node's semantics behind HTTP.

It prints its two addresses as one line of JSON when it is ready. The first
answers the routes, on the loop (GET / lists them with their parameters):

` + routeHelp() + `
The second answers beside the loop, also while it is blocked:

  /stats      utilization, percentiles of the loop's lag, what holds it, memory, CPU
  /lag        the loop's lag: histogram and time series
  /memory     heap and resident memory over time
  /requests   the newest requests, in the order of their answers
  /metrics    for Prometheus
  /debug/heapdiff  what the heap holds more than at the first call, by call site;
              ?mark begins anew; ?top= and ?format=text
  /debug/pprof/

An error that nobody catches, in a handler or in a later callback of it, and a
rejected promise that nobody handles are logged to standard error as a line of JSON
with their route and stack, and counted apart in /stats and /metrics. Their request
gets a 500; the server lives on. With --exit-on-uncaught it ends instead, as Node
does by default: all connections are closed, what is open is cleaned up, and the
exit code is Node's.

The /db routes keep their rows in an SQLite that is embedded, in a temporary
folder, or with --db in a schema of the server's own in a Postgres; either is
removed at the end. --db is better given as the environment variable
LOOPTEST_DB, since other processes can read a command's arguments.

With --max-lag the server turns requests away, with 503 and at once, while the
loop lags: a timer on the loop, due twice a second, notes how late it ran, and
each sample counts for a third of the smoothed lag. From --max-lag on a share of
the requests is turned away, from twice as much all but /health, which tells the
lag and whether it is busy.

With --log-requests and --watch-lag what the loop does is logged in the same way.
Nothing waits for whoever reads the log: lines that are not read in time are
dropped, and counted.

Ctrl-C or SIGTERM stops accepting, finishes what is in flight, cleans up and exits
0; a second one ends the server at once, and so does the end of --grace. Until then
requests on connections that are open already are answered too, with Connection:
close; connections that nobody uses are closed when all clients have been quiet for
a fiftieth of --grace, 0.5 s at most. With --grace 0 all of them are closed at once,
as when Node ends without a handler of the signal.

Exit codes: 0 ended as asked, 2 usage, 4 could not run, or requests were still in
flight at the end of --grace, or the clean-up failed; 1 an uncaught error under
--exit-on-uncaught; 7 the handling of an uncaught error failed itself.`,
		Example: `  looptest serve --addr 127.0.0.1:3000
  curl 'http://127.0.0.1:3000/slow?mode=block' &
  curl http://127.0.0.1:3000/ok     # waits until /slow is done

  UV_THREADPOOL_SIZE=8 looptest serve`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config.Addr = addressFromEnvironment(config.Addr)
			config.Database = databaseFromEnvironment(config.Database)
			if err := checkServe(cmd, config, unit); err != nil {
				return err
			}
			config.Unit = target.Unit(unit)
			if config.Grace == 0 {
				config.Grace = target.NoGrace
			}
			ctx := cmd.Context()
			if untilStdinCloses {
				ctx = untilClosed(ctx, cmd.InOrStdin())
			}
			log := target.NewLogWriter(cmd.ErrOrStderr())
			defer log.Close()
			config.Log = slog.New(slog.NewJSONHandler(log, nil))
			return serve(ctx, config, cmd.OutOrStdout())
		},
	}
	serveFlags(cmd, &config, &unit, &untilStdinCloses)
	return cmd
}

func serveFlags(cmd *cobra.Command, config *target.Config, unit *int, untilStdinCloses *bool) {
	flags := cmd.Flags()
	flags.StringVar(&config.Addr, "addr", "127.0.0.1:0", "address of the routes; port 0 takes the one in the environment variable PORT, or a free one")
	flags.StringVar(&config.ObserveAddr, "observe-addr", "127.0.0.1:0", "address of the observation beside the loop")
	flags.IntVar(&config.PoolSize, "pool-size", 0, "threads in the pool, 1 to 1024 (default: UV_THREADPOOL_SIZE, or 4)")
	flags.IntVar(&config.Workers, "workers", 0, "workers at most, 1 to 64 (default: one a core)")
	flags.IntVar(&config.WorkerQueue, "worker-queue", target.DefaultWorkerQueue, fmt.Sprintf("tasks that may wait for a worker, 1 to %d; more are answered with 503", target.MaxWorkerQueue))
	flags.IntVar(unit, "unit", 0, "additions in a step of /slow (default: calibrated at start to about 1 µs)")
	flags.DurationVar(&config.Grace, "grace", target.DefaultGrace, "how long a shutdown waits for what is in flight; 0 ends at once")
	flags.DurationVar(&config.MaxLag, "max-lag", 0, "turn requests away with 503 while the loop's smoothed lag is over this, 10ms to 1m; the guide takes 70ms (default: never)")
	flags.BoolVar(&config.WatchLag, "watch-lag", false, "log when a timer on the loop that is due once a second runs more than 100 ms late, and what held the loop")
	flags.BoolVar(&config.LogRequests, "log-requests", false, "log every request that the loop answered: method, path, ms, code")
	flags.BoolVar(&config.ExitOnUncaught, "exit-on-uncaught", false, "end at the first uncaught error or unhandled rejection, with Node's exit code 1")
	flags.DurationVar(&config.WatchHeap, "watch-heap", 0, "log a leak, and where it was allocated, when the heap after collections keeps growing for that long, as --watch-heap=30s (default: no watch; without a value 1m)")
	flags.Lookup("watch-heap").NoOptDefVal = target.DefaultHeapWatch.String()
	flags.StringVar(&config.Profiles, "profiles", "", "folder into which SIGUSR2 writes a profile of the heap")
	flags.StringVar((*string)(&config.Database), "db", "", "database of the /db routes, opened at start: sqlite, or postgres://USER:PASSWORD@HOST/NAME (default: the environment variable "+target.DatabaseVariable+", or an SQLite that is opened when it is first used)")
	flags.IntVar(&config.DatabasePool, "db-pool", target.DefaultDatabasePool, fmt.Sprintf("connections to the database, 1 to %d", target.MaxDatabasePool))
	flags.Func("slow-down", "to try a gate out: hold every answer back by a share of its time so far, or a time (10%, 5ms)", config.Dose.SlowDown)
	flags.Func("stall-share", "likewise: hold a share of the answers back for a time (1%:50ms)", config.Dose.Stalls)
	flags.Func("block-every", "likewise: hold the loop every so often for a time (1s:100ms)", config.Dose.Blocks)
	flags.StringVar(&config.Data, "data", "", "folder of the files that /fs/… works on; what the server makes there to be read stays (default: a private one, removed at the end)")
	flags.BoolVar(untilStdinCloses, "until-stdin-closes", false, "also end when standard input is closed")
	flags.MarkHidden("until-stdin-closes")
}

const (
	maxWorkers     = 64
	leastHeapWatch = 100 * time.Millisecond
	mostHeapWatch  = 24 * time.Hour
)

// routeHelp lists the routes, a line each, with their parameters' names.
func routeHelp() string {
	var lines strings.Builder
	for _, r := range target.Routes(1) {
		var names []string
		for _, p := range r.Params {
			names = append(names, p.Name+"=")
		}
		url := r.Path
		if len(names) > 0 {
			url += "?" + strings.Join(names, "&")
		}
		fmt.Fprintf(&lines, "  %-28s %s\n", url, r.Does)
	}
	return lines.String()
}

func checkServe(cmd *cobra.Command, c target.Config, unit int) error {
	switch {
	case !isAddress(c.Addr):
		return fmt.Errorf("--addr %q: must be HOST:PORT", c.Addr)
	case !isAddress(c.ObserveAddr):
		return fmt.Errorf("--observe-addr %q: must be HOST:PORT", c.ObserveAddr)
	case cmd.Flags().Changed("pool-size") && loop.PoolSize(c.PoolSize) != c.PoolSize:
		return fmt.Errorf("--pool-size %d: must be from 1 to %d", c.PoolSize, loop.MaxPoolSize)
	case c.Workers < 0 || c.Workers > maxWorkers:
		return fmt.Errorf("--workers %d: must be from 1 to %d, or 0 for one a core", c.Workers, maxWorkers)
	case c.WorkerQueue < 1 || c.WorkerQueue > target.MaxWorkerQueue:
		return fmt.Errorf("--worker-queue %d: must be from 1 to %d tasks", c.WorkerQueue, target.MaxWorkerQueue)
	case unit < 0 || unit > 1_000_000:
		return fmt.Errorf("--unit %d: must be from 1 to 1000000 additions, or 0 to calibrate", unit)
	case c.Grace < 0 || c.Grace > time.Hour:
		return fmt.Errorf("--grace %v: must be from 0, which ends at once, to 1h", c.Grace)
	case c.MaxLag != 0 && (c.MaxLag < target.LeastMaxLag || c.MaxLag > target.MostMaxLag):
		return fmt.Errorf("--max-lag %v: must be from 10ms to 1m, or 0 to turn nobody away", c.MaxLag)
	case c.Data != "" && !isFolder(c.Data):
		return fmt.Errorf("--data %q: no such folder; make it first", c.Data)
	case cmd.Flags().Changed("watch-heap") && (c.WatchHeap < leastHeapWatch || c.WatchHeap > mostHeapWatch):
		return fmt.Errorf("--watch-heap %v: must be from %v to %v", c.WatchHeap, leastHeapWatch, mostHeapWatch)
	case cmd.Flags().Changed("profiles") && c.Profiles == "":
		return errors.New("--profiles: must be a folder")
	case c.DatabasePool < 1 || c.DatabasePool > target.MaxDatabasePool:
		return fmt.Errorf("--db-pool %d: must be from 1 to %d", c.DatabasePool, target.MaxDatabasePool)
	}
	return checkDatabase(c.Database)
}

// checkDatabase never shows the DSN: there may be a password in it.
func checkDatabase(dsn target.DSN) error {
	if err := dsn.Check(); err != nil {
		return fmt.Errorf("--db, or %s: %w", target.DatabaseVariable, err)
	}
	return nil
}

// addressFromEnvironment puts the port that looptest gives to a command it starts
// in the place of port 0.
func addressFromEnvironment(address string) string {
	host, port, err := net.SplitHostPort(address)
	if given := os.Getenv("PORT"); err == nil && port == "0" && given != "" {
		return net.JoinHostPort(host, given)
	}
	return address
}

// databaseFromEnvironment takes the DSN from the environment when no flag gives
// one.
func databaseFromEnvironment(dsn target.DSN) target.DSN {
	return cmp.Or(dsn, target.DSN(os.Getenv(target.DatabaseVariable)))
}

func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	return err == nil && port != ""
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func serve(ctx context.Context, config target.Config, stdout io.Writer) error {
	signal.Ignore(syscall.SIGPIPE) // a standard error that nobody reads is no reason to end
	server, err := target.Listen(config)
	if err != nil {
		return unable(err)
	}
	if err := json.NewEncoder(stdout).Encode(server.Ready(os.Getpid())); err != nil {
		return unable(errors.Join(err, server.Close()))
	}
	err = server.Serve(ctx)
	var crash *target.Crash
	switch {
	case errors.As(err, &crash):
		return failure{crash.Code, err}
	case err != nil:
		return unable(err)
	}
	return nil
}

// untilClosed makes a context that is also done when the reader ends.
func untilClosed(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		io.Copy(io.Discard, r)
		cancel()
	}()
	return ctx
}
