package target

import (
	"io"
	"log/slog"
	"sync"
	"time"
)

// LogWriter hands lines on to a writer that may be slow or stuck, such as a pipe
// that nobody empties, and never lets whoever writes a line wait: that may be
// the loop. Lines for which there is no room are dropped and counted.
type LogWriter struct {
	to    io.Writer
	wake  chan struct{}
	ended chan struct{}

	mu      sync.Mutex
	waiting []byte
	spare   []byte // the batch that was written last, for its memory
	dropped int
	closed  bool
}

var _ io.WriteCloser = (*LogWriter)(nil)

const (
	logRoom     = 1 << 20 // bytes that wait, at most
	logPatience = time.Second
)

// NewLogWriter makes a writer that has to be closed.
func NewLogWriter(to io.Writer) *LogWriter {
	w := &LogWriter{to: to, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go w.run()
	return w
}

// Write takes one or more whole lines.
func (w *LogWriter) Write(lines []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, io.ErrClosedPipe
	}
	if len(w.waiting)+len(lines) > logRoom {
		w.dropped++
	} else {
		w.waiting = append(w.waiting, lines...)
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return len(lines), nil
}

// Close waits until everything is written, but for no longer than a second.
func (w *LogWriter) Close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.wake)
	}
	w.mu.Unlock()
	select {
	case <-w.ended:
	case <-time.After(logPatience):
	}
	return nil
}

func (w *LogWriter) run() {
	defer close(w.ended)
	for range w.wake {
		w.writeWaiting()
	}
	w.writeWaiting()
}

// writeWaiting writes what has come meanwhile in one go, and then whether
// anything was lost. What can't be written is nobody's concern: there is nowhere
// to say it.
func (w *LogWriter) writeWaiting() {
	batch, dropped := w.take()
	if len(batch) > 0 {
		w.to.Write(batch)
	}
	if dropped > 0 {
		slog.New(slog.NewJSONHandler(w.to, nil)).Warn("log lines were dropped", slog.Int("lines", dropped))
	}
}

func (w *LogWriter) take() (batch []byte, dropped int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	batch, dropped = w.waiting, w.dropped
	w.waiting, w.spare, w.dropped = w.spare[:0], batch, 0
	return batch, dropped
}
