package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack/scenario"
)

func newGate() *cobra.Command {
	f := gateFlags{requests: scenario.Flags{}}
	cmd := &cobra.Command{
		Use:   "gate --base CMD --head CMD --url PATH [PATH...]",
		Short: "Compare a new build with the old one, and fail when it is slower",
		Long: `Compare a new build (head) with the old one (base), and fail when it is slower
by more than it may be.

Both commands start a server each. They get a free port in the environment
variable PORT, {port} in their arguments is replaced by it, and each is one
string, which is split into words as a shell does; no shell is run. With
--base-ref the base is another commit: it is checked out into a temporary folder,
built there by --build and started as the head is; the head is expected to be
built already.

Both run in blocks, each with fresh processes. Within a block they are driven in
turn at the same fixed rate, in slices whose order a coin draws (ABBA or BAAB).
Of each metric a block gives one change, and the exact signed-rank test over the
blocks judges it: never requests that are pooled, never another machine's numbers.

Before it starts it says what it will do, for how long at most, and which
differences can then be seen. A plan that could not fail is refused.

  regression    a change is certain, and at least δ
  no regression every change that decides is certainly below δ
  inconclusive  neither, also after the one extension
  invalid       there is nothing to compare: an arm doesn't answer, or answers
                something else; the rate was not kept; the base differs from itself

--budget holds a scenario's absolute budgets instead, on one server, as run does.
--baseline sets the head beside the stored base runs of an earlier gate: only a
trend, since what was not measured side by side can't be judged.

Ctrl-C keeps what was measured; a second Ctrl-C leaves at once.

Exit codes: 0 no regression, 1 a regression (or a broken budget), 2 usage,
3 inconclusive, 4 invalid or could not run, 130 interrupted.`,
		Example: `  looptest gate --base ./server-old --head ./server-new --url /orders
  looptest gate --base-ref main --build 'npm ci' --head 'node server.js' --url /ok
  looptest gate --base ./old --head ./new /ok /report --metric p99=5% --metric memory=off
  looptest gate --base ./old --head ./new --url /ok --time-budget 3m --junit gate.xml
  looptest gate --base ./old --head ./new --scenario scenario.yaml --rate auto
  looptest gate --base ./new --head ./new --url /ok   # how still is this machine?
  looptest gate --budget scenario.yaml                # absolute budgets`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.requests.URLs = append(f.requests.URLs, args...)
			return startGate(cmd, f)
		},
	}
	f.add(cmd)
	cmd.RegisterFlagCompletionFunc("metric", completeMetrics)
	return cmd
}

// startGate chooses what is held against what.
func startGate(cmd *cobra.Command, f gateFlags) error {
	if err := f.check(cmd.Flags()); err != nil {
		return err
	}
	switch {
	case f.budget != "":
		return gateBudgets(cmd, f)
	case f.baseline != "":
		return gateTrend(cmd, f)
	}
	g, err := planGate(cmd, f)
	if err != nil {
		return err
	}
	return g.run(cmd.Context())
}

// completeMetrics offers the metrics with their δ.
func completeMetrics(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var offered []string
	for _, m := range gate.Metrics() {
		if name, _, _ := strings.Cut(typed, "="); strings.HasPrefix(m.Name, name) {
			offered = append(offered, m.Name+"="+percentText(m.Delta)+"\t"+m.Title, m.Name+"=off\tonly report it")
		}
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}
