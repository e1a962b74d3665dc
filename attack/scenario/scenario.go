package scenario

import (
	"path/filepath"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Scenario is what is to be run: a target, the load on it and its budgets.
type Scenario struct {
	Name      string // as reports call it; may be empty
	Target    Target
	Transport attack.Transport
	Warmup    attack.Warmup
	Phases    []attack.Phase  // at least one; a scenario without phases has one without a name
	Streams   []attack.Stream // their schedules go over all phases
	Budgets   []Budget
	// Source is the file as it was read, variables of the environment not filled
	// in. It is kept with the records.
	Source []byte
}

// Target says what is under test: a server that runs (URL, Socket) or a command
// that starts one.
type Target struct {
	URL     string // without a slash at its end
	Socket  string // the Unix socket that it listens on
	Command []string

	// Of a command only.
	Dir          string
	Env          []string // "NAME=value"
	Ready        string   // the path or URL that answers once it is ready
	ReadyTimeout time.Duration
}

// Starter makes the target ready to be driven.
func (t Target) Starter() target.Starter {
	if len(t.Command) == 0 {
		return target.Bare{Address: t.URL, Socket: t.Socket}
	}
	return &target.Command{Args: t.Command, Dir: t.Dir, Env: t.Env, Ready: t.Ready, ReadyTimeout: t.ReadyTimeout}
}

// Parse reads a scenario. Relative paths in it start at the folder of name. Its
// error is of type Mistakes.
func Parse(source []byte, name string) (*Scenario, error) {
	return parse(source, name, worldAt(filepath.Dir(name)))
}

func parse(source []byte, name string, w *world) (*Scenario, error) {
	m := &mistakes{file: name}
	root := tree(source, m, w)
	if len(m.list) > 0 {
		return nil, m.err()
	}
	if root.kind == nothing {
		m.add(place{}, "is empty; looptest run --init writes an example")
		return nil, m.err()
	}
	var f file
	(&decoding{mistakes: m}).into(&f, place{node: root})
	if len(m.list) > 0 {
		return nil, m.err()
	}
	b := building{mistakes: m, world: w, file: &f}
	s := b.scenario()
	s.Source = source
	return s, m.err()
}

// Span is how long the measured part lasts, as scheduled.
func (s *Scenario) Span() time.Duration {
	last := s.Phases[len(s.Phases)-1]
	return last.Begins + last.Lasts
}

// Requests is how many the schedules ask for.
func (s *Scenario) Requests() int {
	sum := 0
	for _, stream := range s.Streams {
		sum += stream.Schedule.Count()
	}
	return sum
}

// Labels are what reports call the requests of a stream.
func Labels(s attack.Stream) []string {
	labels := make([]string, len(s.Requests))
	for i, r := range s.Requests {
		labels[i] = r.Label()
	}
	return labels
}

// Arm is the scenario as an arm of a plan. It warms up with its own load, gently:
// the target may be anyone's.
func (s *Scenario) Arm() attack.Arm {
	name := s.Name
	if name == "" {
		name = "load"
	}
	warmup := s.Warmup
	warmup.AsLoad = true
	return attack.Arm{
		Name: name, Target: s.Target.Starter(), Streams: s.Streams, Transport: s.Transport,
		Phases: s.Phases, Warmup: warmup, Takes: s.Span(),
	}
}

// Plan runs the scenario once.
func (s *Scenario) Plan() attack.Plan {
	return attack.Plan{Arms: []attack.Arm{s.Arm()}, Blocks: 1}
}

// URLs are where load goes, each host once, so that a caller can ask before it
// leaves this machine. A command's and a socket's target have none of their own.
func (s *Scenario) URLs() []string {
	var urls []string
	seen := map[string]bool{}
	add := func(origin string) {
		if origin != "" && !seen[origin] {
			seen[origin] = true
			urls = append(urls, origin)
		}
	}
	if s.Target.Socket == "" {
		add(origin(s.Target.URL))
	}
	for _, stream := range s.Streams {
		for _, r := range stream.Requests {
			if s.Target.Socket == "" {
				add(origin(r.URL))
			}
		}
	}
	return urls
}
