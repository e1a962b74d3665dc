package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
)

// gateFlags is what the user asked for.
type gateFlags struct {
	base, head, baseRef, build          string
	scenario, budget, baseline          string
	requests                            scenario.Flags
	rate, alpha, seed                   string
	duration, slice, warmup, timeBudget time.Duration
	blocks                              int
	metrics                             []string
	noExtension, duet, differentAnswers bool

	out, format, junit, markdown             string
	asJSON, quiet, noColor, github, noCharts bool
	ownThisTarget                            bool
}

const (
	gateDuration = 2 * attack.DefaultSlice
	gateWarmup   = 500 * time.Millisecond
	autoRate     = "auto"
)

func (f *gateFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.base, "base", "", "command that starts the old server (with --base-ref: default as --head)")
	flags.StringVar(&f.head, "head", "", "command that starts the new server")
	flags.StringVar(&f.baseRef, "base-ref", "", "branch, tag or commit that the base is, such as main")
	flags.StringVar(&f.build, "build", "", "command that builds the base in its own checkout, with --base-ref")
	flags.StringArrayVar(&f.requests.URLs, "url", nil, "path that is asked for (may be given several times; paths may also stand alone)")
	flags.StringVar(&f.scenario, "scenario", "", "scenario with the requests, streams and loads; its target is not used")
	flags.StringVar(&f.budget, "budget", "", "scenario whose budgets have to hold, on one server")
	flags.StringVar(&f.baseline, "baseline", "", "folder of an earlier gate, whose base runs the head is set beside")
	f.addLoad(flags)
	addRequestFlags(flags, &f.requests)
	addConnectionFlags(flags, &f.requests)
	f.addJudgement(flags)
	f.addReports(flags)
}

func (f *gateFlags) addLoad(flags *pflag.FlagSet) {
	flags.StringVar(&f.rate, "rate", "", "requests a second for each arm, or auto to find one safely below saturation first (default auto, or the scenario's)")
	flags.DurationVar(&f.duration, "duration", gateDuration, "how long each arm is driven in a block")
	flags.DurationVar(&f.slice, "slice", attack.DefaultSlice, "how long an arm is driven before it is the other's turn, at most")
	flags.DurationVar(&f.warmup, "warmup", gateWarmup, "how long each server is warmed up in each block; left out of every number")
	flags.BoolVar(&f.duet, "duet", false, "drive both arms at the same time, not in turn")
	flags.IntVar(&f.blocks, "blocks", gate.DefaultBlocks, "blocks of the regular plan; it may end earlier, and be extended to twice as many")
	flags.BoolVar(&f.noExtension, "no-extension", false, "end after --blocks, also when nothing is decided")
	flags.DurationVar(&f.timeBudget, "time-budget", 0, "plan the blocks that fit into this time, such as 3m")
	flags.StringVar(&f.seed, "seed", "", "hexadecimal number that repeats the order of the arms (default: drawn)")
}

func (f *gateFlags) addJudgement(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.metrics, "metric", nil, "how much worse a metric may get: p99=10%, or p99=off to report it only (may be given several times); there are "+strings.Join(metricNames(), ", ")+", and any other quantile")
	flags.StringVar(&f.alpha, "alpha", percentText(gate.DefaultAlpha), "how often a gate on two equal builds may fail")
	flags.BoolVar(&f.differentAnswers, "different-answers", false, "compare arms that answer with other codes or bodies, too")
}

func (f *gateFlags) addReports(flags *pflag.FlagSet) {
	flags.StringVar(&f.out, "out", "", "folder for gate.json, index.md, the charts and the runs (default looptest-out/gate-DATE-TIME)")
	flags.StringVar(&f.format, "format", "png", "format of the charts: "+strings.Join(reports.Formats, ", "))
	flags.StringVar(&f.junit, "junit", "", "file for a test case per metric as JUnit XML, too")
	flags.StringVar(&f.markdown, "markdown", "", "file for a summary in Markdown, too")
	flags.BoolVar(&f.github, "github", false, "print annotations for GitHub Actions, and add the summary to the job's ($GITHUB_STEP_SUMMARY)")
	flags.BoolVar(&f.noCharts, "no-charts", false, "draw no pictures")
	flags.BoolVar(&f.ownThisTarget, "i-own-this-target", false, "allow a target that is not on this machine, with --budget")
	flags.BoolVar(&f.asJSON, "json", false, "print gate.json on standard output and no table")
	flags.BoolVar(&f.quiet, "quiet", false, "print only the verdict")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also by the environment variable NO_COLOR)")
}

func metricNames() []string {
	var names []string
	for _, m := range gate.Metrics() {
		names = append(names, m.Name)
	}
	return names
}

// percentText writes a share as --metric and --alpha take it: "10%".
func percentText(share float64) string { return strconv.FormatFloat(100*share, 'g', 6, 64) + "%" }

// alone are the flags that are about two arms, and those that are about blocks of
// any kind.
var (
	ofArms   = []string{"base", "base-ref", "build", "metric", "alpha", "time-budget", "no-extension", "duet", "different-answers"}
	ofBlocks = []string{"url", "scenario", "blocks", "slice", "seed", "rate", "duration", "warmup"}
)

func (f *gateFlags) check(flags *pflag.FlagSet) error {
	if err := excludeEachOther(flags, "json", "github"); err != nil {
		return err
	}
	if err := excludeEachOther(flags, "time-budget", "blocks"); err != nil {
		return err
	}
	refused := ofArms
	switch {
	case f.budget != "":
		refused = append(slices.Clone(ofArms), ofBlocks...)
		refused = append(refused, "baseline")
	case f.baseline == "":
		refused = nil
	}
	for _, name := range refused {
		if flags.Changed(name) {
			return fmt.Errorf("--%s is about comparing two arms, or is taken from the file; leave it out with %s", name, f.mode())
		}
	}
	if err := f.checkTimes(flags); err != nil {
		return err
	}
	return f.checkFiles()
}

func (f *gateFlags) mode() string {
	if f.budget != "" {
		return "--budget"
	}
	return "--baseline"
}

func (f *gateFlags) checkTimes(flags *pflag.FlagSet) error {
	for name, d := range map[string]time.Duration{"duration": f.duration, "slice": f.slice, "time-budget": f.timeBudget, "timeout": f.requests.Timeout, "ready-timeout": f.requests.ReadyTimeout} {
		if flags.Changed(name) && d <= 0 {
			return fmt.Errorf("--%s %s: must be more than zero, such as 3s or 2m", name, d)
		}
	}
	switch {
	case f.slice < 50*time.Millisecond || f.slice > time.Minute:
		return fmt.Errorf("--slice %s: must be from 50ms to 1m", f.slice)
	case f.warmup < 0:
		return fmt.Errorf("--warmup %s: must not be negative", f.warmup)
	case f.blocks < 1 || f.blocks > 1000:
		return fmt.Errorf("--blocks %d: must be from 1 to 1000", f.blocks)
	}
	return nil
}

func (f *gateFlags) checkFiles() error {
	if err := checkFolders(map[string]string{"junit": f.junit, "markdown": f.markdown}); err != nil {
		return err
	}
	return checkFormat(f.format)
}

// level reads --alpha: "1%" or "0.01".
func (f *gateFlags) level() (float64, error) {
	digits, isPercent := strings.CutSuffix(f.alpha, "%")
	alpha, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if isPercent {
		alpha /= 100
	}
	if err != nil || !(alpha >= 1e-6 && alpha <= 0.5) {
		return 0, fmt.Errorf("--alpha %q: must be an error rate from 0.0001%% to 50%%, such as 1%% or 0.01", f.alpha)
	}
	return alpha, nil
}

// judged gives the metrics as the user wants them.
func (f *gateFlags) judged() ([]gate.Metric, error) {
	metrics := gate.Metrics()
	for _, text := range f.metrics {
		m, err := gate.ParseMetric(text)
		if err != nil {
			return nil, fmt.Errorf("--metric %q: %w", text, err)
		}
		metrics = gate.With(metrics, m)
	}
	return metrics, nil
}
