package target

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// observed runs a program on a loop in virtual time and gives what it logged.
func observed(main func(p *performance, clock *loop.Virtual, log func(string))) string {
	clock := loop.NewVirtual()
	l := loop.New(loop.WithClock(clock, clock), loop.WithPoolSize(1))
	var lines []string
	l.Run(func() { main(newPerformance(l), clock, func(line string) { lines = append(lines, line) }) })
	return strings.Join(lines, "; ")
}

// telling is an observer that logs what it is told of.
func telling(log func(string), who string) func([]entry, int) {
	return func(entries []entry, dropped int) {
		var names []string
		for _, e := range entries {
			names = append(names, e.name)
		}
		log(fmt.Sprintf("%s %v", who, names))
	}
}

// The same program on Node 20 prints this: observers are told in the check
// phase, in the order in which they had something to be told; who is buffered
// hears of what was before.
func TestObserversAreTold(t *testing.T) {
	got := observed(func(p *performance, _ *loop.Virtual, log func(string)) {
		a, b := p.mark("a"), p.mark("b")
		p.measure("early", a, b)
		p.observe(measureEntry, false, telling(log, "first"))
		p.observe(measureEntry, true, telling(log, "buffered"))
		p.observe(markEntry, true, telling(log, "marks"))
		p.loop.SetImmediate(func() { log("immediate") })
		p.measure("late", a, b)
		p.measure("later", a, b)
		p.mark("c")
		p.loop.QueueMicrotask(func() { log("microtask") })
		log("main")
	})
	if want := "main; microtask; buffered [early late later]; marks [a b c]; first [late later]; immediate"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What an observer records is told in the next round, so that the loop goes on.
func TestObserverThatRecords(t *testing.T) {
	got := observed(func(p *performance, _ *loop.Virtual, log func(string)) {
		a := p.mark("a")
		rounds := 0
		p.observe(measureEntry, false, func(entries []entry, _ int) {
			log(entries[0].name)
			if rounds++; rounds < 3 {
				p.measure(fmt.Sprint("m", rounds), a, a)
			}
		})
		p.measure("m0", a, a)
		p.loop.SetImmediate(func() { p.loop.SetImmediate(func() { log("immediate") }) })
	})
	if want := "m0; m1; immediate; m2"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDisconnect(t *testing.T) {
	got := observed(func(p *performance, _ *loop.Virtual, log func(string)) {
		a := p.mark("a")
		pending := p.observe(measureEntry, false, telling(log, "pending"))
		var once *entryObserver
		once = p.observe(measureEntry, false, func(entries []entry, dropped int) {
			telling(log, "once")(entries, dropped)
			once.disconnect()
			p.measure("two", a, a)
		})
		p.observe(measureEntry, false, telling(log, "stays"))
		p.measure("one", a, a)
		pending.disconnect()
	})
	if want := "once [one]; stays [one two]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A measure lies between the marks that it is given, whatever else was marked.
func TestMeasure(t *testing.T) {
	clock := loop.NewVirtual()
	p := newPerformance(loop.New(loop.WithClock(clock, clock)))
	clock.Advance(3 * time.Millisecond)
	mine := p.mark("start")
	clock.Advance(4 * time.Millisecond)
	p.mark("start") // another operation's
	clock.Advance(5 * time.Millisecond)
	got := p.measure("operation", mine, p.mark("end"))
	if want := (entry{measureEntry, "operation", 3 * time.Millisecond, 9 * time.Millisecond}); got != want || got.end() != 12*time.Millisecond {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Memory is bounded: the oldest entries make room, and are counted.
func TestTimelinesAreBounded(t *testing.T) {
	told := func(log func(string), who string) func([]entry, int) {
		return func(entries []entry, dropped int) {
			log(fmt.Sprintf("%s %d from %s, %d dropped", who, len(entries), entries[0].name, dropped))
		}
	}
	got := observed(func(p *performance, _ *loop.Virtual, log func(string)) {
		a := p.mark("a")
		p.observe(measureEntry, false, told(log, "early"))
		for i := range keptEntries + 5 {
			p.measure(fmt.Sprint(i), a, a)
		}
		p.observe(measureEntry, true, told(log, "late"))
		p.loop.SetTimeout(func() { p.measure("after", a, a) }, time.Millisecond)
	})
	want := "early 1024 from 5, 5 dropped; late 1024 from 5, 5 dropped; early 1 from after, 0 dropped; late 1 from after, 0 dropped"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
