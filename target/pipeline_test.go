package target

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/target/loop"
)

// ends are two ends of a pipeline that watch over it.
type ends struct {
	t    interface{ Errorf(string, ...any) }
	data []byte
	got  bytes.Buffer
	most int // bytes that one Read gives; all that fit when 0

	readFails, writeFails   int // after so many bytes; never when negative
	sourceFails, sinkFails  error
	reads, ahead, mostAhead atomic.Int64
	reading, writing        atomic.Bool
	beforeWrite             func()
	sourceClosed            int
	sinkClosed              int
}

func newEnds(t interface{ Errorf(string, ...any) }, size int) *ends {
	e := &ends{t: t, data: make([]byte, size), readFails: -1, writeFails: -1}
	for i := range e.data {
		e.data[i] = byte(i * 31 >> 3)
	}
	return e
}

var errBroken = errors.New("broken")

type (
	source struct{ *ends }
	sink   struct{ *ends }
)

func (s source) Read(p []byte) (int, error) {
	if s.reading.Swap(true) {
		s.t.Errorf("two reads at once")
	}
	defer s.reading.Store(false)
	s.reads.Add(1)
	switch {
	case s.ahead.Load() >= highWater:
		s.t.Errorf("a read began with %d bytes waiting", s.ahead.Load())
	case len(p) != chunkBytes:
		s.t.Errorf("a read of %d bytes", len(p))
	}
	if s.most > 0 {
		p = p[:min(len(p), s.most)]
	}
	if s.readFails >= 0 && s.readFails < len(p) && s.readFails <= len(s.data) {
		n := copy(p[:s.readFails], s.data)
		s.took(n)
		return n, errBroken
	}
	n := copy(p, s.data)
	s.took(n)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (s source) took(n int) {
	s.data, s.readFails = s.data[n:], s.readFails-n
	s.mostAhead.Store(max(s.mostAhead.Load(), s.ahead.Add(int64(n))))
}

func (s source) Close() error {
	if s.reading.Load() || s.writing.Load() {
		s.t.Errorf("the source was closed while a job was at it")
	}
	s.sourceClosed++
	return s.sourceFails
}

func (s sink) Write(p []byte) (int, error) {
	if s.writing.Swap(true) {
		s.t.Errorf("two writes at once")
	}
	defer s.writing.Store(false)
	if s.beforeWrite != nil {
		s.beforeWrite()
	}
	n := len(p)
	var err error
	if s.writeFails >= 0 && s.writeFails < n {
		n, err = s.writeFails, errBroken
	}
	s.writeFails -= n
	s.got.Write(p[:n])
	s.ahead.Add(-int64(n))
	return n, err
}

func (s sink) Close() error {
	if s.reading.Load() || s.writing.Load() {
		s.t.Errorf("the sink was closed while a job was at it")
	}
	s.sinkClosed++
	return s.sinkFails
}

// pipe runs a pipeline between the ends to its end.
func (e *ends) pipe(from io.ReadCloser, to io.WriteCloser) (written int64, err error) {
	told := 0
	l := loop.New(loop.WithPoolSize(2))
	l.Run(func() {
		pipeline(l, from, to, func(n int64, failure error) {
			told++
			written, err = n, failure
		})
	})
	if told != 1 || e.sourceClosed != 1 || e.sinkClosed != 1 {
		e.t.Errorf("told %d times, closed the source %d times and the sink %d times; want once", told, e.sourceClosed, e.sinkClosed)
	}
	return written, err
}

// Everything arrives, in order, and both ends are closed once.
func TestPipelineMovesEverything(t *testing.T) {
	for _, size := range []int{0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, highWater, 40*chunkBytes + 7} {
		e := newEnds(t, size)
		want := bytes.Clone(e.data)
		written, err := e.pipe(source{e}, sink{e})
		if err != nil || written != int64(size) || !bytes.Equal(e.got.Bytes(), want) {
			t.Errorf("%d bytes: wrote %d, %v", size, written, err)
		}
	}
}

// While the writer is busy the reader goes on until highWater bytes wait, and no
// further (see source.Read).
func TestPipelineReaderWaitsForTheWriter(t *testing.T) {
	e := newEnds(t, 20*chunkBytes)
	filled := make(chan struct{})
	from := readTold{source{e}, func() {
		if e.ahead.Load() == highWater && e.reads.Load() == highWater/chunkBytes {
			close(filled)
		}
	}}
	e.beforeWrite = func() { <-filled }
	if written, err := e.pipe(from, sink{e}); err != nil || written != 20*chunkBytes {
		t.Errorf("wrote %d, %v", written, err)
	}
	if most := e.mostAhead.Load(); most != highWater {
		t.Errorf("%d bytes waited at most, want %d", most, highWater)
	}
}

// readTold tells of the end of each read.
type readTold struct {
	source
	told func()
}

func (r readTold) Read(p []byte) (int, error) {
	n, err := r.source.Read(p)
	r.told()
	return n, err
}

// An error in the middle ends both ends: whichever fails, and at closing too.
func TestPipelineFails(t *testing.T) {
	const size = 10 * chunkBytes
	for _, c := range []struct {
		name    string
		change  func(*ends)
		written int64
		want    error
	}{
		{"the first read", func(e *ends) { e.readFails = 0 }, 0, errBroken},
		{"the first write", func(e *ends) { e.writeFails = 0 }, 0, errBroken},
		{"a write in the middle", func(e *ends) { e.writeFails = 3*chunkBytes + 5 }, 3*chunkBytes + 5, errBroken},
		{"closing the sink, which may be where a full disk shows", func(e *ends) { e.sinkFails = syscall.ENOSPC }, size, syscall.ENOSPC},
		{"closing the source", func(e *ends) { e.sourceFails = errBroken }, size, errBroken},
		{"a write, and closing", func(e *ends) { e.writeFails, e.sinkFails = 0, syscall.EIO }, 0, errBroken},
	} {
		e := newEnds(t, size)
		c.change(e)
		written, err := e.pipe(source{e}, sink{e})
		if !errors.Is(err, c.want) || written != c.written {
			t.Errorf("%s: wrote %d, %v; want %d, %v", c.name, written, err, c.written, c.want)
		}
	}
}

// A writer that takes less than it was given, and says nothing, has failed.
func TestPipelineShortWrite(t *testing.T) {
	e := newEnds(t, 3*chunkBytes)
	if _, err := e.pipe(source{e}, lazySink{sink{e}}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}

type lazySink struct{ sink }

func (s lazySink) Write(p []byte) (int, error) { return s.sink.Write(p[:len(p)/2]) }

// However it goes, what was written is the beginning of what there was, no read
// begins with highWater bytes waiting, and both ends are closed once.
func TestPipelineProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := newEnds(t, rapid.IntRange(0, 8*chunkBytes).Draw(t, "size"))
		e.most = rapid.SampledFrom([]int{0, chunkBytes, chunkBytes / 2, 10_000}).Draw(t, "most")
		e.readFails = rapid.IntRange(-1, 9*chunkBytes).Draw(t, "read fails")
		e.writeFails = rapid.IntRange(-1, 9*chunkBytes).Draw(t, "write fails")
		fails := e.readFails >= 0 && e.readFails <= len(e.data) || e.writeFails >= 0 && e.writeFails < len(e.data)
		all := bytes.Clone(e.data)
		written, err := e.pipe(source{e}, sink{e})
		switch {
		case !bytes.HasPrefix(all, e.got.Bytes()) || written != int64(e.got.Len()):
			t.Errorf("wrote %d bytes that are not the beginning", written)
		case fails != (err != nil):
			t.Errorf("got %v", err)
		case err == nil && int(written) != len(all):
			t.Errorf("wrote %d of %d bytes", written, len(all))
		}
	})
}

// The system's own full disk.
func TestPipelineIntoAFullDevice(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no /dev/full: %v", err)
	}
	e := newEnds(t, 10*chunkBytes)
	written, err := e.pipe(source{e}, fullSink{e, full})
	if !errors.Is(err, syscall.ENOSPC) || written != 0 {
		t.Errorf("wrote %d, %v", written, err)
	}
	if _, err := full.Write(nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the device is still open: %v", err)
	}
}

type fullSink struct {
	e *ends
	*os.File
}

func (s fullSink) Close() error {
	s.e.sinkClosed++
	return s.File.Close()
}
