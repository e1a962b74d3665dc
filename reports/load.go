package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Attack is what an attack, a scenario's run, or the records of one came to. Its
// reports are Table, JSON, Markdown, JUnit and the pictures of LoadCharts.
type Attack struct {
	Command string // "attack", "run" or "report"
	Title   string // what was driven, and from where: a URL, a scenario's name, a file
	Load    analysis.Load
	Budgets []analysis.BudgetResult

	Began       time.Time          // of the measured part; zero when unknown
	Environment attack.Environment // zero when unknown
	Target      *target.Usage      // nil when the target says nothing of itself
	// NoIntended says that the records don't tell when requests were meant to be
	// sent, as those of other tools: what is called the response time in Load is
	// then the service time, and there is no send lag.
	NoIntended bool

	Partial bool
	Error   string // why it is partial

	Version    string   // of looptest
	PeakMemory int64    // of the generator, bytes; 0 when unknown
	Charts     []string // paths of its pictures
}

// Outcome is that of the budgets. Even without any it is a failure when no
// request at all had a good answer; it is invalid when the generator can't be
// trusted, and at best inconclusive when the load was not carried out to its end.
func (a Attack) Outcome() analysis.Outcome {
	own, _ := a.conduct()
	outcomes := []analysis.Outcome{own}
	for _, b := range a.Budgets {
		outcomes = append(outcomes, b.Outcome)
	}
	return analysis.Worst(outcomes...)
}

// conduct is the outcome that the load has without its budgets, and why.
func (a Attack) conduct() (analysis.Outcome, []string) {
	all := a.all()
	switch {
	case len(a.Load.Health.Invalid) > 0:
		return analysis.Invalid, a.Load.Health.Invalid
	case all.Sent == 0:
		return analysis.Invalid, []string{"nothing was measured"}
	case all.Good == 0:
		return analysis.Fail, []string{fmt.Sprintf("none of %s requests had a good answer", thousands(all.Sent))}
	case a.Partial:
		return analysis.Inconclusive, []string{a.partial()}
	}
	return analysis.Pass, nil
}

func (a Attack) partial() string {
	return strings.Join(nonEmpty([]string{"the load was not carried out to its end", a.Error}), ": ")
}

// warnings are what weakens the numbers.
func (a Attack) warnings() []analysis.Warning {
	warnings := append([]analysis.Warning{}, a.Load.Health.Warnings...)
	warnings = append(warnings, a.Load.Warnings...)
	if a.NoIntended {
		warnings = append(warnings, "these records don't say when requests were meant to be sent: there is only the service time, which leaves out what a user waits for a late send (coordinated omission)")
	}
	if own, _ := a.conduct(); a.Partial && own != analysis.Inconclusive { // else it is the reason
		warnings = append(warnings, analysis.Warning(a.partial()))
	}
	return warnings
}

// all is the row of the whole load.
func (a Attack) all() analysis.LoadRow {
	if len(a.Load.Rows) == 0 {
		return analysis.LoadRow{}
	}
	return a.Load.Rows[0]
}

// part is a stream, or all streams together, with what it consists of.
type part struct {
	name     string
	role     attack.Role
	row      analysis.LoadRow
	phases   []analysis.LoadRow
	requests []analysis.LoadRow
}

// parts gives the whole load and its streams, from the order of Load.Rows: a
// stream's name may be any, even that of another or none.
func (a Attack) parts() (all part, streams []part) {
	rows, names := a.Load.Rows, a.Load.Layout.Streams
	if len(rows) < 1+len(names) {
		return part{}, nil
	}
	all = part{row: rows[0]}
	for i, s := range names {
		streams = append(streams, part{name: s.Name, role: s.Role, row: rows[1+i]})
	}
	phased, requests := splitRequests(rows[1+len(names):])
	each := len(phased) / (1 + len(names))
	all.phases = phased[:each]
	for i := range streams {
		streams[i].phases = phased[(1+i)*each : (2+i)*each]
		for _, r := range requests {
			if r.Stream == streams[i].name {
				streams[i].requests = append(streams[i].requests, r)
			}
		}
	}
	return all, streams
}

// splitRequests parts the rows of phases from those of requests, which are last.
func splitRequests(rows []analysis.LoadRow) (phases, requests []analysis.LoadRow) {
	for i, r := range rows {
		if r.Request != "" {
			return rows[:i], rows[i:]
		}
	}
	return rows, nil
}

// failed is how many requests of a row had no good answer.
func failed(r analysis.LoadRow) int { return r.Sent - r.Good }
