package target

import (
	"errors"
	"io"
)

// What a pipeline holds, in bytes.
const (
	// chunkBytes is what is read at once, as Node's file streams do.
	chunkBytes = 64 << 10
	// highWater is how much may wait for the writer. When so much waits, nothing
	// more is read until all of it is written.
	highWater = 4 * chunkBytes
)

// worker runs work on a pool of threads and then done on the loop.
type worker interface{ Work(work, done func()) }

// pipeline writes to one end what it reads from the other, as Node's
// stream.pipeline does: chunks are read and written on the pool, and the reader
// waits while the writer has too much. Whether it goes well or either end fails,
// both are closed, and done is told on the loop, once; the first error is the one
// that counts.
func pipeline(on worker, readable io.ReadCloser, writable io.WriteCloser, done func(written int64, err error)) {
	p := &pipe{on: on, from: readable, to: writable, done: done}
	p.advance()
}

// pipe is a pipeline under way. All of it belongs to the loop, but for the ends
// and the chunk that a job is at.
type pipe struct {
	on   worker
	from io.ReadCloser
	to   io.WriteCloser
	done func(int64, error)

	waiting [][]byte // chunks to be written, the one being written first
	spare   [][]byte // chunks for later reads
	held    int      // bytes in waiting
	full    bool     // highWater was reached, and not all is written yet
	written int64
	reading bool
	writing bool
	ended   bool // nothing is left to be read
	err     error
}

// advance starts what can be done next.
func (p *pipe) advance() {
	if p.err == nil {
		if !p.reading && !p.ended && !p.full {
			p.read()
		}
		if !p.writing && len(p.waiting) > 0 {
			p.write()
		}
	}
	if !p.reading && !p.writing {
		p.close()
	}
}

func (p *pipe) read() {
	chunk := p.chunk()
	var n int
	var err error
	p.reading = true
	p.on.Work(func() { n, err = p.from.Read(chunk) }, func() {
		p.reading = false
		if n > 0 {
			p.waiting = append(p.waiting, chunk[:n])
			p.held += n
			p.full = p.held >= highWater
		} else {
			p.spare = append(p.spare, chunk)
		}
		switch {
		case err == io.EOF:
			p.ended = true
		case err != nil:
			p.fail(err)
		}
		p.advance()
	})
}

func (p *pipe) write() {
	chunk := p.waiting[0]
	var n int
	var err error
	p.writing = true
	p.on.Work(func() { n, err = p.to.Write(chunk) }, func() {
		p.writing = false
		p.waiting = p.waiting[1:]
		p.held -= len(chunk)
		p.written += int64(n)
		p.spare = append(p.spare, chunk[:chunkBytes])
		p.full = p.full && p.held > 0
		if err == nil && n < len(chunk) {
			err = io.ErrShortWrite
		}
		if err != nil {
			p.fail(err)
		}
		p.advance()
	})
}

// close closes both ends. A file may tell only now that it could not be written.
func (p *pipe) close() {
	var err error
	p.on.Work(func() { err = errors.Join(p.to.Close(), p.from.Close()) }, func() {
		if err != nil {
			p.fail(err)
		}
		p.done(p.written, p.err)
	})
}

// fail keeps the first error.
func (p *pipe) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// chunk gives memory for a read: that of a chunk which is written, if there is one.
func (p *pipe) chunk() []byte {
	last := len(p.spare) - 1
	if last < 0 {
		return make([]byte, chunkBytes)
	}
	chunk := p.spare[last]
	p.spare = p.spare[:last]
	return chunk
}
