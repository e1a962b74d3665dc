package fuzz_test

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/looptest/looptest/target/loop/fuzz"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// leastGolden is how many programs the golden file has at least.
const leastGolden = 500

func readGolden(t *testing.T) []fuzz.Pair {
	t.Helper()
	file, err := os.Open("testdata/golden.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	pairs, err := fuzz.ReadPairs(file)
	if err != nil {
		t.Fatal(err)
	}
	return pairs
}

// Node's own traces, replayed without Node.
func TestLoopAgreesWithNode(t *testing.T) {
	pairs := readGolden(t)
	if len(pairs) < leastGolden {
		t.Errorf("%d golden pairs, want %d or more", len(pairs), leastGolden)
	}
	for _, pair := range pairs {
		ours := fuzz.Run(pair.Program)
		if !slices.Equal(ours, pair.Node) {
			t.Fatalf("%v", &fuzz.Mismatch{Program: pair.Program, Node: pair.Node, Loop: ours})
		}
	}
}

// The golden programs have every operation, beforeExit work and handlers: a
// comparison sees only what it runs.
func TestGoldenProgramsHaveEverything(t *testing.T) {
	seen := map[fuzz.Kind]int{}
	lines := map[string]int{}
	for _, pair := range readGolden(t) {
		for kind := range pair.Program.Kinds() {
			seen[kind]++
		}
		for _, line := range pair.Node {
			var ms int
			var name string
			if n, _ := fmt.Sscanf(line, "%d %s", &ms, &name); n == 2 {
				if thread, inside, isWorker := strings.Cut(name, ":"); isWorker && thread[0] == 'w' {
					lines["w"]++
					name = inside
				}
				lines[name[:1]]++
			}
			for _, prefix := range []string{"UE:", "UR:", "RH:"} {
				if len(name) > 2 && name[:3] == prefix {
					lines[prefix]++
				}
			}
		}
	}
	for _, kind := range fuzz.AllKinds {
		if seen[kind] < 5 {
			t.Errorf("%d golden programs with %s", seen[kind], kind)
		}
	}
	for _, name := range []string{"t", "q", "p", "f", "c", "I", "T", "V", "C", "P", "W", "m", "B", "w", "G", "M", "E", "X", "UE:", "UR:", "RH:"} {
		if lines[name] < 5 {
			t.Errorf("%d golden lines that begin with %s", lines[name], name)
		}
	}
}

func TestGenerateIsRepeatable(t *testing.T) {
	for seed := range uint64(50) {
		a, b := fuzz.Generate(seed, fuzz.Options{}), fuzz.Generate(seed, fuzz.Options{})
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("seed %d gives two programs", seed)
		}
	}
	if reflect.DeepEqual(fuzz.Generate(1, fuzz.Options{}).Main, fuzz.Generate(2, fuzz.Options{}).Main) {
		t.Error("seeds 1 and 2 give the same program")
	}
}

func TestPlainProgramsNeedNoTime(t *testing.T) {
	for seed := range uint64(200) {
		kinds := fuzz.Generate(seed, fuzz.Options{Plain: true, Without: []fuzz.Kind{fuzz.Exit}}).Kinds()
		for _, kind := range []fuzz.Kind{fuzz.Timeout, fuzz.Interval, fuzz.Refresh, fuzz.Advance, fuzz.Job, fuzz.Exit} {
			if kinds[kind] {
				t.Fatalf("seed %d has %s", seed, kind)
			}
		}
	}
}

// The messages of a worker and the timers of its parent have no order in real
// time, so that no worker is started but by a program that does nothing else.
func TestPlainParentsOnlyListen(t *testing.T) {
	workers := 0
	for seed := range uint64(200) {
		p := fuzz.Generate(seed, fuzz.Options{Plain: true})
		if !p.Kinds()[fuzz.Worker] {
			continue
		}
		workers++
		if len(p.Main) != 1 || p.Main[0].In == nil || p.Main[0].In.Kinds()[fuzz.Worker] {
			t.Fatalf("seed %d: %+v", seed, p)
		}
		p.Main[0].In = nil
		for kind := range p.Kinds() {
			switch kind {
			case fuzz.Worker, fuzz.Tick, fuzz.Micro, fuzz.Then, fuzz.Finally, fuzz.Catch, fuzz.Throw, fuzz.Reject, fuzz.Handle:
			default:
				t.Errorf("seed %d: the parent has %s", seed, kind)
			}
		}
	}
	if workers < 20 {
		t.Errorf("only %d programs run in a worker", workers)
	}
}

// A worker whose parent ends before it is let go.
func TestAParentThatEndsFirst(t *testing.T) {
	post := &fuzz.Op{Kind: fuzz.Post, ID: 2}
	p := &fuzz.Program{Limit: 10, Main: []*fuzz.Op{
		{Kind: fuzz.Worker, ID: 1, In: &fuzz.Program{Limit: 10, Main: []*fuzz.Op{post}}, Do: []*fuzz.Op{{Kind: fuzz.Exit, N: 3}}},
	}}
	want := []string{"0 main", "0 M2", "0 exit 3", "0 w1:main", "0 w1:B0", "0 w1:exit 0", "code 3"}
	if got := fuzz.Run(p); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A program of which only an interval inside an immediate matters.
func TestShrinkLeavesWhatMatters(t *testing.T) {
	interval := func(p *fuzz.Program) bool { return p.Kinds()[fuzz.Interval] }
	shrunk := 0
	for seed := range uint64(50) {
		p := fuzz.Generate(seed, fuzz.Options{})
		if !interval(p) {
			continue
		}
		shrunk++
		small := fuzz.Shrink(p, interval)
		if !interval(small) {
			t.Fatalf("seed %d: the shrunk program does not fail any more", seed)
		}
		if n := len(small.Kinds()); n != 1 || small.Catches || small.Watches || len(small.BeforeExit) > 2 {
			t.Errorf("seed %d: %d kinds of operation are left: %+v", seed, n, small)
		}
	}
	if shrunk < 10 {
		t.Errorf("only %d programs had anything to shrink", shrunk)
	}
}

func TestPairsSurviveTheirFile(t *testing.T) {
	p := fuzz.Generate(3, fuzz.Options{})
	want := []fuzz.Pair{{Program: p, Node: fuzz.Run(p)}}
	var file bytes.Buffer
	if err := fuzz.WritePairs(&file, want); err != nil {
		t.Fatal(err)
	}
	got, err := fuzz.ReadPairs(&file)
	if err != nil || len(got) != 1 || !slices.Equal(got[0].Node, want[0].Node) {
		t.Fatalf("got %v, %v", got, err)
	}
	if again := fuzz.Run(got[0].Program); !slices.Equal(again, want[0].Node) {
		t.Error("the program that was read runs differently")
	}
}
