package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/looptest/looptest/cmd/internal/calibration"
	"github.com/looptest/looptest/target"
)

var groups = []group{sensitivity, nulls, kinds, pools, staircases}

// scans are the records of a group, by sample.
type scans map[string][]record

// writeReport writes the tables of what is there.
func writeReport(a asked) error {
	if a.doc == "" {
		return nil
	}
	found := map[group]scans{}
	for _, g := range groups {
		records, err := calibration.Folder[record](a.out).Read(string(g))
		if err != nil {
			return err
		}
		found[g] = scans{}
		for _, r := range records {
			found[g][r.Name] = append(found[g][r.Name], r)
		}
	}
	if err := os.MkdirAll(filepath.Dir(a.doc), 0o755); err != nil {
		return err
	}
	return os.WriteFile(a.doc, report(found), 0o644)
}

// report writes the whole page. It says nothing that isn't in the records.
func report(found map[group]scans) []byte {
	var p calibration.Page
	p.Line("# How well `looptest detect` tells what servers do")
	p.Line("")
	p.Line("`make detect-accuracy` wrote this page. It starts servers whose endpoints work in")
	p.Line("known ways (cmd/detectaccuracy/servers, a Go server, and the reference server) and")
	p.Line("has each endpoint judged again and again, each time on a fresh process.")
	p.Line("")
	var all []record
	for _, g := range groups {
		for _, records := range found[g] {
			all = append(all, records...)
		}
	}
	if len(all) == 0 {
		p.Line("Nothing has been run yet.")
		return p.Bytes()
	}
	conditions(&p, all)
	sensitivityTable(&p, found[sensitivity])
	nullTable(&p, found[nulls])
	kindTables(&p, found)
	poolTable(&p, found)
	wrongTable(&p, found)
	return p.Bytes()
}

// conditions says what was run, when and where.
func conditions(p *calibration.Page, all []record) {
	slices.SortFunc(all, func(a, b record) int { return a.Began.Compare(b.Began) })
	const day = "2006-01-02 15:04"
	p.Line("- Date: %s to %s UTC", all[0].Began.UTC().Format(day), all[len(all)-1].Began.UTC().Format(day))
	var machines []string
	var loads []float64
	for _, r := range all {
		if !slices.Contains(machines, r.Machine) {
			machines = append(machines, r.Machine)
		}
		loads = append(loads, r.Load)
	}
	for _, m := range machines {
		p.Line("- Machine: %s; server and sender share it", m)
	}
	p.Line("- One-minute load before a scan, median and range: %s", calibration.Spread(loads, "%.1f"))
	p.Line("- %d scans. Intervals are exact binomial ones (Clopper–Pearson), two-sided at 95 %%.", len(all))
	p.Line("- Rules were tuned on the samples marked so, and on simulated servers; the others were held back.")
	p.Line("")
}

// of are the samples of a group that were run.
func of(g group, found scans) []sample {
	var some []sample
	for _, s := range samples() {
		if s.Group == g && len(found[s.Name]) > 0 {
			some = append(some, s)
		}
	}
	return some
}

func sensitivityTable(p *calibration.Page, found scans) {
	p.Line("## Are blocks found, and how long do they seem?")
	p.Line("")
	p.Line("A stall counts as found when the paired shots alone tell it. Error: of the estimate, in ms.")
	var rows [][]string
	for _, s := range of(sensitivity, found) {
		stalls, blocking, within := 0, 0, 0
		var errors, took []float64
		for _, r := range found[s.Name] {
			took = append(took, r.TookMS/1000)
			blocking += count(r.Kind == s.Kind)
			if !r.Found {
				continue
			}
			stalls++
			wrong := r.StallMS - toMS(s.Stall)
			errors = append(errors, wrong)
			within += count(math.Abs(wrong) <= max(0.5, 0.05*toMS(s.Stall)))
		}
		n := len(found[s.Name])
		rows = append(rows, []string{"`" + s.Path + "`", fmt.Sprint(s.Set), calibration.Share(stalls, n), calibration.Spread(errors, "%+.2f"),
			calibration.Share(within, stalls), calibration.Share(blocking, n), calibration.Spread(took, "%.1f s")})
	}
	p.Table([]string{"endpoint", "set", "stall found", "error, ms", "within 0.5 ms or 5 %", "called blocking", "time"}, rows)
}

func nullTable(p *calibration.Page, found scans) {
	p.Line("## False alarms")
	p.Line("")
	p.Line("Endpoints that hold nothing. Every stall that is found is a false one.")
	var rows [][]string
	for _, hog := range []bool{false, true} {
		alarms, held, n := 0, 0, 0
		var took []float64
		for _, s := range of(nulls, found) {
			if s.Hog != hog {
				continue
			}
			for _, r := range found[s.Name] {
				n++
				alarms += count(r.Found)
				held += count(r.Kind == target.Blocking || r.Kind == target.PartlyBlocking || r.Kind == target.Cooperative || r.Kind == target.Processes)
				took = append(took, r.TookMS/1000)
			}
		}
		rows = append(rows, []string{map[bool]string{false: "quiet", true: "a core kept busy"}[hog], fmt.Sprint(n),
			calibration.Share(alarms, n), calibration.Share(held, n), calibration.Spread(took, "%.1f s")})
	}
	p.Table([]string{"machine", "scans", "stalls found", "called a kind that holds the loop", "time"}, rows)
}

// kindTables are the shares of right kinds, and the confusion matrix.
func kindTables(p *calibration.Page, found map[group]scans) {
	p.Line("## Kinds")
	var rows [][]string
	for _, which := range []set{tuned, held} {
		right, unsure, n := 0, 0, 0
		for _, s := range of(kinds, found[kinds]) {
			for _, r := range found[kinds][s.Name] {
				if s.Set == which {
					n++
					right += count(r.Kind == s.Kind)
					unsure += count(r.Kind == target.Unsure)
				}
			}
		}
		rows = append(rows, []string{string(which), calibration.Share(right, n), fmt.Sprint(unsure)})
	}
	p.Table([]string{"samples", "right", "unsure"}, rows)
	p.Line("Each sample, with what it was called and how often:")
	rows = nil
	for _, s := range of(kinds, found[kinds]) {
		calls := map[string]int{}
		var took, confidences []float64
		for _, r := range found[kinds][s.Name] {
			calls[string(r.Kind)]++
			took = append(took, r.TookMS/1000)
			confidences = append(confidences, r.Confidence)
		}
		rows = append(rows, []string{"`" + s.Name + "`", string(s.Set), string(s.Kind), called(calls), figures(s, found[kinds][s.Name]),
			calibration.Spread(confidences, "%.2f"), calibration.Spread(took, "%.1f s")})
	}
	p.Table([]string{"sample", "set", "is", "was called", "figures", "confidence", "time"}, rows)
	confusion(p, found)
}

// called writes kinds with their counts, the most frequent first.
func called(calls map[string]int) string {
	names := make([]string, 0, len(calls))
	for name := range calls {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if calls[a] != calls[b] {
			return calls[b] - calls[a]
		}
		return slices.Compare([]byte(a), []byte(b))
	})
	text := ""
	for _, name := range names {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", name, calls[name])
	}
	return text
}

// figures sets the measured beside the true.
func figures(s sample, records []record) string {
	var values []float64
	for _, r := range records {
		switch {
		case s.Chunk > 0 && r.ChunkMS > 0:
			values = append(values, r.ChunkMS)
		case s.Stall > 0 && r.StallMS > 0:
			values = append(values, r.StallMS)
		case s.Capacity > 0 && r.Capacity > 0:
			values = append(values, float64(r.Capacity))
		}
	}
	switch {
	case len(values) == 0:
		return ""
	case s.Chunk > 0:
		return fmt.Sprintf("chunks of %s ms, true %g", calibration.Spread(values, "%.2f"), toMS(s.Chunk))
	case s.Stall > 0:
		return fmt.Sprintf("stalls of %s ms, true %g", calibration.Spread(values, "%.1f"), toMS(s.Stall))
	}
	return fmt.Sprintf("capacity %s, true %d", calibration.Spread(values, "%.0f"), s.Capacity)
}

// confusion sets what endpoints are against what they were called.
func confusion(p *calibration.Page, found map[group]scans) {
	order := []target.Kind{target.Blocking, target.PartlyBlocking, target.Cooperative, target.OffLoop, target.Waiting, target.Trivial, target.Sheds, target.Processes, target.Unsure}
	matrix := map[target.Kind]map[target.Kind]int{}
	for _, g := range groups {
		for _, s := range of(g, found[g]) {
			if s.Set != held || s.Hog {
				continue
			}
			if matrix[s.Kind] == nil {
				matrix[s.Kind] = map[target.Kind]int{}
			}
			for _, r := range found[g][s.Name] {
				matrix[s.Kind][r.Kind]++
			}
		}
	}
	head := []string{"is \\ called"}
	for _, k := range order {
		head = append(head, string(k))
	}
	var rows [][]string
	for _, is := range order {
		if len(matrix[is]) == 0 {
			continue
		}
		row := []string{"**" + string(is) + "**"}
		for _, as := range order {
			row = append(row, fmt.Sprint(matrix[is][as]))
		}
		rows = append(rows, row)
	}
	p.Line("The confusion matrix over all groups, without those that the rules were tuned on and those with a busy core:")
	p.Table(head, rows)
}

func poolTable(p *calibration.Page, found map[group]scans) {
	p.Line("## Pool sizes")
	p.Line("")
	p.Line("With a second, short request for the same pool the size is told by occupancy, without")
	p.Line("one by the steps of the bursts. The hashes compute, on as many cores as there are; the")
	p.Line("lookups wait.")
	var rows [][]string
	for _, g := range []group{pools, staircases} {
		for _, runtime := range []string{"node", "looptest"} {
			exact, near, n := 0, 0, 0
			var took []float64
			for _, s := range of(g, found[g]) {
				if s.Server.Runtime != runtime {
					continue
				}
				for _, r := range found[g][s.Name] {
					n++
					exact += count(r.Capacity == s.Capacity)
					near += count(r.Capacity > 0 && math.Abs(float64(r.Capacity-s.Capacity)) <= 1)
					took = append(took, r.TookMS/1000)
				}
			}
			work := map[string]string{"node": "hashes on Node, 1 to 8 threads", "looptest": "waits on the reference server, 1 to 8 threads"}[runtime]
			by := map[group]string{pools: "occupancy", staircases: "steps"}[g]
			rows = append(rows, []string{work, by, calibration.Share(exact, n), calibration.Share(near, n), calibration.Spread(took, "%.1f s")})
		}
	}
	p.Table([]string{"pool", "by", "exact", "within one", "time"}, rows)
}

// wrongTable lists what was called wrong, with the reason that was given.
func wrongTable(p *calibration.Page, found map[group]scans) {
	var rows [][]string
	for _, g := range groups {
		for _, s := range of(g, found[g]) {
			for _, r := range found[g][s.Name] {
				if r.Kind == s.Kind || s.Hog {
					continue
				}
				because := r.Because
				if r.Error != "" {
					because = r.Error
				}
				rows = append(rows, []string{"`" + s.Name + "`", string(s.Kind), string(r.Kind), fmt.Sprintf("%.2f", r.Confidence), because})
			}
		}
	}
	p.Line("## What it got wrong")
	if len(rows) == 0 {
		p.Line("")
		p.Line("Nothing in these scans.")
		return
	}
	p.Table([]string{"sample", "is", "was called", "confidence", "because"}, rows)
}

func toMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
