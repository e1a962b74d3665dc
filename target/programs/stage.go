package programs

import (
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// stage is what a program acts on: the loop's operations under the names that
// the guides use, each of which notes what its callback does.
type stage struct {
	loop    *loop.Loop
	monitor *loop.Monitor // knows the phase that the loop is in
	virtual *loop.Virtual // nil in real time
	file    string        // something to read
	began   time.Duration
	now     *Callback // under way

	lines     []Line
	callbacks []Callback

	mu   sync.Mutex // the pool's threads add to jobs
	jobs []Job
}

// Run runs a program on the loop, its parts one after the other.
func Run(p Program) (Trace, error) {
	folder, err := os.MkdirTemp("", "looptest-trace-")
	if err != nil {
		return Trace{}, err
	}
	defer os.RemoveAll(folder)
	file, err := bigFile(folder)
	if err != nil {
		return Trace{}, err
	}
	t := Trace{Program: p}
	for _, part := range p.Parts {
		t.Parts = append(t.Parts, part.run(p.Real, file))
	}
	return t, nil
}

// bigFile makes a file that takes a moment to read.
func bigFile(folder string) (string, error) {
	path := filepath.Join(folder, "big.txt")
	return path, os.WriteFile(path, make([]byte, 8<<20), 0o600)
}

// never is a heartbeat's period that no program lives to see: the monitor is
// there for the phases only.
const never = 24 * time.Hour

func (p Part) run(inRealTime bool, file string) PartTrace {
	s := &stage{file: file, monitor: loop.NewMonitor(never)}
	options := []loop.Option{loop.WithMonitor(s.monitor)}
	if p.Pool > 0 {
		options = append(options, loop.WithPoolSize(p.Pool))
	}
	if inRealTime {
		// The kernel is to share the cores among the pool's threads, not Go's
		// scheduler.
		before := runtime.GOMAXPROCS(0)
		runtime.GOMAXPROCS(max(before, runtime.NumCPU()+max(p.Pool, loop.DefaultPoolSize)))
		defer runtime.GOMAXPROCS(before)
	} else {
		s.virtual = loop.NewVirtual()
		options = append(options, loop.WithClock(s.virtual, s.virtual))
	}
	s.loop = loop.New(options...)
	s.began = s.loop.Clock().Now()
	s.loop.Run(s.noting(Direct, func() { p.main(s) }))
	return PartTrace{Part: p, Lines: s.lines, Callbacks: s.callbacks, OnPool: s.jobs}
}

func (s *stage) since() time.Duration { return s.loop.Clock().Now() - s.began }

// noting makes a callback that is noted when it runs.
func (s *stage) noting(q Queue, fn func()) func() {
	return func() {
		c := Callback{Phase: s.monitor.Read().Running.Phase, Queue: q, Start: s.since()}
		s.now = &c
		fn()
		c.End = s.since()
		s.callbacks = append(s.callbacks, c)
	}
}

// print prints a line.
func (s *stage) print(text string) {
	s.lines = append(s.lines, Line{Text: text, Phase: s.now.Phase, Queue: s.now.Queue, At: s.since()})
	s.now.Lines = append(s.now.Lines, text)
	if s.virtual != nil {
		s.virtual.Advance(LineTakes)
	}
}

// printing makes a callback that prints a line.
func (s *stage) printing(text string) func() { return func() { s.print(text) } }

// work is a computation that takes d of virtual time.
func (s *stage) work(d time.Duration) { s.virtual.Advance(d) }

func (s *stage) nextTick(fn func())  { s.loop.NextTick(s.noting(Tick, fn)) }
func (s *stage) then(fn func())      { s.loop.QueueMicrotask(s.noting(Microtask, fn)) }
func (s *stage) immediate(fn func()) { s.loop.SetImmediate(s.noting(Direct, fn)) }
func (s *stage) timeout(fn func(), d time.Duration) {
	s.loop.SetTimeout(s.noting(Direct, fn), d)
}

// stat asks for the file's size on the pool, and then runs fn.
func (s *stage) stat(fn func()) {
	s.loop.Work(func() { os.Stat(s.file) }, s.noting(Direct, fn))
}

// onPool runs work on the pool, notes it as a job, and then runs fn. It is for
// real time: virtual time belongs to the loop's thread.
func (s *stage) onPool(name string, work, fn func()) {
	s.loop.Work(func() {
		j := Job{Name: name, Start: s.since()}
		work()
		j.End = s.since()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.jobs = append(s.jobs, j)
	}, s.noting(Direct, fn))
}

// failConnect is a connection whose error is reported late: in the pending
// phase, and emitted from a tick, as Node does it. Its close follows.
func (s *stage) failConnect(onError, onClose func()) {
	socket := s.loop.Open("socket")
	s.loop.Pending(s.noting(Direct, func() {
		socket.Close(s.noting(Direct, onClose))
		s.nextTick(onError)
	}))
}

// onceIn runs fn in the next idle or prepare phase.
func (s *stage) onceIn(add func(func()) *loop.Hook, fn func()) {
	var hook *loop.Hook
	run := s.noting(Direct, fn)
	hook = add(func() {
		s.loop.RemoveHook(hook)
		run()
	})
}

// onceBeforeExit runs fn when nothing is left to do.
func (s *stage) onceBeforeExit(fn func()) {
	run := s.noting(Direct, fn)
	s.loop.OnBeforeExit(func() {
		s.loop.OnBeforeExit(nil)
		run()
	})
}
