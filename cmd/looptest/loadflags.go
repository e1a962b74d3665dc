package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// loadFlags is what attack and run have in common: where the results go and how
// they are shown.
type loadFlags struct {
	out, format, junit, metricsAddr    string
	asJSON, jsonLines, quiet, noColor  bool
	noRecords, noCharts, ownThisTarget bool

	// also writes what a command reports besides; nil for nothing.
	also func(outFolder, reports.Attack) error
}

func (f *loadFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", fmt.Sprintf("folder for the records, the summary and the charts (default looptest-out/%s-DATE-TIME)", cmd.Name()))
	flags.BoolVar(&f.noRecords, "no-records", false, "keep histograms only: no samples on disk; memory does not grow with the length of the run")
	flags.BoolVar(&f.noCharts, "no-charts", false, "draw no pictures")
	flags.StringVar(&f.format, "format", "png", "format of the charts: "+strings.Join(reports.Formats, ", "))
	flags.StringVar(&f.junit, "junit", "", "file for the budgets as JUnit XML, too")
	flags.StringVar(&f.metricsAddr, "metrics-addr", "", "address on which Prometheus can read the attack while it runs, such as 127.0.0.1:9090")
	flags.BoolVar(&f.ownThisTarget, "i-own-this-target", false, "allow a target that is not on this machine")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON object on standard output and no tables")
	flags.BoolVar(&f.jsonLines, "json-lines", false, "print a JSON object a second on standard output, and the summary as the last")
	flags.BoolVar(&f.quiet, "quiet", false, "print only the verdict and broken budgets")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours (also by the environment variable NO_COLOR)")
}

func (f *loadFlags) check(flags *pflag.FlagSet) error {
	if err := excludeEachOther(flags, "json", "json-lines"); err != nil {
		return err
	}
	if err := checkFolders(map[string]string{"junit": f.junit}); err != nil {
		return err
	}
	return checkFormat(f.format)
}

// checkFolders sees that files of the user's own can be there, by flag.
func checkFolders(paths map[string]string) error {
	for name, path := range paths {
		if path == "" {
			continue
		}
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			return fmt.Errorf("--%s %q: there is no folder %q", name, path, filepath.Dir(path))
		}
	}
	return nil
}

// drawSeed reads --seed; without one it draws one.
func drawSeed(given string) (uint64, error) {
	if given == "" {
		return uint64(rand.Uint32()), nil
	}
	seed, err := strconv.ParseUint(given, 16, 64)
	if err != nil {
		return 0, fmt.Errorf("--seed %q: must be a hexadecimal number of at most 16 digits", given)
	}
	return seed, nil
}

// folder is where the results go: a new one when none is named.
func (f *loadFlags) folder(command string, now time.Time) string {
	if f.out != "" {
		return f.out
	}
	base := filepath.Join("looptest-out", command+now.Format("-20060102-150405"))
	path := base
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); err != nil {
			return path
		}
		path = fmt.Sprintf("%s-%d", base, n)
	}
}

func styleFor(cmd *cobra.Command, noColor bool) reports.Style {
	stdout := cmd.OutOrStdout()
	return reports.Style{
		Colour: !noColor && os.Getenv("NO_COLOR") == "" && isTerminal(stdout),
		Width:  terminalWidth(stdout),
	}
}

// mayAttack asks for a word of consent before load leaves this machine.
func (f *loadFlags) mayAttack(s *scenario.Scenario) error {
	if f.ownThisTarget {
		return nil
	}
	for _, url := range s.URLs() {
		local, err := target.IsLoopback(url)
		if err != nil {
			return unable(err)
		}
		if !local {
			return fmt.Errorf("%s is not on this machine; if you may put load on it, say so with --i-own-this-target", url)
		}
	}
	return nil
}

var errNothingToAttack = errors.New("nothing to attack: give a URL, or --targets FILE, or after -- a command that starts the server")
