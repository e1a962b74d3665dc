package main

import (
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/cmd/internal/calibration"
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/report.md"

// made is a gate that was never run: its numbers are drawn.
func made(c cell, number int) record {
	random := rand.New(rand.NewPCG(uint64(number), uint64(len(c.Name))))
	design := designed(shortest(), false)
	r := record{
		Cell: c.Name, Number: number, Design: design, Delay: c.delay(level{"p50": 5.1, "p99": 6.2}), Machine: "a machine", Load: 0.3,
		Began:  time.Date(2026, 1, 2, 3, 4, number, 0, time.UTC),
		Took:   20*time.Second + time.Duration(number)*time.Second,
		Others: map[string]analysis.Outcome{"fixed 10 %": analysis.Pass, "unpaired": analysis.Pass, "pooled": analysis.Fail},
	}
	r.Measured.Tried, r.Measured.Next = design.Regular(), design.Regular()
	if c.Hog && number == 0 {
		r.Error = "the target did not start"
		return r
	}
	reading := func(later time.Duration) gate.Reading {
		values := map[string]float64{"p50": 5.1, "p95": 5.6, "p99": 6.2, gate.CPU: 0.2, gate.Memory: 2e7, gate.ErrorRate: 0}
		for _, name := range []string{"p50", "p95", "p99"} {
			values[name] = values[name]*math.Exp(0.01*random.NormFloat64()) + inMS(later)
		}
		return gate.Reading{Values: values, Halves: map[string][2]float64{}, Requests: 1000, Codes: map[int]int{200: 1000}, Size: 11, Due: 500, Came: 500}
	}
	for i := range design.Regular() {
		r.Measured.Blocks = append(r.Measured.Blocks, gate.Block{Number: i, Base: reading(0), Head: reading(r.Delay)})
	}
	if c.Hog {
		r.Measured.Blocks = r.Measured.Blocks[:5]
		for i := range 3 {
			r.Measured.Lost = append(r.Measured.Lost, gate.Lost{Number: 5 + i, Arm: "head", Reason: "sent late"})
		}
	}
	return r
}

func TestReport(t *testing.T) {
	records := map[string][]record{}
	for _, c := range cells() {
		if c.Name == "ab-p99-1.5" {
			continue // not run yet
		}
		for n := range 3 {
			records[c.Name] = append(records[c.Name], made(c, n))
		}
	}
	got := report(records, asked{aa: 60, ab: 20, resampled: 50})
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the report differs from %s (-update writes it anew); it is:\n%s", golden, got)
	}
	if empty := string(report(nil, asked{})); !strings.Contains(empty, "No gate has been run yet") || strings.Contains(empty, "|") {
		t.Errorf("of nothing: %s", empty)
	}
}

// What is told of a row comes from its records alone.
func TestTabulate(t *testing.T) {
	for _, c := range cells() {
		row := tabulate(c, []record{made(c, 1), made(c, 2)})
		counted := 0
		for _, n := range row.shares {
			counted += n
		}
		if row.gates != 2 || counted != 2 || row.failed["pooled"] != 2 || row.failed["unpaired"] != 0 {
			t.Errorf("%s: %+v", c.Name, row)
		}
		switch {
		case c.Hog && (row.shares[analysis.Invalid] != 2 || row.lost != 6 || row.first != "sent late"):
			t.Errorf("%s lost its blocks: %+v", c.Name, row)
		case isQuiet(c) && row.shares[analysis.Pass] != 2:
			t.Errorf("%s: %+v", c.Name, row)
		case c.Delta >= 1.5 && (row.own != 2 || row.shares[analysis.Fail] != 2):
			t.Errorf("%s is far beyond the noise: %+v", c.Name, row)
		case c.Delta > 0 && math.Abs(calibration.Median(row.doses)-c.Delta) > 0.05*c.Delta:
			t.Errorf("%s: doses %v", c.Name, row.doses)
		}
	}
	if row := tabulate(cells()[2], []record{made(cells()[2], 0)}); row.errors != 1 || row.shares[analysis.Invalid] != 1 {
		t.Errorf("a gate that could not run is invalid: %+v", row)
	}
	if got := calibration.Share(0, 60); got != "0 of 60: 0 % (0 to 6.0 %)" {
		t.Error(got)
	}
	if got := calibration.Percent(calibration.AtMost(0, 59)); got != "5.0 %" {
		t.Error(got)
	}
}
