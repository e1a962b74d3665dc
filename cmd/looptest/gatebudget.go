package main

import (
	"cmp"
	"errors"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// gateBudgets holds a scenario's absolute budgets on one server: a run, with the
// gate's reports.
func gateBudgets(cmd *cobra.Command, f gateFlags) error {
	s, err := readScenario(cmd, f.budget)
	if err != nil {
		return err
	}
	if len(s.Budgets) == 0 {
		return errors.New("--budget: the scenario has no budgets, so that nothing could fail; write some, such as p99 < 50ms, under budgets")
	}
	if f.head != "" {
		words, err := target.SplitCommand(f.head)
		if err != nil {
			return err
		}
		s.Target.Command, s.Target.URL, s.Target.Socket, s.Transport.Socket = words, "", "", ""
		if s.Target.Ready == "" {
			s.Target.Ready = firstPath(s.Streams)
		}
	}
	load := loadFlags{
		out: f.out, format: f.format, junit: f.junit, asJSON: f.asJSON, quiet: f.quiet, noColor: f.noColor,
		noCharts: f.noCharts, ownThisTarget: f.ownThisTarget,
	}
	load.also = func(out outFolder, r reports.Attack) error {
		_, failed := out.write(gateFile, r.JSON)
		elsewhere := gateFlags{markdown: f.markdown, github: f.github}
		failed = errors.Join(failed, elsewhere.saveElsewhere(nil, r.Markdown))
		if f.github {
			failed = errors.Join(failed, reports.Annotate(cmd.OutOrStdout(), annotateBudgets(r)))
		}
		return failed
	}
	return startAttacking(cmd, load, s)
}

// annotateBudgets has an annotation for the outcome, and one for each budget that
// was not held.
func annotateBudgets(r reports.Attack) []reports.Annotation {
	kinds := map[analysis.Outcome]reports.AnnotationKind{analysis.Pass: reports.AnnotateNotice, analysis.Inconclusive: reports.AnnotateWarning}
	kind := func(o analysis.Outcome) reports.AnnotationKind { return cmp.Or(kinds[o], reports.AnnotateError) }
	all := []reports.Annotation{{Kind: kind(r.Outcome()), Title: "looptest gate: " + string(r.Outcome()), Message: r.Title}}
	for _, b := range r.Budgets {
		if b.Outcome != analysis.Pass {
			all = append(all, reports.Annotation{Kind: kind(b.Outcome), Title: b.Budget.String() + ": " + string(b.Outcome), Message: b.Statement})
		}
	}
	return all
}
