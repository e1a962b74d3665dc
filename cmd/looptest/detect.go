package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
)

// detectFlags is what the user asked for.
type detectFlags struct {
	requests                   scenario.Flags
	scenario, probe, poolProbe string
	unsafe                     []string
	seed                       string
	budget                     time.Duration
	failOn                     []string

	watch bool
	rate  string

	out, format, junit, markdown                string
	asJSON, jsonLines, quiet, noColor, noCharts bool
	ownThisTarget                               bool
}

func newDetect() *cobra.Command {
	var f detectFlags
	cmd := &cobra.Command{
		Use:   "detect URL... [flags] [-- COMMAND...]",
		Short: "Find out which endpoint holds a server's event loop, from outside",
		Long: `Find out which endpoint of a server holds its event loop, for how long, and how
it works, by sending requests and nothing else: the server stays as it is.

A cheap request, the probe, is sent beside each endpoint; how long it waits tells.
Pairs of shots say whether the loop is held: by a coin either the endpoint or the
probe itself is asked for, and the next probe 0.3 ms later. Bursts of 12 say how it
works:

  blocking          holds the loop to its end
  partly-blocking   holds it for a part of its time
  cooperative       gives it back between chunks
  off-loop          runs on a pool or a worker, so many at once
  waiting           only waits
  trivial           does hardly anything
  sheds             is turned away when there is too much of it
  processes         holds one of several processes
  unsure            can't be told, and why

Without --probe the cheapest GET of those given, and of /, is it. Endpoints that
change something are not asked for unless --unsafe names their method. One endpoint
is asked for at a time, about 60 times, at most 16 at once. Redirects are not
followed. With --scenario those come first that hold the loop for the largest part
of the time, by how often the scenario asks for them.

After -- stands a command that starts the server, as with attack.

--fail-on names what must not be found: a kind, a kind whose stall is longer than a
bound (blocking>10ms), or any stall (stall>100ms).

--watch judges no endpoint: it sends the probe gently, for --duration or until
Ctrl-C, and tells stalls as they happen, whatever causes them.

Ctrl-C keeps what was judged; a second Ctrl-C leaves at once.

Exit codes: 0 judged, 1 something that --fail-on names, 2 usage, 3 something is
unsure, 4 could not run, 130 interrupted.`,
		Example: `  looptest detect http://127.0.0.1:3000/report http://127.0.0.1:3000/search --probe http://127.0.0.1:3000/health
  looptest detect /report /search --probe /ok -- node server.js
  looptest detect http://127.0.0.1:3000/hash --pool-probe /small-file   # exact pool size
  looptest detect --targets requests.http --unsafe POST --json
  looptest detect http://127.0.0.1:3000/me --header 'Cookie: session=…' --fail-on 'blocking>10ms'
  looptest detect --scenario scenario.yaml --fail-on blocking,partly-blocking --junit detect.xml
  looptest detect --watch http://127.0.0.1:3000/health --fail-on 'stall>100ms' --duration 10m`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.watch {
				w, err := planWatch(cmd, f, args)
				if err != nil {
					return err
				}
				return w.run(cmd.Context())
			}
			d, err := planDetect(cmd, f, args)
			if err != nil {
				return err
			}
			return d.run(cmd.Context())
		},
	}
	f.add(cmd)
	cmd.RegisterFlagCompletionFunc("fail-on", completeKinds)
	cmd.RegisterFlagCompletionFunc("unsafe", cobra.FixedCompletions([]string{"POST", "PUT", "PATCH", "DELETE"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f *detectFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.probe, "probe", "", "URL or path of a cheap request that feels the stalls (default: the cheapest GET of those given, and of /)")
	flags.StringVar(&f.poolProbe, "pool-probe", "", "URL or path of a short request for the same thread pool, such as a small file: tells the pool's size exactly")
	flags.StringSliceVar(&f.unsafe, "unsafe", nil, "methods that may be sent besides GET and HEAD, such as POST")
	flags.StringVar(&f.scenario, "scenario", "", "take the requests, how often they are asked for, and the target from a scenario file")
	flags.StringSliceVar(&f.failOn, "fail-on", nil, "what must not be found: kinds, or stalls longer than a bound, such as blocking>10ms or stall>100ms (may be given several times)")
	addRequestFlags(flags, &f.requests)
	addConnectionFlags(flags, &f.requests)
	flags.Lookup("timeout").DefValue = detect.DefaultTimeout.String()
	f.requests.Timeout = detect.DefaultTimeout
	flags.DurationVar(&f.budget, "time-budget", detect.DefaultBudget, "how long one endpoint may be looked at, about")
	flags.StringVar(&f.seed, "seed", "", "hexadecimal number that repeats the order of the shots (default: drawn)")
	flags.BoolVar(&f.watch, "watch", false, "send only the probe, gently, and tell stalls as they happen")
	flags.StringVar(&f.rate, "rate", watchRate, "probes a second, with --watch")
	flags.DurationVar(&f.requests.Duration, "duration", 0, "how long to watch (default: until Ctrl-C)")
	flags.StringVar(&f.out, "out", "", "folder for detect.json, index.md and the charts (default looptest-out/detect-DATE-TIME)")
	flags.BoolVar(&f.noCharts, "no-charts", false, "draw no pictures")
	flags.StringVar(&f.format, "format", "png", "format of the charts: "+strings.Join(reports.Formats, ", "))
	flags.StringVar(&f.junit, "junit", "", "file for a test case per endpoint as JUnit XML, too")
	flags.StringVar(&f.markdown, "markdown", "", "file for a summary in Markdown, too")
	flags.BoolVar(&f.ownThisTarget, "i-own-this-target", false, "allow a target that is not on this machine")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON object on standard output and no table")
	flags.BoolVar(&f.jsonLines, "json-lines", false, "with --watch: print a JSON object per stall on standard output, and the summary as the last")
	flags.BoolVar(&f.quiet, "quiet", false, "print only the outcome and a line for each endpoint")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also by the environment variable NO_COLOR)")
}

// completeKinds offers what --fail-on can name.
func completeKinds(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	offered := []string{detect.AnyStall + "\twhatever holds the loop", detect.AnyStall + ">10ms\twhatever holds it longer"}
	for _, k := range detect.Kinds {
		offered = append(offered, string(k))
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}
