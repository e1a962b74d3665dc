package attack_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// A block starts both, looks at each around its own slices alone, drives one at a
// time in the order of the coin, and stops them the other way round.
func TestInterleavedBlock(t *testing.T) {
	p, base, _ := pair(200*time.Millisecond, attack.Interleave{Slice: 50 * time.Millisecond})
	if _, err := attack.Execute(t.Context(), p, attack.Hooks{}); err != nil {
		t.Fatal(err)
	}
	first, second := p.Arms[p.Order(0)[0]].Name, p.Arms[p.Order(0)[1]].Name
	want := []string{"start " + first, "start " + second}
	for _, name := range []string{first, second, second, first, second, first, first, second} {
		want = append(want, "look at "+name, name, "looked at "+name)
	}
	want = append(want, "stop "+second, "stop "+first)
	if got := base.diary.stretches(); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// Each arm gives one run, whose slices lie end to end and whose requests count
// through as the schedule has them.
func TestInterleavedRuns(t *testing.T) {
	const lasts = 250 * time.Millisecond
	p, _, head := pair(lasts, attack.Interleave{Slice: 100 * time.Millisecond})
	head.handler = func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) }
	two := []attack.Request{{URL: "/a"}, {URL: "/b"}, {URL: "/c"}}
	for i := range p.Arms {
		p.Arms[i].Streams[0].Requests = two
		p.Arms[i].Phases = []attack.Phase{{Name: "all", Lasts: lasts}}
	}
	p.FirstBlock, p.Blocks = 3, 2
	runs, err := attack.Execute(t.Context(), p, attack.Hooks{BlockDone: func(r []attack.Run) error {
		if len(r) != 2 || r[0].Block != r[1].Block {
			t.Errorf("a block of %d runs", len(r))
		}
		return nil
	}})
	if err != nil || len(runs) != 4 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for i, r := range runs {
		order := p.SliceOrder(r.Block)
		if r.Block != 3+i/2 || r.Order != i%2 || r.Partial || len(r.Phases) != 1 || len(r.Slices) != 4 || len(order) != 8 {
			t.Fatalf("run %d: block %d, place %d, partial %v, slices %v of %v", i, r.Block, r.Order, r.Partial, r.Slices, order)
		}
		var ends time.Duration
		for _, s := range r.Slices {
			if s.Begins != ends || p.Arms[order[s.Place]].Name != r.Arm {
				t.Errorf("%s's slice %+v begins after %v, in %v", r.Arm, s, ends, order)
			}
			ends += s.Lasts
		}
		if ends != lasts {
			t.Errorf("the slices last %v", ends)
		}
		bad := 0
		if r.Arm == "head" {
			bad = 50
		}
		if c := r.Streams[0]; c.Offered != 50 || c.Sent != 50 || c.Unsent != 0 || c.Bad != bad || c.Span != lasts || len(r.Samples) != 50 {
			t.Errorf("%+v with %d samples", c, len(r.Samples))
		}
		for seq, s := range r.Samples {
			due, _ := p.Arms[0].Streams[0].Schedule.Due(seq)
			if s.Seq != seq || s.Intended != due || s.Request != seq%3 || s.Sent < s.Intended || s.Done < s.Sent {
				t.Fatalf("sample %d: %+v, due at %v", seq, s, due)
			}
		}
	}
}

// What the target says of itself is summed over its slices; heartbeats and
// readings of the memory from between them are left out.
func TestInterleavedUsage(t *testing.T) {
	p, base, _ := pair(200*time.Millisecond, attack.Interleave{Slice: 100 * time.Millisecond})
	base.usage = target.Usage{CPU: time.Second, PeakMemory: 7, Utilization: 0.5, Longest: time.Millisecond, Label: "x"}
	runs, err := attack.Execute(t.Context(), p, attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		want := target.Usage{CPU: 2 * time.Second, PeakMemory: 7, Utilization: 0.5, Longest: time.Millisecond, Label: "x"}
		memory := r.Target.Memory
		r.Target.Memory = nil
		if r.Arm == "base" && !reflect.DeepEqual(*r.Target, want) {
			t.Errorf("%+v", *r.Target)
		}
		if len(r.Lag) != 20 || len(memory) != 20 {
			t.Fatalf("%d heartbeats, %d readings of the memory", len(r.Lag), len(memory))
		}
		for i, beat := range r.Lag {
			if at := time.Duration(i) * 10 * time.Millisecond; beat.Due != at || memory[i].At != at {
				t.Errorf("heartbeat %d is due at %v, the memory was read at %v", i, beat.Due, memory[i].At)
			}
		}
	}
}

// The coin depends on the seed and the block alone and falls on either side.
func TestSliceOrder(t *testing.T) {
	p, _, _ := pair(time.Second, attack.Interleave{})
	began := map[string]int{}
	for block := range 200 {
		order := fmt.Sprint(p.SliceOrder(block))
		if order != fmt.Sprint(p.SliceOrder(block)) {
			t.Fatal("the same block gave two orders")
		}
		began[order]++
	}
	if abba, baab := began["[0 1 1 0]"], began["[1 0 0 1]"]; abba+baab != 200 || abba < 60 || baab < 60 {
		t.Errorf("%v", began)
	}
	for _, c := range []struct {
		lasts, slice time.Duration
		each         int
	}{
		{time.Second, 0, 2},
		{3 * time.Second, 0, 2},
		{3*time.Second + 1, 0, 4},
		{12 * time.Second, 2 * time.Second, 6},
		{time.Second, time.Hour, 2},
	} {
		p, _, _ := pair(c.lasts, attack.Interleave{Slice: c.slice})
		if got := p.SlicesOf(); got != c.each || len(p.SliceOrder(0)) != 2*c.each {
			t.Errorf("%v in slices of %v: %d, in all %d", c.lasts, c.slice, got, len(p.SliceOrder(0)))
		}
	}
}

// A duet drives both at once: neither slice is over before the other has begun.
func TestDuet(t *testing.T) {
	p, base, head := pair(200*time.Millisecond, attack.Interleave{Slice: 100 * time.Millisecond, Duet: true})
	var meeting [2]chan struct{}
	for i, k := range []*kept{base, head} {
		meeting[i] = make(chan struct{})
		var once sync.Once
		k.handler = func(w http.ResponseWriter, r *http.Request) {
			once.Do(func() { close(meeting[i]) })
			<-meeting[1-i] // the other one is driven too
			answer(w, r)
		}
	}
	runs, err := attack.Execute(t.Context(), p, attack.Hooks{})
	if err != nil || len(runs) != 2 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for _, r := range runs {
		if len(r.Slices) != 2 || r.Slices[0].Place != 0 || r.Slices[1].Place != 1 || r.Streams[0].Sent != 40 || r.Streams[0].Bad != 0 {
			t.Errorf("%v %+v", r.Slices, r.Streams[0])
		}
	}
	if !runs[0].Began.Equal(runs[1].Began) {
		t.Errorf("they began at %v and %v", runs[0].Began, runs[1].Began)
	}
}

// Equal starters do not share a process here: two of the same build are two.
func TestInterleavedArmsShareNothing(t *testing.T) {
	p, base, _ := pair(20*time.Millisecond, attack.Interleave{Slice: 10 * time.Millisecond})
	p.Arms[1].Target = base
	if _, err := attack.Execute(t.Context(), p, attack.Hooks{}); err != nil {
		t.Fatal(err)
	}
	started := 0
	for _, line := range base.diary.lines {
		if line == "start base" {
			started++
		}
	}
	if started != 2 {
		t.Errorf("%d processes", started)
	}
}

// An interruption midway leaves both runs, partial, asked only for what was due.
func TestInterleavedInterruption(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	p, _, _ := pair(400*time.Millisecond, attack.Interleave{Slice: 100 * time.Millisecond})
	runs, err := attack.Execute(ctx, p, attack.Hooks{Progress: func(p attack.Progress) {
		if p.Slice == 4 {
			interrupt()
		}
	}})
	if !errors.Is(err, context.Canceled) || len(runs) != 2 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for _, r := range runs {
		c := r.Streams[0]
		if !r.Partial || r.Failure == "" || c.Sent != 40 || c.Offered != 40 || len(r.Samples) != 40 || c.Span != 200*time.Millisecond {
			t.Errorf("%s: partial %v, %+v, %d samples", r.Arm, r.Partial, c, len(r.Samples))
		}
	}
}

// The error names the arm whose target died, whichever is driven, and the block.
func TestInterleavedTargetDies(t *testing.T) {
	p, base, head := pair(time.Hour, attack.Interleave{Slice: time.Hour})
	var once sync.Once
	dies := func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(head.gone) })
		answer(w, r)
	}
	base.handler, head.handler = dies, dies
	runs, err := attack.Execute(t.Context(), p, attack.Hooks{})
	if err == nil || err.Error() != `block 1, arm "head": it died` {
		t.Errorf("%v", err)
	}
	if len(runs) != 2 || !runs[0].Partial || !runs[1].Partial || runs[1].Failure != `arm "head": it died` {
		t.Errorf("%d runs", len(runs))
	}
	if last := base.diary.lines[len(base.diary.lines)-2:]; !strings.HasPrefix(last[0], "stop ") || !strings.HasPrefix(last[1], "stop ") {
		t.Errorf("it ended with %q", last)
	}
}

func TestInterleavedTargetDoesNotStart(t *testing.T) {
	p, base, head := pair(time.Second, attack.Interleave{})
	head.broken = errors.New("no such program")
	runs, err := attack.Execute(t.Context(), p, attack.Hooks{})
	if len(runs) != 0 || err == nil || err.Error() != `block 1, arm "head": no such program` {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	starts, stops := 0, 0
	for _, line := range base.diary.lines {
		starts += strings.Count(line, "start")
		stops += strings.Count(line, "stop")
	}
	if starts != stops {
		t.Errorf("%q", base.diary.lines)
	}
}

func TestInterleavedProgress(t *testing.T) {
	p, _, _ := pair(40*time.Millisecond, attack.Interleave{Slice: 20 * time.Millisecond})
	var slice []string
	_, err := attack.Execute(t.Context(), p, attack.Hooks{Progress: func(p attack.Progress) {
		slice = append(slice, fmt.Sprintf("%d/%d %d/%d", p.Slice, p.Slices, p.Done, p.Total))
	}})
	want := []string{"0/0 0/2", "0/4 0/2", "1/4 0/2", "2/4 0/2", "3/4 0/2", "0/0 2/2"}
	if got := slices.Compact(slice); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestBadInterleaving(t *testing.T) {
	for _, c := range []struct {
		says  string
		spoil func(*attack.Plan)
	}{
		{"interleaves 3 arms", func(p *attack.Plan) { p.Arms = append(p.Arms, p.Arms[0]) }},
		{"their loads last 1s and 2s", func(p *attack.Plan) { p.Arms[1].Streams = []attack.Stream{probe(1, 2*time.Second)} }},
		{`arm "base" has no load`, func(p *attack.Plan) { p.Arms[0].Streams = nil }},
		{"their warm-ups last 1s and 0s", func(p *attack.Plan) { p.Arms[0].Warmup.Lasts = time.Second }},
		{"slices of -1s", func(p *attack.Plan) { p.Interleave.Slice = -time.Second }},
	} {
		p, _, _ := pair(time.Second, attack.Interleave{})
		c.spoil(&p)
		if _, err := attack.Execute(t.Context(), p, attack.Hooks{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v, want %q", err, c.says)
		}
	}
	p, _, _ := pair(time.Second, attack.Interleave{})
	if _, err := attack.Execute(t.Context(), p, attack.Hooks{Sample: func(attack.Sample) {}}); err == nil {
		t.Error("samples can't be handed on")
	}
}
