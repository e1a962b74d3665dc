package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"

	"github.com/looptest/looptest/attack"
)

// The bar goes on when a plan is followed by another: blocks that have to be
// repeated are a plan of their own.
func TestBarOverTwoPlans(t *testing.T) {
	var drawn bytes.Buffer
	b := &bar{name: "chunking", pool: mpb.New(mpb.WithOutput(&drawn), mpb.WithAutoRefresh(), mpb.WithRefreshRate(time.Millisecond))}
	step := func(p attack.Progress) {
		b.report(p)
		time.Sleep(5 * time.Millisecond) // for the bar to be drawn
	}
	step(attack.Progress{Block: 0, Blocks: 2, Done: 0, Total: 2, Expected: time.Minute})
	step(attack.Progress{Block: 1, Blocks: 2, Done: 2, Total: 2, Elapsed: time.Minute, Expected: time.Minute})
	step(attack.Progress{Block: 2, Blocks: 3, Done: 0, Total: 1, Expected: 30 * time.Second})
	if b.bar.Completed() {
		t.Error("the bar was complete after the first plan")
	}
	if got := b.bar.Current(); got != 0 {
		t.Errorf("the bar stands at %d of the second plan", got)
	}
	b.done()
	for _, text := range []string{"block 1 of 2 · 1:00 left", "block 2 of 2 · 0:00 left", "block 3 of 3 · 0:30 left"} {
		if !strings.Contains(drawn.String(), text) {
			t.Errorf("%q was not drawn in %q", text, drawn.String())
		}
	}
}

func TestLinesAreOneABlock(t *testing.T) {
	var written bytes.Buffer
	p := newProgress(&written, "pool-size", false)
	for block := range 2 {
		for done := range 3 {
			p.report(attack.Progress{Block: block, Blocks: 2, Done: block*3 + done, Total: 6, Elapsed: time.Duration(block) * time.Minute, Expected: 2 * time.Minute})
		}
	}
	p.report(attack.Progress{Block: 1, Blocks: 2, Done: 6, Total: 6})
	p.done()
	if want := "pool-size: block 1 of 2, 2:00 left\npool-size: block 2 of 2, 1:00 left\n"; written.String() != want {
		t.Errorf("wrote %q, want %q", written.String(), want)
	}
}

func TestDurationsInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{400 * time.Millisecond: "0 s", 59 * time.Second: "59 s", 60 * time.Second: "1 min 0 s", 220 * time.Second: "3 min 40 s"} {
		if got := inWords(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	if got := clock(125 * time.Second); got != "2:05" {
		t.Errorf("got %q", got)
	}
}
