package main

import (
	"fmt"
	"strings"
	"time"
)

// cell is one kind of gate, which is run many times.
type cell struct {
	Name  string // of its file, and for -only
	Title string
	// Equal arms must not fail; of the others Metric says which one the dose is for,
	// and Delta how many of its δ the head is held back by.
	Equal  bool
	Metric string
	Delta  float64
	Builds bool     // base and head are two builds of one source
	Hog    bool     // another process keeps a core busy
	Args   []string // of the head's server
	Times  int      // as long in each block, where what happens is rare; 1 when zero
}

// heldTimes makes room for two holds of the loop in each block.
const heldTimes = 4

// doses are in δ.
var doses = []float64{0.5, 1, 1.5, 2, 4}

// cells are all of them, in the order of the report.
func cells() []cell {
	all := []cell{
		{Name: "aa-same-quiet", Title: "the same build twice, quiet", Equal: true},
		{Name: "aa-builds-quiet", Title: "two builds of one source, quiet", Equal: true, Builds: true},
		{Name: "aa-same-hog", Title: "the same build twice, a core kept busy", Equal: true, Hog: true},
		{Name: "aa-builds-hog", Title: "two builds of one source, a core kept busy", Equal: true, Builds: true, Hog: true},
	}
	for _, metric := range decide {
		for _, d := range doses {
			all = append(all, cell{
				Name: fmt.Sprintf("ab-%s-%g", metric, d), Title: fmt.Sprintf("every answer later by %g δ of %s", d, metric),
				Metric: metric, Delta: d,
			})
		}
	}
	return append(all,
		cell{Name: "ab-stalls", Title: "1 % of the answers later by 50 ms", Metric: "p99", Args: []string{"--stall-share", "1%:50ms"}},
		cell{Name: "ab-blocks", Title: "the loop held for 50 ms every second", Metric: "p99", Args: []string{"--block-every", "1s:50ms"}, Times: heldTimes},
	)
}

// delay is what the head's answers are held back by: a time, which moves every
// quantile of the response time by as much, whatever else a request waited for.
func (c cell) delay(base level) time.Duration {
	ms := c.Delta * delta(c.Metric) * base[c.Metric]
	return time.Duration(ms * float64(time.Millisecond)).Round(time.Microsecond)
}

// chosen are the cells that one of the words, separated by commas, occurs in.
func chosen(only string) ([]cell, error) {
	if only == "" {
		return cells(), nil
	}
	var found []cell
	for _, c := range cells() {
		for word := range strings.SplitSeq(only, ",") {
			if word != "" && strings.Contains(c.Name, word) {
				found = append(found, c)
				break
			}
		}
	}
	if len(found) == 0 {
		var names []string
		for _, c := range cells() {
			names = append(names, c.Name)
		}
		return nil, fmt.Errorf("-only %q is in none of %s", only, strings.Join(names, ", "))
	}
	return found, nil
}

// task is one gate to be run.
type task struct {
	cell   cell
	number int // of the cell's gates, from 0
}

// toDo lists what is missing, in rounds over the cells: what changes on the
// machine over the hours then changes for all of them, and an interruption leaves
// each with its share. The gates with equal arms are spread over their cells.
func toDo(of []cell, aa, ab int, have map[string]int) []task {
	equal := 0
	for _, c := range cells() {
		if c.Equal {
			equal++
		}
	}
	var tasks []task
	for round := range max(aa, ab) {
		for _, c := range of {
			want := ab
			if c.Equal {
				want = (aa + equal - 1) / equal
			}
			if round >= have[c.Name] && round < want {
				tasks = append(tasks, task{c, round})
			}
		}
	}
	return tasks
}
