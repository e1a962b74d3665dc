package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/target"
)

// mostEndpoints is how many may be judged in one scan.
const mostEndpoints = 500

// ofLoads are flags that requests and connections of a load have, and a scan's can't.
var ofLoads = map[string]string{
	"match":             "detect judges times and codes, not bodies",
	"max-body":          "detect reads bodies of up to 64 MiB",
	"fresh-connections": "detect keeps its connections warm, since connecting would blur what it measures",
	"protocol":          "detect speaks HTTP/1.1, since requests need connections of their own",
}

// ofWatching are the flags of a watch, and ofScanning those that a watch has no use for.
var (
	ofWatching = []string{"rate", "duration", "json-lines"}
	ofScanning = []string{"scenario", "pool-probe", "unsafe", "targets", "time-budget", "seed", "out", "no-charts", "format", "junit", "markdown"}
)

func (f *detectFlags) check(flags *pflag.FlagSet) error {
	for _, name := range slices.Sorted(maps.Keys(ofLoads)) {
		if flags.Changed(name) {
			return fmt.Errorf("--%s: %s; leave it out", name, ofLoads[name])
		}
	}
	other, mode := ofScanning, "is about endpoints, and --watch judges none; leave it out"
	if !f.watch {
		other, mode = append([]string{"connections"}, ofWatching...), "goes with --watch"
	}
	for _, name := range other {
		if flags.Changed(name) {
			return fmt.Errorf("--%s %s", name, mode)
		}
	}
	if f.budget <= 0 {
		return fmt.Errorf("--time-budget %v: must be more than zero, such as 30s or 2m", f.budget)
	}
	if err := excludeEachOther(flags, "json", "json-lines"); err != nil {
		return err
	}
	if err := checkRequestFlags(flags, f.requests); err != nil {
		return err
	}
	if err := checkFolders(map[string]string{"junit": f.junit, "markdown": f.markdown}); err != nil {
		return err
	}
	return checkFormat(f.format)
}

// rules reads --fail-on.
func (f *detectFlags) rules() (rules []detect.Rule, err error) {
	for _, text := range f.failOn {
		r, err := detect.ParseRule(text)
		if err != nil {
			return nil, fmt.Errorf("--fail-on %q: %w", text, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// planDetect checks the flags and takes the requests from them.
func planDetect(cmd *cobra.Command, f detectFlags, args []string) (*detecting, error) {
	if err := f.check(cmd.Flags()); err != nil {
		return nil, err
	}
	d := &detecting{flags: f, stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), style: styleFor(cmd, f.noColor)}
	d.settings = detect.Settings{Timeout: f.requests.Timeout, Budget: f.budget}
	var err error
	if d.settings.Seed, err = drawSeed(f.seed); err != nil {
		return nil, err
	}
	if d.report.Rules, err = f.rules(); err != nil {
		return nil, err
	}
	urls, command := splitAtDash(cmd, args)
	return d, d.take(cmd, urls, command)
}

// take reads the requests: those of the flags or of a scenario, the probe and the
// pool probe.
func (d *detecting) take(cmd *cobra.Command, urls, command []string) error {
	var err error
	if d.scenario, err = d.flags.asked(cmd, urls, command); err != nil {
		return err
	}
	if err := d.chooseServer(); err != nil {
		return err
	}
	if err := (&loadFlags{ownThisTarget: d.flags.ownThisTarget}).mayAttack(d.scenario); err != nil {
		return err
	}
	if d.endpoints, err = d.flags.endpoints(d.scenario); err != nil {
		return err
	}
	d.report.Rates = d.flags.scenario != ""
	if d.probe, err = d.path("probe", d.flags.probe); err != nil {
		return err
	}
	d.settings.PoolProbe, err = d.path("pool-probe", d.flags.poolProbe)
	return err
}

// asked gives the requests as a scenario.
func (f *detectFlags) asked(cmd *cobra.Command, urls, command []string) (*scenario.Scenario, error) {
	if f.scenario != "" {
		if len(urls) > 0 || len(command) > 0 {
			return nil, errors.New("the requests and the target are said in the scenario; leave them out with --scenario")
		}
		for _, name := range ofScenarios {
			if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed && name != "timeout" {
				return nil, fmt.Errorf("--%s is said in the scenario; leave it out with --scenario", name)
			}
		}
		return readScenario(cmd, f.scenario)
	}
	if len(urls) == 0 && f.requests.Targets == "" {
		return nil, errors.New("nothing to look at: give the URLs of endpoints, or --targets FILE, or --scenario FILE; or --watch the whole server")
	}
	r := f.requests
	r.URLs, r.Command, r.Rate, r.Duration = urls, command, "1/s", time.Second
	return scenario.FromFlags(r)
}

// chooseServer makes paths of URLs, which have to be of one server.
func (d *detecting) chooseServer() error {
	t := &d.scenario.Target
	for _, s := range d.scenario.Streams {
		for i, r := range s.Requests {
			if strings.HasPrefix(r.URL, "/") {
				continue
			}
			origin, path := partURL(r.URL)
			if t.URL == "" && len(t.Command) == 0 && t.Socket == "" {
				t.URL = origin
			}
			if origin != t.URL {
				return fmt.Errorf("%s is on another server than %s; detect looks at one server at a time", r.URL, t.Starter())
			}
			s.Requests[i].URL = path
		}
	}
	return nil
}

// partURL parts a URL into its origin and what is asked of it.
func partURL(whole string) (origin, path string) {
	u, err := url.Parse(whole)
	if err != nil {
		return whole, "/"
	}
	origin, err = target.ParseURL(u.Scheme + "://" + u.Host)
	if err != nil {
		return whole, "/"
	}
	return origin, "/" + strings.TrimPrefix(u.RequestURI(), "/")
}

// endpoints are the scenario's requests, each once, with how often it is asked for.
func (f *detectFlags) endpoints(s *scenario.Scenario) ([]detect.Endpoint, error) {
	var all []detect.Endpoint
	for _, stream := range s.Streams {
		weights := 0
		for _, r := range stream.Requests {
			weights += max(r.Weight, 1)
		}
		perSecond := float64(stream.Schedule.Count()) / max(stream.Schedule.Span().Seconds(), 1e-9)
		for _, r := range stream.Requests {
			if !f.safe(r) {
				return nil, fmt.Errorf("%s may change something, and it would be sent about 60 times; if it may, say --unsafe %s", r.Label(), r.Method)
			}
			often := perSecond * float64(max(r.Weight, 1)) / float64(weights)
			if i := slices.IndexFunc(all, func(e detect.Endpoint) bool { return sameRequest(e.Request, r) }); i >= 0 {
				all[i].Often += often
				continue
			}
			all = append(all, detect.Endpoint{Request: r, Expect: stream.Expect, Often: often})
		}
		if len(all) > mostEndpoints {
			return nil, fmt.Errorf("these are more than %d different requests; name those that you suspect", mostEndpoints)
		}
	}
	return all, nil
}

func sameRequest(a, b attack.Request) bool {
	return a.Method == b.Method && a.URL == b.URL && bytes.Equal(a.Body, b.Body) && maps.EqualFunc(a.Header, b.Header, slices.Equal)
}

func (f *detectFlags) safe(r attack.Request) bool {
	return r.Method == "" || r.Method == "GET" || r.Method == "HEAD" || slices.ContainsFunc(f.unsafe, func(m string) bool { return strings.EqualFold(m, r.Method) })
}

// path reads a flag that names a request of the target, by its path or its URL; nil
// when it isn't given.
func (d *detecting) path(flag, given string) (*attack.Request, error) {
	if given == "" {
		return nil, nil
	}
	if !strings.HasPrefix(given, "/") {
		s, err := scenario.FromFlags(scenario.Flags{URLs: []string{given}, Rate: "1/s", Duration: time.Second})
		if err != nil {
			return nil, fmt.Errorf("--%s %q: %w", flag, given, err)
		}
		if s.Target.URL != d.scenario.Target.URL {
			return nil, fmt.Errorf("--%s %q: it is on another server than %s", flag, given, d.scenario.Target.Starter())
		}
		given = s.Streams[0].Requests[0].URL
	}
	return &attack.Request{URL: given, Header: d.headers()}, nil
}

// headers are those of the first request: a login that the endpoints need, the
// probe may need too.
func (d *detecting) headers() map[string][]string {
	return d.endpoints[0].Request.Header
}
