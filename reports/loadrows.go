package reports

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/looptest/looptest/analysis"
)

// mostRequestRows is how many of a stream's requests a table shows; the JSON has
// them all.
const mostRequestRows = 12

// spareLoadColumns are left out of a table, in this order, when the terminal is
// too narrow; the JSON has them all.
var spareLoadColumns = []string{"sent", "service p99", "p90", "p99.9", "service p50", "unsent", "offered", "part", "max"}

// grid is the table of the load: each stream, its phases and its requests, and
// the whole below them when there are several streams.
func (a Attack) grid() grid {
	all, streams := a.parts()
	named := func(p part) bool { return len(p.phases)+len(p.requests) > 0 }
	parted := slices.ContainsFunc(streams, named)
	g := grid{header: a.loadHeader(parted), names: 1, spare: spareLoadColumns}
	if parted {
		g.names = 2
	}
	add := func(name, of string, r analysis.LoadRow) {
		cells := []string{plain(name)}
		if parted {
			cells = append(cells, plain(of))
		}
		g.rows = append(g.rows, append(cells, a.loadCells(r)...))
	}
	if len(streams) > 1 {
		all.name = "all streams"
		streams = append(slices.Clone(streams), all)
	}
	for _, p := range streams {
		add(p.name, "", p.row)
		for _, r := range p.phases {
			add("", r.Phase, r)
		}
		for _, r := range slowestRequests(p.requests) {
			add("", r.Request, r)
		}
	}
	return g
}

func (a Attack) loadHeader(parted bool) []string {
	header := []string{"stream"}
	if parted {
		header = append(header, "part")
	}
	if a.NoIntended {
		return append(header, "achieved", "sent", "service p50", "p90", "p99", "p99.9", "max", "failed")
	}
	return append(header, "offered", "achieved", "sent", "unsent",
		"response p50", "p90", "p99", "p99.9", "max", "service p50", "service p99", "failed")
}

func (a Attack) loadCells(r analysis.LoadRow) []string {
	times := r.Response
	if a.NoIntended {
		times = r.Service
	}
	var tail []string
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999, 1} {
		tail = append(tail, quantileText(times, q))
	}
	if a.NoIntended {
		return slices.Concat([]string{rateText(r.AchievedRate), thousands(r.Sent)}, tail, []string{failedText(r)})
	}
	offered, unsent := rateText(r.OfferedRate), thousands(r.Unsent)
	if r.Request != "" { // a schedule asks for a stream's requests together
		offered, unsent = "", ""
	}
	return slices.Concat(
		[]string{offered, rateText(r.AchievedRate), thousands(r.Sent), unsent}, tail,
		[]string{quantileText(r.Service, 0.5), quantileText(r.Service, 0.99), failedText(r)})
}

// quantileText is a dash when there are too few to know it.
func quantileText(h analysis.Histogram, q float64) string {
	if !enough(h, q) {
		return "–"
	}
	return analysis.Human(h.Quantile(q))
}

func failedText(r analysis.LoadRow) string {
	n := failed(r)
	if n == 0 {
		return "0"
	}
	return fmt.Sprintf("%s (%s)", thousands(n), percentText(r.ErrorRate()))
}

// slowestRequests gives those that a table shows: all in their order, or those
// with the longest p99.
func slowestRequests(requests []analysis.LoadRow) []analysis.LoadRow {
	if len(requests) <= mostRequestRows {
		return requests
	}
	requests = slices.Clone(requests)
	slices.SortStableFunc(requests, func(a, b analysis.LoadRow) int {
		return cmp.Compare(b.Response.Quantile(0.99), a.Response.Quantile(0.99))
	})
	return requests[:mostRequestRows]
}

// footnotes say what the table left out or can't know, and what a pass is worth.
func (a Attack) footnotes() []string {
	var notes []string
	_, streams := a.parts()
	few := false
	for _, p := range streams {
		if left := len(p.requests) - mostRequestRows; left > 0 {
			notes = append(notes, fmt.Sprintf("%s has %s more requests; here are the slowest, in the JSON all", plain(p.name), thousands(left)))
		}
		for _, r := range slices.Concat([]analysis.LoadRow{p.row}, p.phases, slowestRequests(p.requests)) {
			few = few || !enough(r.Response, 0.999)
		}
	}
	if len(a.Budgets) == 0 && a.Outcome() == analysis.Pass {
		notes = append(notes, "no budget was set: pass says only that the load was carried out and something was answered")
	}
	if few {
		notes = append(notes, "–: too few answers to know it (p99 needs 100, p99.9 needs 1,000)")
	}
	return notes
}
