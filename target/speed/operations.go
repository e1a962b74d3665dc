package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// operation is a benchmark of target/loop that speed.cjs has too.
type operation struct {
	name  string
	says  string
	floor float64 // how many times as fast as Node it must be; 0 for no floor
}

var operations = []operation{
	{"Immediates", "setImmediate, 1000 in flight", 1.7},
	{"Ticks", "nextTick, 1000 in flight", 8},
	{"Microtasks", "queueMicrotask, 1000 in flight", 10},
	{"PromiseJobs", "promise.then of a settled promise, 1000 in flight", 4},
	{"Awaits", "await of a settled promise, 1000 in flight", 4},
	{"Timers", "1-ms timeouts, 20 k set anew²", 2},
	{"ManyTimers", "1-ms timeouts, 200 k set anew", 0},
	{"Intervals", "1-ms intervals, 20 k²", 2},
	{"SetAndClear", "setTimeout and clear", 2},
	{"Pool", "pool round trips, 64 in flight, 4 threads¹", 15},
	{"Messages", "worker round trips of a small object, 64 in flight", 10},
	{"Maps", "worker round trips of the same as a map, 64 in flight", 0},
	{"Numbers", "worker round trips of a number, 64 in flight", 0},
}

// The rows that are made otherwise.
const (
	memory = "PendingTimers"
	web    = "HTTP"
)

// names lists what -only takes.
func names() string {
	var all []string
	for _, o := range operations {
		all = append(all, o.name)
	}
	return strings.Join(all, ", ") + ", " + memory + " or " + web
}

func known(only string) bool {
	return only == "" || only == memory || only == web ||
		slices.ContainsFunc(operations, func(o operation) bool { return o.name == only })
}

// operations measures the rows that need no network.
func (k *kit) operations(ctx context.Context, s settings) ([]row, error) {
	var rows []row
	for _, o := range operations {
		if s.only != "" && s.only != o.name {
			continue
		}
		r := row{says: o.says, unit: "M/s", floor: o.floor}
		err := alternate(s.rounds,
			func() error { return k.benchmark(ctx, o.name, &r) },
			func() error { return k.onNode(ctx, o.name, &r.node) },
		)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
		fmt.Fprintf(k.log, "%s is measured\n", o.name)
	}
	if s.only != "" && s.only != memory {
		return rows, nil
	}
	r := row{says: "memory of a pending timer, of a million", unit: "bytes", less: true}
	if err := k.benchmark(ctx, memory, &r); err != nil {
		return nil, err
	}
	if err := k.onNode(ctx, memory, &r.node); err != nil {
		return nil, err
	}
	return append(rows, r), nil
}

// alternate runs the contestants once a round, every other round from the last
// to the first.
func alternate(rounds int, contestants ...func() error) error {
	for round := range rounds {
		for i := range contestants {
			if round%2 == 1 {
				i = len(contestants) - 1 - i
			}
			if err := contestants[i](); err != nil {
				return err
			}
		}
	}
	return nil
}

// benchmark runs a Go benchmark once and adds to its row.
func (k *kit) benchmark(ctx context.Context, name string, r *row) error {
	args := []string{"-test.run=^$", "-test.bench=^Benchmark" + name + "$", "-test.benchtime=300ms"}
	if name == memory {
		args[2] = "-test.benchtime=1x"
	}
	out, err := k.output(ctx, k.benchmarks(), args...)
	if err != nil {
		return err
	}
	values := benchmarkValues(out)
	if len(values) == 0 {
		return fmt.Errorf("target/loop has no benchmark %q", name)
	}
	if name == memory {
		r.ours = append(r.ours, values["bytes/timer"])
		return nil
	}
	r.ours = append(r.ours, perSecond(values["ns/op"]))
	r.allocs = fmt.Sprintf("%.0f (%.0f B)", values["allocs/op"], values["B/op"])
	return nil
}

var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark\S+\s+\d+\s+(.+)$`)

// benchmarkValues reads the line of a Go benchmark: each value by its unit.
func benchmarkValues(out string) map[string]float64 {
	values := map[string]float64{}
	if line := benchmarkLine.FindStringSubmatch(out); line != nil {
		fields := strings.Fields(line[1])
		for i := 0; i+1 < len(fields); i += 2 {
			values[fields[i+1]], _ = strconv.ParseFloat(fields[i], 64)
		}
	}
	return values
}

// onNode runs the same on Node, where it is installed.
func (k *kit) onNode(ctx context.Context, name string, into *[]float64) error {
	if k.node == "" {
		return nil
	}
	out, err := k.output(ctx, k.node, "--expose-gc", k.script(), name)
	if err != nil {
		return err
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(out), 64)
	if err != nil {
		return fmt.Errorf("%s on Node: %w", name, err)
	}
	if name != memory {
		value = perSecond(value)
	}
	*into = append(*into, value)
	return nil
}

// perSecond turns nanoseconds an operation into millions a second.
func perSecond(ns float64) float64 { return 1e3 / ns }
