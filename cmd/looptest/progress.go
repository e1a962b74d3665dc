package main

import (
	"fmt"
	"io"
	"os"
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
	name string
	pool *mpb.Progress
	bar  *mpb.Bar
	last attack.Progress
}

func (b *bar) report(p attack.Progress) {
	b.last = p
	if b.bar == nil {
		began := time.Now().Add(-p.Elapsed)
		b.bar = b.pool.New(int64(p.Total), mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
			mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(b.name+"  ")),
			mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
				now := p
				now.Elapsed = time.Since(began)
				done := int(s.Current)
				return fmt.Sprintf("  block %d of %d · %s left", min(done*p.Blocks/max(p.Total, 1)+1, p.Blocks), p.Blocks, clock(left(now)))
			})))
	}
	b.bar.SetCurrent(int64(p.Done))
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
