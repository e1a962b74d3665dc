package programs

import (
	"time"

	"github.com/looptest/looptest/target/loop"
)

// Trace is what a program did on the loop.
type Trace struct {
	Program Program
	Parts   []PartTrace // in the order of the program's
}

// PartTrace is what one part did. Times count from the start of its main
// program.
type PartTrace struct {
	Part
	Lines     []Line
	Callbacks []Callback
	OnPool    []Job // on the pool's threads
}

// Queue says which of a callback's queues a line comes from.
type Queue string

// The callback itself, and the two queues that are emptied after it.
const (
	Direct    Queue = ""
	Tick      Queue = "tick"
	Microtask Queue = "microtask"
)

// Line is one printed line.
type Line struct {
	Text  string
	Phase loop.Phase // of the callback that printed it, or that it was queued by
	Queue Queue
	At    time.Duration
}

// Where names a line's phase and queue: "main", "poll, microtask".
func (l Line) Where() string {
	if l.Queue == Direct {
		return string(l.Phase)
	}
	return string(l.Phase) + ", " + string(l.Queue)
}

// Callback is one run of a callback, tick or microtask, without what is
// drained after it.
type Callback struct {
	Phase      loop.Phase
	Queue      Queue
	Lines      []string
	Start, End time.Duration
}

// Job is a job's time on a thread of the pool.
type Job struct {
	Name       string
	Start, End time.Duration
}

// Texts gives the lines' texts.
func (t PartTrace) Texts() []string { return texts(t.Lines) }

func texts(lines []Line) []string {
	all := make([]string, len(lines))
	for i, l := range lines {
		all[i] = l.Text
	}
	return all
}

// at gives when a line was printed, 0 when it never was.
func (t PartTrace) at(text string) time.Duration {
	for _, l := range t.Lines {
		if l.Text == text {
			return l.At
		}
	}
	return 0
}

// End is when the last callback or job ended.
func (t PartTrace) End() time.Duration {
	var last time.Duration
	for _, c := range t.Callbacks {
		last = max(last, c.End)
	}
	for _, j := range t.OnPool {
		last = max(last, j.End)
	}
	return last
}
