package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/looptest/looptest/attack"
)

// progress shows how far a piece of work is: a bar on a terminal, a line a
// block elsewhere.
type progress interface {
	report(attack.Progress)
	done()
}

func newProgress(w io.Writer, name string, quiet bool) progress {
	switch {
	case quiet:
		return silent{}
	case isTerminal(w):
		return &bar{name: name, pool: mpb.New(mpb.WithOutput(w), mpb.WithWidth(24))}
	}
	return &lines{w: w, name: name, block: -1}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

type silent struct{}

func (silent) report(attack.Progress) {}
func (silent) done()                  {}

// lines is for logs: a line when a block begins.
type lines struct {
	w     io.Writer
	name  string
	block int
}

func (l *lines) report(p attack.Progress) {
	if p.Block == l.block || p.Done == p.Total {
		return
	}
	l.block = p.Block
	fmt.Fprintf(l.w, "%s: block %d of %d, %s left\n", l.name, p.Block+1, p.Blocks, clock(left(p)))
}

func (l *lines) done() {}

// bar is for terminals.
type bar struct {
	name  string
	pool  *mpb.Progress
	bar   *mpb.Bar
	now   atomic.Pointer[attack.Progress]
	began atomic.Int64 // of the plan under way, Unix nanoseconds
}

func (b *bar) report(p attack.Progress) {
	b.began.Store(time.Now().Add(-p.Elapsed).UnixNano())
	b.now.Store(&p)
	if b.bar == nil {
		// Without a total of its own the bar is never complete by itself: a
		// further plan may follow.
		b.bar = b.pool.New(0, mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
			mpb.PrependDecorators(decor.Name(b.name+"  ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.text(time.Since(time.Unix(0, b.began.Load()))) })))
	}
	b.bar.SetTotal(int64(p.Total), false)
	b.bar.SetCurrent(int64(p.Done))
}

// text is what stands behind the bar.
func (b *bar) text(elapsed time.Duration) string {
	p := *b.now.Load()
	p.Elapsed = elapsed
	return fmt.Sprintf("  block %d of %d · %s left", p.Block+1, p.Blocks, clock(left(p)))
}

func (b *bar) done() {
	if b.bar != nil {
		b.bar.Abort(true)
	}
	b.pool.Wait()
}

func left(p attack.Progress) time.Duration { return max(0, p.Expected-p.Elapsed) }

// clock writes a duration as minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// inWords writes a duration for a sentence: "45 s", "3 min 40 s".
func inWords(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s < 60 {
		return fmt.Sprintf("%d s", s)
	}
	return fmt.Sprintf("%d min %d s", s/60, s%60)
}

// terminalWidth is how many columns there are, 0 when it is no terminal.
func terminalWidth(w io.Writer) int {
	if !isTerminal(w) {
		return 0
	}
	width, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil {
		return 0
	}
	return width
}
