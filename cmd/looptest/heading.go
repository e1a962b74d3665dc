package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/record"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/reports"
)

// heading is what a recording's head says of the load besides its numbers.
type heading struct {
	head      record.Head
	scenario  *scenario.Scenario // nil when there is none, or it can't be read any more
	unread    error              // why it can't
	summary   summary
	budgets   []scenario.Budget
	schedules map[string]attack.Schedule // of the streams whose schedule is known
}

// summary is what is taken from the report that was made when the load ended.
type summary struct {
	Title   string
	Budgets []struct {
		Budget, Stream, Phase, Statement string
		Outcome                          analysis.Outcome
	}
	Environment struct {
		PeakMemory int64 `json:"generator_peak_memory_bytes"`
	}
}

func readHeading(h record.Head) heading {
	d := heading{head: h, schedules: map[string]attack.Schedule{}}
	if len(h.Summary) > 0 {
		_ = json.Unmarshal(h.Summary, &d.summary) // of another version of looptest: what is missing is done without
	}
	if h.Scenario != "" {
		d.scenario, d.unread = scenario.ParseRecorded([]byte(h.Scenario))
	}
	if d.scenario != nil {
		d.takeSchedules()
	}
	d.takeBudgets()
	return d
}

// takeSchedules keeps those that ask for what was offered: a variable in the
// scenario may have another value by now.
func (d *heading) takeSchedules() {
	for _, s := range d.scenario.Streams {
		at := slices.IndexFunc(d.head.Counts, func(c attack.StreamCount) bool { return c.Name == s.Name })
		switch {
		case s.Schedule == nil:
		case at >= 0 && asksFor(s.Schedule, d.head.Counts[at]), at < 0 && d.unread == nil:
			d.schedules[s.Name] = s.Schedule
		}
	}
}

// asksFor reports whether the schedule is the one that was counted. The last
// request before an interruption may have been counted or not.
func asksFor(s attack.Schedule, c attack.StreamCount) bool {
	if c.Span >= s.Span() {
		return c.Offered == s.Count()
	}
	due := attack.DueBefore(s, c.Span)
	return due-1 <= c.Offered && c.Offered <= due+1
}

// takeBudgets prefers the summary: it has them as they were judged.
func (d *heading) takeBudgets() {
	for _, b := range d.summary.Budgets {
		if budget, err := scenario.ParseBudget(b.Budget); err == nil {
			budget.Stream, budget.Phase = b.Stream, b.Phase
			d.budgets = append(d.budgets, budget)
		}
	}
	if len(d.head.Summary) == 0 && d.scenario != nil {
		d.budgets = d.scenario.Budgets
	}
}

// warning says what isn't known any more.
func (d heading) warning() (analysis.Warning, bool) {
	if d.head.Scenario == "" || len(d.schedules) == len(d.head.Streams) {
		return "", false
	}
	why := "a variable of the environment has another value now"
	if d.unread != nil {
		why, _, _ = strings.Cut(d.unread.Error(), "\n")
	}
	w := "the scenario can't be read as it was (" + why + "): what was offered over time is taken from what was sent"
	if len(d.head.Summary) == 0 && len(d.budgets) == 0 {
		w += ", and its budgets aren't known"
	}
	return analysis.Warning(w), true
}

// layout is that of the merged recordings. A stream that several of them have is
// no single schedule's.
func (in *input) layout(parts []heading) analysis.Layout {
	h := in.all.Head()
	l := analysis.Layout{Phases: h.Phases, Span: h.Span}
	for _, s := range h.Streams {
		stream := analysis.LayoutStream{Name: s.Name, Role: s.Role, Labels: s.Labels}
		having := 0
		for _, d := range parts {
			if slices.ContainsFunc(d.head.Streams, func(other record.Stream) bool { return other.Name == s.Name }) {
				having++
				stream.Schedule = d.schedules[s.Name]
			}
		}
		if having > 1 {
			stream.Schedule = nil
		}
		l.Streams = append(l.Streams, stream)
	}
	return l
}

// report reads everything and judges it by the recorded budgets and those that
// are added.
func (in *input) report(ctx context.Context, added []scenario.Budget) (reports.Attack, error) {
	var parts []heading
	for _, r := range in.parts {
		parts = append(parts, readHeading(r.Head()))
	}
	load, err := in.load(ctx, in.layout(parts))
	if err != nil {
		return reports.Attack{}, err
	}
	h := in.all.Head()
	load.Warnings = append(load.Warnings, in.warnings(parts)...)
	if h.NoTimes {
		load = withoutTimes(load)
	}
	r := reports.Attack{
		Command: "report", Title: in.title(), Load: load, Began: h.Began, Environment: h.Environment, Target: h.Target,
		NoIntended: h.NoIntended, Partial: h.Partial, Error: h.Failure, Version: buildVersion().Version,
	}
	if len(parts) == 1 {
		r.PeakMemory = parts[0].summary.Environment.PeakMemory
		if title := parts[0].summary.Title; title != "" {
			r.Title = fmt.Sprintf("%s · %s", title, in.title())
		}
	}
	r.Budgets = judge(parts, added, h, load)
	return r, nil
}

// warnings are those of reading, and what the records lack.
func (in *input) warnings(parts []heading) []analysis.Warning {
	var all []analysis.Warning
	for _, d := range parts {
		if w, ok := d.warning(); ok {
			all = append(all, w)
		}
	}
	for _, w := range in.all.Warnings() {
		all = append(all, analysis.Warning(w))
	}
	h := in.all.Head()
	if h.Lost > 0 {
		all = append(all, analysis.Warning(fmt.Sprintf("%s could not be recorded, and are in no number here", analysis.Count(h.Lost, "sample"))))
	}
	if h.NoTimes {
		all = append(all, "this is a distribution, without the moments at which it was measured: there are no rates, no timeline and no errors")
	}
	return all
}

// withoutTimes takes out of a load what a distribution can't tell.
func withoutTimes(l analysis.Load) analysis.Load {
	l.Span, l.Stalls, l.Series = 0, nil, analysis.Series{}
	for i := range l.StreamSeries {
		l.StreamSeries[i] = analysis.Series{}
	}
	for i := range l.Outlines {
		l.Outlines[i] = nil
	}
	for i := range l.Rows {
		l.Rows[i].OfferedRate, l.Rows[i].AchievedRate, l.Rows[i].Span = 0, 0, 0
	}
	return l
}

// judge judges each budget once. One that ended its run stays broken.
func judge(parts []heading, added []scenario.Budget, h record.Head, l analysis.Load) []analysis.BudgetResult {
	var results []analysis.BudgetResult
	add := func(b scenario.Budget) *analysis.BudgetResult {
		same := func(r analysis.BudgetResult) bool {
			return r.Budget.String() == b.String() && r.Budget.Stream == b.Stream && r.Budget.Phase == b.Phase
		}
		at := slices.IndexFunc(results, same)
		if at < 0 {
			at = len(results)
			results = append(results, judgeOne(b, h, l))
		}
		return &results[at]
	}
	for _, d := range parts {
		for i, b := range d.budgets {
			r := add(b)
			if i < len(d.summary.Budgets) && d.head.Partial && d.summary.Budgets[i].Outcome == analysis.Fail && r.Outcome != analysis.Fail {
				*r = r.Lost(d.summary.Budgets[i].Statement)
			}
		}
	}
	for _, b := range added {
		add(b)
	}
	return results
}

// judgeOne knows what some records can't tell. The service time is never longer
// than the response time, so it can break a bound on that, but not hold it.
func judgeOne(b scenario.Budget, h record.Head, l analysis.Load) analysis.BudgetResult {
	r := analysis.Judge(b, l)
	unknown := func(why string) analysis.BudgetResult {
		return analysis.BudgetResult{Budget: b, Outcome: analysis.Inconclusive, Statement: fmt.Sprintf("%s: not judged, %s", b, why)}
	}
	quantity, _ := scenario.SplitMetric(b.Metric)
	atMost := strings.HasPrefix(b.Op, "<")
	switch {
	case r.Outcome == analysis.Invalid:
	case h.NoTimes && (b.Metric == scenario.Throughput || b.Metric == scenario.ErrorRate):
		return unknown("a distribution doesn't tell it")
	case h.NoIntended && quantity == scenario.SendLag:
		return unknown("these records don't say when requests were meant to be sent")
	case h.NoIntended && quantity == scenario.Response && (r.Outcome == analysis.Pass) == atMost:
		return unknown(fmt.Sprintf("these records have the service time only; bound that with service.%s", b.Metric))
	}
	return r
}
