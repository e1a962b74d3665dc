package main

import (
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// row is what came of a cell, or of several.
type row struct {
	cell   cell
	gates  int // that were run, whatever became of them
	shares map[analysis.Outcome]int
	// own counts the gates in which the metric of the dose failed, and open those
	// that stayed inconclusive on a metric, by its name.
	own    int
	open   map[string]int
	failed map[string]int // by the other gates' names
	tried  int            // blocks
	lost   int            // of them
	errors int            // gates that could not be run to their end
	took   []float64      // seconds
	loads  []float64
	doses  []float64 // in δ of what the gate's own base showed
	found  []float64 // the change of the dose's metric, a ratio − 1
	first  string    // why one was lost, or could not be run
}

// tabulate counts a cell's records.
func tabulate(c cell, records []record) row {
	t := row{cell: c, shares: map[analysis.Outcome]int{}, open: map[string]int{}, failed: map[string]int{}}
	for _, r := range records {
		t.add(r)
	}
	return t
}

func (t *row) add(r record) {
	v := r.verdict()
	t.gates++
	t.shares[v.Outcome]++
	t.tried += r.Measured.Tried
	t.lost += len(r.Measured.Lost)
	t.took = append(t.took, r.Took.Seconds())
	if r.Load >= 0 {
		t.loads = append(t.loads, r.Load)
	}
	switch {
	case r.Error != "":
		t.errors++
		t.first = r.Error
	case t.first == "" && len(r.Measured.Lost) > 0:
		t.first = r.Measured.Lost[0].Reason
	}
	for name, outcome := range r.Others {
		if outcome == analysis.Fail {
			t.failed[name]++
		}
	}
	for _, m := range v.Metrics {
		if v.Outcome == analysis.Inconclusive && m.Outcome == analysis.Inconclusive {
			t.open[m.Name]++
		}
		if m.Name != t.cell.Metric || v.Blocks == 0 {
			continue
		}
		if m.Outcome == analysis.Fail {
			t.own++
		}
		t.found = append(t.found, m.Change.Value)
		if r.Delay > 0 && m.Base > 0 {
			t.doses = append(t.doses, inMS(r.Delay)/m.Base/m.Delta)
		}
	}
}

// sum adds rows up, for a total.
func sum(title string, rows ...row) row {
	all := tabulate(cell{Title: title}, nil)
	for _, t := range rows {
		all.gates += t.gates
		all.tried += t.tried
		all.lost += t.lost
		all.errors += t.errors
		for o, n := range t.shares {
			all.shares[o] += n
		}
		for name, n := range t.failed {
			all.failed[name] += n
		}
		for name, n := range t.open {
			all.open[name] += n
		}
		all.took = append(all.took, t.took...)
		all.loads = append(all.loads, t.loads...)
	}
	return all
}

// resampled are verdicts drawn from recorded blocks.
type resampled struct {
	title  string
	blocks int // to draw from
	most   int // that a verdict asks for
	n      int
	shares map[analysis.Outcome]int
}

// resampleSeed draws the same verdicts from the same blocks.
const resampleSeed = 1

// resample draws n verdicts from the blocks of equal arms, by the short design and
// by the default gate's.
func resample(title string, records []record, n int) []resampled {
	var parts []gate.Measured
	for _, r := range records {
		parts = append(parts, r.Measured)
	}
	all := gate.Join(parts...)
	if len(all.Blocks) == 0 || n == 0 {
		return nil
	}
	var drawn []resampled
	for _, by := range []struct {
		name string
		s    gate.Settings
	}{{"the short gate", settings(records[0].Design)}, {"the default gate", gate.Default()}} {
		drawn = append(drawn, resampled{
			title: title + ", " + by.name, blocks: len(all.Blocks), most: by.s.Design.Most(), n: n,
			shares: gate.Shares(gate.Resample(all, by.s, n, resampleSeed)),
		})
	}
	return drawn
}

// powerVerdicts is how many verdicts are drawn of each dose.
const powerVerdicts = 500

// redrawn draws verdicts from the blocks of a dose, by the default gate's looks on
// the dose's own metric alone: a fixed time moves all quantiles, and the others
// would end the gate first.
func redrawn(c cell, records []record, n int) resampled {
	var parts []gate.Measured
	for _, r := range records {
		parts = append(parts, r.Measured)
	}
	all := gate.Join(parts...)
	s := settingsOf(gate.DefaultDesign(1), c.Metric)
	r := resampled{title: c.Title, blocks: len(all.Blocks), most: s.Design.Most()}
	if r.blocks > 0 {
		r.n = n
		r.shares = gate.Shares(gate.Redraw(all, s, n, resampleSeed))
	}
	return r
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
