package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// row is one comparison, by round.
type row struct {
	says   string
	unit   string
	ours   []float64
	node   []float64 // of Node, or of whom the row names; empty where it is absent
	floor  float64   // of the ratio; 0 for none
	less   bool      // less is better, and the floor is a ceiling
	allocs string    // of one operation of ours, in the steady state
}

// printTable writes a line for each row, and what a reader has to know of it.
func printTable(w io.Writer, s settings, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operation\tpeer\tours\tunit\tratio\t(rounds)\tfloor\t\tallocations")
	for _, r := range rows {
		ratio, rounds := r.ratios()
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			r.says, number(r.node), number(r.ours), r.unit, ratio, rounds, r.bound(), r.verdict(), r.allocs)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, `
Medians of %d rounds in alternating order; in brackets the lowest and the
highest ratio of a round. The peer is Node where the row names no other.
Callbacks of ours do no JavaScript work: this says that the loop is not the
bottleneck, and no more.
¹ Node has no empty job to give to its pool; its side is fs.access("/").
² Both wait for at least a millisecond after each pass over the timers.
³ wrk, 64 connections kept alive, one thread; load and server share the cores.
⁴ With all that it records of a request for its observation.
`, s.rounds)
	return err
}

// ratios gives ours over the peer's, of the medians and over the rounds.
func (r row) ratios() (ratio, rounds string) {
	if len(r.node) == 0 || len(r.ours) == 0 {
		return "", ""
	}
	each := make([]float64, min(len(r.ours), len(r.node)))
	for i := range each {
		each[i] = r.ours[i] / r.node[i]
	}
	return fmt.Sprintf("%.2f×", r.ratio()), fmt.Sprintf("(%.2f–%.2f)", slices.Min(each), slices.Max(each))
}

func (r row) ratio() float64 { return median(r.ours) / median(r.node) }

func (r row) bound() string {
	switch {
	case r.floor == 0:
		return ""
	case r.less:
		return fmt.Sprintf("≤ %g×", r.floor)
	}
	return fmt.Sprintf("≥ %g×", r.floor)
}

func (r row) verdict() string {
	switch {
	case r.floor == 0 || len(r.node) == 0:
		return ""
	case r.less == (r.ratio() <= r.floor):
		return "met"
	}
	return "missed"
}

func number(values []float64) string {
	if len(values) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3g", median(values))
}

// median needs at least one value.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
