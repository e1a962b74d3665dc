package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/looptest/looptest/target"
)

// sample is one endpoint whose kind is known, with the server that it is asked of.
type sample struct {
	Name     string
	Group    group
	Set      set
	Server   server
	Path     string
	Probe    string // /ok when empty
	Pool     string // a second request for the same pool; empty for none
	Kind     target.Kind
	Stall    time.Duration // that is to be found; 0 when none is
	Chunk    time.Duration
	Capacity int
	Hog      bool // another process keeps a core busy
}

// group is what a sample is counted for.
type group string

const (
	sensitivity group = "sensitivity"
	nulls       group = "nulls"
	kinds       group = "kinds"
	pools       group = "pools"      // with a second request for the pool
	staircases  group = "staircases" // without one
)

// set says whether the rules may have been tuned on a sample's parameters.
type set string

const (
	tuned set = "tuned on"
	held  set = "held on"
)

// server is what is started: a runtime with its settings.
type server struct {
	Runtime string // node, python, go, looptest
	Env     string // "NAME=value", separated by spaces
	Args    string // further arguments of looptest serve
}

func (s server) String() string { return strings.TrimSpace(s.Runtime + " " + s.Env + s.Args) }

var (
	node     = server{Runtime: "node"}
	python   = server{Runtime: "python"}
	goServer = server{Runtime: "go"}
	ours     = server{Runtime: "looptest"}
)

func (s server) with(env string) server { s.Env = env; return s }

// samples are all of them.
func samples() []sample {
	var all []sample
	add := func(s sample) {
		if s.Name == "" {
			s.Name = fmt.Sprintf("%s %s", s.Server, s.Path)
			if s.Hog {
				s.Name += ", a core kept busy"
			}
		}
		all = append(all, s)
	}
	for _, ms := range []float64{1, 2, 5, 10, 50, 200} {
		add(sample{Group: sensitivity, Set: held, Server: node, Path: fmt.Sprintf("/block?ms=%g", ms), Kind: target.Blocking, Stall: inMS(ms)})
	}
	for _, hog := range []bool{false, true} {
		for _, n := range []sample{
			{Server: node, Path: "/wait?ms=10", Kind: target.Waiting}, {Server: node, Path: "/ok", Kind: target.Trivial},
			{Server: node.with("WORKERS=2"), Path: "/worker-sleep?ms=10", Kind: target.OffLoop},
			{Server: python, Path: "/wait?ms=15", Kind: target.Waiting}, {Server: goServer, Path: "/wait?ms=10", Kind: target.Waiting},
			{Server: ours, Path: "/lookup?ms=10&as=file", Kind: target.OffLoop},
		} {
			n.Group, n.Set, n.Hog = nulls, held, hog
			add(n)
		}
	}
	for _, k := range kindSamples() {
		k.Group = kinds
		add(k)
	}
	for size := 1; size <= 8; size++ {
		threads := fmt.Sprintf("UV_THREADPOOL_SIZE=%d", size)
		hash := sample{Set: held, Server: node.with(threads), Path: "/hash?n=30000", Kind: target.OffLoop, Capacity: size}
		wait := sample{Set: held, Server: server{Runtime: "looptest", Args: fmt.Sprintf("--pool-size %d", size)}, Path: "/lookup?ms=25&as=file", Kind: target.OffLoop, Capacity: size}
		for _, s := range []sample{hash, wait} {
			s.Group = staircases
			add(s)
			s.Group, s.Pool = pools, "/file"
			if s.Server.Runtime == "looptest" {
				s.Pool = "/lookup?ms=1&as=file"
			}
			s.Name = fmt.Sprintf("%s %s with %s", s.Server, s.Path, s.Pool)
			add(s)
		}
	}
	return all
}

// kindSamples are each kind with two sets of parameters.
func kindSamples() []sample {
	two := node.with("CLUSTER=2")
	workers := func(n int) server { return node.with(fmt.Sprintf("WORKERS=%d", n)) }
	return []sample{
		{Set: tuned, Server: node, Path: "/block?ms=20", Kind: target.Blocking, Stall: inMS(20)},
		{Set: tuned, Server: node, Path: "/chunk?ms=5&n=20", Kind: target.Cooperative, Chunk: inMS(5)},
		{Set: tuned, Server: node, Path: "/wait?ms=50", Kind: target.Waiting},
		{Set: tuned, Server: node, Path: "/late?ms=20&n=40", Kind: target.PartlyBlocking, Stall: inMS(20)},
		{Set: tuned, Server: node, Path: "/hash?n=50000", Kind: target.OffLoop, Capacity: 4},
		{Set: tuned, Server: node, Path: "/file", Kind: target.Trivial},
		{Set: tuned, Server: two, Path: "/block?ms=40", Kind: target.Processes},

		{Set: held, Server: node, Path: "/block?ms=35", Kind: target.Blocking, Stall: inMS(35)},
		{Set: held, Server: node, Path: "/starve?ms=30", Kind: target.Blocking, Stall: inMS(30)},
		{Set: held, Server: node, Path: "/allocate?ms=30", Kind: target.Blocking, Stall: inMS(30)},
		{Set: held, Server: node, Path: "/hash-sync?n=20000", Kind: target.Blocking},
		{Set: held, Server: node, Path: "/chunk?ms=1&n=60", Kind: target.Cooperative, Chunk: inMS(1)},
		{Set: held, Server: node, Path: "/chunk?ms=20&n=6", Kind: target.Cooperative, Chunk: inMS(20)},
		{Set: held, Server: node, Path: "/late?ms=10&n=30", Kind: target.PartlyBlocking, Stall: inMS(10)},
		{Set: held, Server: node, Path: "/early?ms=15&n=60", Kind: target.PartlyBlocking, Stall: inMS(15)},
		{Set: held, Server: node, Path: "/wait?ms=120", Kind: target.Waiting},
		{Set: held, Server: node, Path: "/hash?n=25000", Kind: target.OffLoop, Capacity: 4},
		{Set: held, Server: workers(1), Path: "/worker?ms=20", Kind: target.OffLoop, Capacity: 1},
		{Set: held, Server: workers(2), Path: "/worker?ms=20", Kind: target.OffLoop, Capacity: 2},
		{Set: held, Server: workers(3), Path: "/worker-sleep?ms=30", Kind: target.OffLoop, Capacity: 3},
		{Set: held, Server: workers(4), Path: "/worker-sleep?ms=30", Kind: target.OffLoop, Capacity: 4},
		{Set: held, Server: two, Path: "/block?ms=60", Kind: target.Processes},
		{Set: held, Server: python, Path: "/block?ms=25", Kind: target.Blocking, Stall: inMS(25)},
		{Set: held, Server: python, Path: "/chunk?ms=5&n=15", Kind: target.Cooperative, Chunk: inMS(5)},
		{Set: held, Server: python.with("THREADS=3"), Path: "/executor?ms=30", Kind: target.OffLoop, Capacity: 3},
		{Set: held, Server: python, Path: "/wait?ms=40", Kind: target.Waiting},
		{Set: held, Server: goServer, Path: "/wait?ms=60", Kind: target.Waiting},
		{Set: held, Server: goServer, Path: "/burn?ms=15", Kind: target.OffLoop},
		{Set: held, Server: goServer, Path: "/mutex?ms=25", Probe: "/locked", Kind: target.Blocking, Stall: inMS(25)},
		{Set: held, Server: ours, Path: "/slow?mode=block&n=40000", Kind: target.Blocking, Stall: inMS(40)},
		{Set: held, Server: ours, Path: "/slow?mode=chunk&n=80000&chunk=4000", Kind: target.Cooperative, Chunk: inMS(4)},
		{Set: held, Server: ours, Path: "/slow?mode=worker&n=30000", Kind: target.OffLoop},
	}
}

func inMS(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
