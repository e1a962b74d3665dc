package record

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

const (
	partLasts = time.Second
	chunkSize = 4096 // samples
	queueSize = 128  // chunks: with a disk that stands still, 46 MB of samples
)

// Writer records a run while it is made. Its methods may be called by several
// goroutines at once.
type Writer struct {
	dir   string
	head  Head
	disk  disk
	queue chan load
	done  chan struct{}

	samples parts[attack.Sample, sampleRow]
	lags    parts[target.LagReading, lagRow]

	mu     sync.Mutex
	filled []attack.Sample // the chunk under way
	spare  [][]attack.Sample
	closed bool
	lost   int
	slow   int   // of those lost, because the queue was full
	err    error // the first one
}

// load is one thing in the queue.
type load struct {
	samples []attack.Sample
	lags    []target.LagReading
}

// Create begins a recording in a folder, which is made when it isn't there, and
// may not hold one already.
func Create(dir string, h Head) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(folder(dir).path(headFile)); err == nil {
		return nil, fmt.Errorf("%s holds a recording already: name another folder or remove it", dir)
	}
	if found, err := list(dir); err != nil {
		return nil, err
	} else if len(found.samples)+len(found.lags) > 0 {
		return nil, fmt.Errorf("%s holds samples of another recording: name another folder or remove it", dir)
	}
	return create(dir, h, folder(dir), partLasts)
}

func create(dir string, h Head, d disk, partLasts time.Duration) (*Writer, error) {
	h.Unfinished, h.Partial = true, true
	if err := writeHead(d, h); err != nil {
		return nil, err
	}
	w := &Writer{dir: dir, head: h, disk: d, queue: make(chan load, queueSize), done: make(chan struct{})}
	w.samples = parts[attack.Sample, sampleRow]{disk: d, name: samplesName, head: h.brief(), row: sampleRows(h.Streams)}
	w.lags = parts[target.LagReading, lagRow]{disk: d, name: lagName, head: h.brief(), row: lagToRow}
	go w.work(partLasts)
	return w, nil
}

// Sample records one sample. It never waits for the disk: when that is so slow
// that the queue is full, samples are lost, counted, and Err says so.
func (w *Writer) Sample(s attack.Sample) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		w.lost++
		return
	}
	if w.filled == nil {
		w.filled = w.chunk()
	}
	w.filled = append(w.filled, s)
	if len(w.filled) < chunkSize {
		return
	}
	select {
	case w.queue <- load{samples: w.filled}:
		w.filled = nil
	default:
		w.lost += len(w.filled)
		w.slow += len(w.filled)
		w.filled = w.filled[:0]
	}
}

// Lag records heartbeats of the target, as Sample does samples. It keeps the
// slice.
func (w *Writer) Lag(readings []target.LagReading) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(readings) == 0 {
		return
	}
	select {
	case w.queue <- load{lags: readings}:
	default:
		w.fail(errors.New("the disk is too slow: heartbeats of the target are missing in the recording"))
	}
}

// Lost is how many samples could not be recorded so far.
func (w *Writer) Lost() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost
}

// Err says what went wrong so far, and how many samples it cost; nil when all is
// well. The recording goes on: it is the caller's choice to stop.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err != nil && w.lost > 0:
		return fmt.Errorf("%d samples could not be recorded: %w", w.lost, w.err)
	case w.slow > 0:
		return fmt.Errorf("%d samples could not be recorded: the disk is too slow", w.lost)
	}
	return w.err
}

// Close ends the recording: it writes what is left, joins the parts and replaces
// the head. What was recorded stays readable also after an error. The head's
// Lost is set here.
func (w *Writer) Close(h Head) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errors.New("the recording is closed already")
	}
	w.closed = true
	w.mu.Unlock()
	close(w.queue)
	<-w.done

	h.Lost, h.Unfinished = w.lost, false
	joined := join(w.dir, w.disk, h)
	return errors.Join(w.Err(), joined, writeHead(w.disk, h))
}

// work owns the files.
func (w *Writer) work(partLasts time.Duration) {
	defer close(w.done)
	tick := time.NewTicker(partLasts)
	defer tick.Stop()
	for {
		select {
		case l, open := <-w.queue:
			if !open {
				w.closePart()
				return
			}
			w.write(l)
		case <-tick.C:
			w.closePart()
		}
	}
}

// closePart writes what there is by now, and closes the part.
func (w *Writer) closePart() {
	for _, l := range w.takeAll() {
		w.write(l)
	}
	lost, err := w.samples.close()
	w.note(lost, err)
	_, err = w.lags.close()
	w.note(0, err)
}

// takeAll empties the queue and takes the chunk under way, which comes after it:
// nobody fills the queue meanwhile.
func (w *Writer) takeAll() (all []load) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) > 0 {
		all = append(all, <-w.queue)
	}
	all = append(all, load{samples: w.filled})
	w.filled = nil
	return all
}

func (w *Writer) write(l load) {
	lost, err := w.samples.write(l.samples)
	w.note(lost, err)
	_, err = w.lags.write(l.lags)
	w.note(0, err)
	if cap(l.samples) == chunkSize {
		w.mu.Lock()
		w.spare = append(w.spare, l.samples[:0])
		w.mu.Unlock()
	}
}

func (w *Writer) note(lost int, err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost += lost
	w.fail(err)
}

// fail keeps the first error; mu is held.
func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// chunk gives an empty one; mu is held.
func (w *Writer) chunk() []attack.Sample {
	if last := len(w.spare) - 1; last >= 0 {
		c := w.spare[last]
		w.spare = w.spare[:last]
		return c
	}
	return make([]attack.Sample, 0, chunkSize)
}
