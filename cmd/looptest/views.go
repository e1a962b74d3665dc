package main

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/looptest/looptest/reports"
)

// view shows moments one after the other, and what is said between them.
type view interface {
	show(reports.Moment) error // an error when nobody can see it
	say(text string)
	end()
}

func (a *attacking) newView() view {
	switch {
	case a.flags.jsonLines:
		said := a.stderr
		if a.flags.quiet {
			said = io.Discard
		}
		return jsonView{a.stdout, said}
	case a.flags.quiet:
		return noView{}
	case isTerminal(a.stderr):
		return &terminalView{w: a.stderr, style: a.style, width: func() int { return terminalWidth(a.stderr) }}
	}
	return &logView{w: a.stderr}
}

type noView struct{}

func (noView) show(reports.Moment) error { return nil }
func (noView) say(string)                {}
func (noView) end()                      {}

// jsonView is for programs: moments on standard output.
type jsonView struct{ w, said io.Writer }

func (v jsonView) show(m reports.Moment) error { return m.LiveJSON(v.w) }
func (v jsonView) say(text string)             { fmt.Fprintln(v.said, text) }
func (v jsonView) end()                        {}

// logView writes a line now and then. That nobody reads it any more does not
// matter: the results are elsewhere.
type logView struct {
	w    io.Writer
	last time.Duration
}

const logEvery = 5 * time.Second

func (v *logView) show(m reports.Moment) error {
	if m.Elapsed-v.last >= logEvery {
		v.last = m.Elapsed.Truncate(time.Second)
		m.LiveLine(v.w)
	}
	return nil
}

func (v *logView) say(text string) { fmt.Fprintln(v.w, text) }
func (v *logView) end()            {}

// terminalView writes over what it wrote before.
type terminalView struct {
	w     io.Writer
	style reports.Style
	width func() int // of the terminal now: it may be resized
	lines int
}

func (v *terminalView) show(m reports.Moment) error {
	var text bytes.Buffer
	v.erase(&text)
	v.style.Width = v.width()
	v.lines, _ = m.LiveView(&text, v.style)
	v.w.Write(text.Bytes())
	return nil
}

// say leaves a line above the view.
func (v *terminalView) say(text string) {
	v.end()
	fmt.Fprintln(v.w, text)
}

func (v *terminalView) end() {
	v.erase(v.w)
	v.lines = 0
}

// erase goes back to the view's first line and clears from there.
func (v *terminalView) erase(w io.Writer) {
	if v.lines > 0 {
		fmt.Fprintf(w, "\x1b[%dA\x1b[J", v.lines)
	}
}
