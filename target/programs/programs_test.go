package programs

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target/loop"
)

func run(t *testing.T, name string) Trace {
	t.Helper()
	p, ok := Find(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	trace, err := Run(p)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// described writes the lines as "text@phase, queue".
func described(p PartTrace) []string {
	var all []string
	for _, l := range p.Lines {
		all = append(all, l.Text+"@"+l.Where())
	}
	return all
}

func numbered(name string) []string {
	var all []string
	for round := range starvingRounds {
		all = append(all, fmt.Sprintf("%s %d@%s", name, round+1, map[string]string{"tick": "main, tick", "immediate": "check"}[name]))
	}
	return all
}

// In virtual time every line has its one place.
func TestOrderAndPhases(t *testing.T) {
	ticks, immediates := numbered("tick"), numbered("immediate")
	cases := []struct {
		program string
		want    [][]string
	}{
		// Virtual time is 0.8 ms at the loop's entry, so that the timer isn't due.
		{"microtasks", [][]string{{"1@main", "6@main", "5@main, tick", "4@main, microtask", "3@check", "2@timers"}}},
		{"immediate-vs-timeout", [][]string{
			{"immediate@check", "timeout@timers"},
			{"I/O callback@poll", "immediate@check", "timeout@timers"},
		}},
		{"starvation", [][]string{
			append(slices.Clone(ticks), starvedTimer+"@timers", starvedRead+"@poll"),
			append([]string{starvedRead + "@poll", immediates[0], starvedTimer + "@timers"}, immediates[1:]...),
		}},
		{"phases", [][]string{{
			"main program@main", "I/O done@poll", "tick@poll, tick", "promise job@poll, microtask",
			"late I/O error@pending, tick", "immediate@check", "socket closed@close",
			"idle hook@idle", "prepare hook@prepare", "timeout@timers", "nothing left@beforeExit",
		}}},
		{"async-io", [][]string{{"start@main", "end@main", "done@poll, microtask"}}},
	}
	for _, c := range cases {
		trace := run(t, c.program)
		for i, want := range c.want {
			if got := described(trace.Parts[i]); !slices.Equal(got, want) {
				t.Errorf("%s, %s: got\n%q, want\n%q", c.program, trace.Parts[i].Name, got, want)
			}
		}
	}
}

func TestVirtualTimeRepeats(t *testing.T) {
	// 4 lines in main and its drain, then the immediate at 0.8 ms; the timer at 1 ms.
	var got []time.Duration
	for _, l := range run(t, "microtasks").Parts[0].Lines {
		got = append(got, l.At/LineTakes)
	}
	if want := []time.Duration{0, 1, 2, 3, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("lines at %v × %v, want %v", got, LineTakes, want)
	}
	// 10 rounds of 0.2 ms for the line and 1 ms of work.
	p := run(t, "starvation").Parts[0]
	if got, want := p.at(starvedTimer), 12*time.Millisecond; got != want {
		t.Errorf("the starved timer ran at %v, want %v", got, want)
	}
}

// A pool starts jobs first in, first out, as many at once as it has threads.
func TestThreadPoolRunsInWaves(t *testing.T) {
	for _, p := range run(t, "thread-pool").Parts {
		if len(p.Lines) != hashes || len(p.OnPool) != hashes {
			t.Fatalf("%s: %d lines, %d jobs", p.Name, len(p.Lines), len(p.OnPool))
		}
		if got := mostAtOnce(p.OnPool); got > p.Pool {
			t.Errorf("%s: %d jobs at once", p.Name, got)
		}
		for number, name := range hashNames() {
			if least := number + 1 - p.Pool; slices.Index(p.Texts(), name) < least {
				t.Errorf("%s: %s is among the first %d to end: %q", p.Name, name, least, p.Texts())
			}
		}
		for _, l := range p.Lines {
			if l.Phase != loop.PhasePoll {
				t.Errorf("%s: %s in %s", p.Name, l.Text, l.Phase)
			}
		}
	}
}

func mostAtOnce(jobs []Job) int {
	most := 0
	for _, a := range jobs {
		now := 0
		for _, b := range jobs {
			if b.Start <= a.Start && a.Start < b.End {
				now++
			}
		}
		most = max(most, now)
	}
	return most
}

// Callbacks follow each other and hold the lines' times.
func TestCallbacksDoNotOverlap(t *testing.T) {
	for _, p := range All() {
		for _, part := range run(t, p.Name).Parts {
			var end time.Duration
			var printed []string
			for _, c := range part.Callbacks {
				if c.Start < end || c.End < c.Start {
					t.Errorf("%s: a callback from %v to %v, after one to %v", p.Name, c.Start, c.End, end)
				}
				end = c.End
				printed = append(printed, c.Lines...)
			}
			if !slices.Equal(printed, part.Texts()) {
				t.Errorf("%s: callbacks printed %q of %q", p.Name, printed, part.Texts())
			}
			if seen := slices.Compact(slices.Sorted(slices.Values(printed))); len(seen) != len(printed) {
				t.Errorf("%s: a line is there twice in %q", p.Name, printed)
			}
		}
	}
}

// What a part declares speaks of lines that there are.
func TestDeclarationsNameLines(t *testing.T) {
	for _, p := range All() {
		trace := run(t, p.Name)
		for _, part := range trace.Parts {
			for _, line := range slices.Concat(append(part.Open, part.Anywhere, part.LoopOnly, part.Jobs)...) {
				if !slices.Contains(part.Texts(), line) {
					t.Errorf("%s, %s: %q is never printed", p.Name, part.Name, line)
				}
			}
			if (len(part.Open)+len(part.Anywhere) > 0) != (part.OpenBecause != "") {
				t.Errorf("%s, %s: open orders need a reason, and only they", p.Name, part.Name)
			}
		}
		if p.Finding(trace) == "" || p.Shows == "" {
			t.Errorf("%s shows nothing", p.Name)
		}
		if source, err := p.Source(); err != nil || !strings.Contains(source, "console.log") {
			t.Errorf("%s has no JavaScript: %v", p.Name, err)
		}
	}
}

// The real Node prints the same lines in the same order and phases.
func TestNodeAgrees(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	for _, p := range All() {
		t.Run(p.Name, func(t *testing.T) {
			pair, err := RunBoth(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if reason := pair.Node.Unlike(); reason != "" {
				t.Skip(reason)
			}
			for _, d := range pair.Differences {
				t.Errorf("%s, %s: the loop %s, Node %s", d.Part, d.Line, d.Loop, d.Node)
			}
			for i, part := range pair.Trace.Parts {
				for _, l := range pair.Node.Parts[i] {
					if k := slices.Index(part.Texts(), l.Text); k >= 0 && part.Lines[k].Where() != l.Where() {
						t.Errorf("%s: %s on the loop, %s on Node", l.Text, part.Lines[k].Where(), l.Where())
					}
				}
			}
		})
	}
}

func TestNodeMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	p, _ := Find("microtasks")
	if _, err := RunOnNode(t.Context(), p); !errors.Is(err, ErrNoNode) {
		t.Errorf("got %v", err)
	}
}

func TestCompare(t *testing.T) {
	p := Part{Name: "p", Open: [][]string{{"b", "c"}}, LoopOnly: []string{"hook"}, Anywhere: []string{"w"}}
	cases := []struct {
		name         string
		onLoop, node string
		want         []Difference
	}{
		{"the same", "a b c", "a b c", nil},
		{"open", "a b c", "a c b", nil},
		{"anywhere", "w a b", "a b w", nil},
		{"loop only", "a hook b", "a b", nil},
		{"swapped", "a b", "b a", []Difference{{"p", "b", `after "a"`, `before "a"`}}},
		{"open is not far", "a b c d", "b a c d", []Difference{{"p", "b", `after "a"`, `before "a"`}}},
		{"lost", "a b", "a", []Difference{{"p", "b", "printed", "not printed"}}},
		{"added", "a", "a b", []Difference{{"p", "b", "not printed", "printed"}}},
		{"doubled", "a b", "a b a", []Difference{{"p", "a", "printed once", "printed again"}}},
	}
	for _, c := range cases {
		if got := p.compare(strings.Fields(c.onLoop), strings.Fields(c.node)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// Of 3 jobs on 2 threads the third can't be the first to end.
func TestCompareWaves(t *testing.T) {
	jobs := []string{"a", "b", "c"}
	p := Part{Name: "p", Pool: 2, Jobs: jobs, Open: [][]string{jobs}}
	cases := []struct {
		onLoop, node string
		want         []Difference
	}{
		{"a b c", "b c a", nil},
		{"a b c", "c a b", []Difference{{"p", "c", "in its turn", "before its turn"}}},
		{"c b a", "b a c", []Difference{{"p", "c", "before its turn", "in its turn"}}},
	}
	for _, c := range cases {
		if got := p.compare(strings.Fields(c.onLoop), strings.Fields(c.node)); !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: got %v, want %v", c.onLoop, c.node, got, c.want)
		}
	}
}

func TestUnlike(t *testing.T) {
	for version, unlike := range map[string]bool{"v18.19.0": true, "v20.20.2": false, "v24.1.0": false, "odd": false} {
		if got := (NodeTrace{Version: version}).Unlike() != ""; got != unlike {
			t.Errorf("%s: %v", version, got)
		}
	}
}
