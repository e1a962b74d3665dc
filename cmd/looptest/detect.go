package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
)

// detectFlags is what the user asked for.
type detectFlags struct {
	requests                         scenario.Flags
	scenario, probe, poolProbe       string
	unsafe                           []string
	seed                             string
	budget                           time.Duration
	out, format                      string
	asJSON, quiet, noColor, noCharts bool
	ownThisTarget                    bool
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
is asked for at a time, about 60 times, at most 16 at once.

After -- stands a command that starts the server, as with attack.

Exit codes: 0 judged, 2 usage, 3 something is unsure, 4 could not run,
130 interrupted; what was judged by then is reported.`,
		Example: `  looptest detect http://127.0.0.1:3000/report http://127.0.0.1:3000/search --probe /health
  looptest detect /report /search --probe /ok -- node server.js
  looptest detect http://127.0.0.1:3000/hash --pool-probe /small-file   # exact pool size
  looptest detect --targets requests.http --unsafe POST --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := planDetect(cmd, f, args)
			if err != nil {
				return err
			}
			return d.run(cmd.Context())
		},
	}
	f.add(cmd)
	return cmd
}

func (f *detectFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.probe, "probe", "", "URL or path of a cheap request that feels the stalls (default: the cheapest GET of those given, and of /)")
	flags.StringVar(&f.poolProbe, "pool-probe", "", "URL or path of a short request for the same thread pool, such as a small file: tells the pool's size exactly")
	flags.StringSliceVar(&f.unsafe, "unsafe", nil, "methods that may be sent besides GET and HEAD, such as POST")
	flags.StringVar(&f.scenario, "scenario", "", "take the requests and the target from a scenario file")
	addRequestFlags(flags, &f.requests)
	addConnectionFlags(flags, &f.requests)
	flags.Lookup("timeout").DefValue = detect.DefaultTimeout.String()
	f.requests.Timeout = detect.DefaultTimeout
	flags.DurationVar(&f.budget, "time-budget", detect.DefaultBudget, "how long one endpoint may be looked at")
	flags.StringVar(&f.seed, "seed", "", "hexadecimal number that repeats the order of the shots (default: drawn)")
	flags.StringVar(&f.out, "out", "", "folder for detect.json, index.md and the charts (default looptest-out/detect-DATE-TIME)")
	flags.BoolVar(&f.noCharts, "no-charts", false, "draw no pictures")
	flags.StringVar(&f.format, "format", "png", "format of the charts: png, svg")
	flags.BoolVar(&f.ownThisTarget, "i-own-this-target", false, "allow a target that is not on this machine")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON object on standard output and no table")
	flags.BoolVar(&f.quiet, "quiet", false, "print only a line for each endpoint")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also by the environment variable NO_COLOR)")
}

// planDetect checks the flags and takes the requests from them.
func planDetect(cmd *cobra.Command, f detectFlags, args []string) (*detecting, error) {
	if err := checkRequestFlags(cmd.Flags(), f.requests); err != nil {
		return nil, err
	}
	if f.budget <= 0 {
		return nil, fmt.Errorf("--time-budget %v: must be more than zero", f.budget)
	}
	d := &detecting{flags: f, stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), style: styleFor(cmd, f.noColor)}
	d.settings = detect.Settings{Timeout: f.requests.Timeout, Budget: f.budget, Seed: uint64(rand.Uint32())}
	if cmd.Flags().Changed("seed") {
		seed, err := strconv.ParseUint(f.seed, 16, 64)
		if err != nil {
			return nil, fmt.Errorf("--seed %q: must be a hexadecimal number of at most 16 digits", f.seed)
		}
		d.settings.Seed = seed
	}
	urls, command := splitAtDash(cmd, args)
	return d, d.take(cmd, urls, command)
}

// take reads the requests: those of the flags or of a scenario, the probe and the
// pool probe.
func (d *detecting) take(cmd *cobra.Command, urls, command []string) error {
	var err error
	if d.flags.scenario != "" {
		if len(urls) > 0 || len(command) > 0 {
			return errors.New("the requests and the target are said in the scenario; leave them out with --scenario")
		}
		if d.scenario, err = readScenario(cmd, d.flags.scenario); err != nil {
			return err
		}
	} else if d.scenario, err = d.asked(urls, command); err != nil {
		return err
	}
	if err := (&loadFlags{ownThisTarget: d.flags.ownThisTarget}).mayAttack(d.scenario); err != nil {
		return err
	}
	for _, s := range d.scenario.Streams {
		for _, r := range s.Requests {
			if !strings.HasPrefix(r.URL, "/") {
				return fmt.Errorf("%s is on another server than %s; detect looks at one server at a time", r.URL, d.scenario.Target.Starter())
			}
			if !d.safe(r) {
				return fmt.Errorf("%s may change something, and it would be sent about 60 times; if it may, say --unsafe %s", r.Label(), r.Method)
			}
			d.endpoints = append(d.endpoints, detect.Endpoint{Request: r, Expect: s.Expect})
		}
	}
	return d.takeProbes(command)
}

func (d *detecting) safe(r attack.Request) bool {
	return r.Method == "" || r.Method == "GET" || r.Method == "HEAD" || slices.ContainsFunc(d.flags.unsafe, func(m string) bool { return strings.EqualFold(m, r.Method) })
}

// asked makes a scenario of the flags.
func (d *detecting) asked(urls, command []string) (*scenario.Scenario, error) {
	f := d.flags.requests
	f.URLs, f.Command, f.Rate, f.Duration = urls, command, "1/s", time.Second
	if len(urls) == 0 && f.Targets == "" {
		return nil, errors.New("nothing to look at: give the URLs of endpoints, or --targets FILE, or --scenario FILE")
	}
	return scenario.FromFlags(f)
}

// takeProbes reads --probe and --pool-probe: a path of the target, or a URL on it.
func (d *detecting) takeProbes(command []string) error {
	for _, p := range []struct {
		flag, given string
		into        **attack.Request
	}{{"probe", d.flags.probe, &d.probe}, {"pool-probe", d.flags.poolProbe, &d.settings.PoolProbe}} {
		if p.given == "" {
			continue
		}
		path, err := d.pathOn(p.given)
		if err != nil {
			return fmt.Errorf("--%s %q: %w", p.flag, p.given, err)
		}
		*p.into = &attack.Request{URL: path, Header: d.headers()}
	}
	return nil
}

// headers are those of the first request: a login that the endpoints need, the
// probe may need too.
func (d *detecting) headers() map[string][]string {
	if len(d.endpoints) == 0 {
		return nil
	}
	return d.endpoints[0].Request.Header
}

func (d *detecting) pathOn(given string) (string, error) {
	if strings.HasPrefix(given, "/") {
		return given, nil
	}
	s, err := scenario.FromFlags(scenario.Flags{URLs: []string{given}, Rate: "1/s", Duration: time.Second})
	if err != nil {
		return "", err
	}
	if s.Target.URL != d.scenario.Target.URL {
		return "", fmt.Errorf("it is on another server than %s", d.scenario.Target.Starter())
	}
	return s.Streams[0].Requests[0].URL, nil
}
