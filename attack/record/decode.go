package record

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRecord bounds one record of a foreign format, in bytes. A body that vegeta
// kept is part of its record. Tests make it smaller.
var maxRecord = 64 << 20

// decode reads a format that isn't Parquet.
func decode(in *bufio.Reader) (*Reader, error) {
	if begins, _ := in.Peek(3); string(begins) == "\ufeff" {
		in.Discard(len(begins)) // spreadsheets put it before a CSV
	}
	begins, err := in.Peek(1024)
	if len(begins) == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			err = errors.New("it is empty")
		}
		return nil, err
	}
	line, _, _ := bytes.Cut(begins, []byte("\n"))
	switch trimmed := bytes.TrimSpace(line); {
	case bytes.HasPrefix(begins, []byte{0x1f, 0x8b}):
		return nil, errors.New("it is compressed with gzip: unpack it first")
	case begins[0] == '{':
		return decodeVegeta(in, JSON)
	case bytes.HasPrefix(trimmed, []byte("stream,")) || bytes.Contains(trimmed, []byte("intended_ns")):
		return decodeCSV(in)
	case bytes.HasPrefix(trimmed, []byte("Value")) && bytes.Contains(trimmed, []byte("Percentile")):
		return decodeHistogram(in)
	case begins[0] >= '0' && begins[0] <= '9' && bytes.Count(line, []byte(",")) >= 3:
		return decodeVegeta(in, CSV)
	}
	return decodeVegeta(in, Gob)
}

// guard bounds what a decoder takes for one record.
type guard struct {
	in   io.Reader
	left int
}

var errTooLong = errors.New("a record that is too long")

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, fmt.Errorf("%w: more than %d MiB", errTooLong, maxRecord>>20)
	}
	n, err := g.in.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// next allows another record.
func (g *guard) next() { g.left = maxRecord }

// endLine adds a last newline where it is missing: vegeta's JSON decoder drops a
// line without one.
type endLine struct {
	in    io.Reader
	last  byte
	ended bool
}

func (e *endLine) Read(p []byte) (int, error) {
	if e.ended {
		return 0, io.EOF
	}
	n, err := e.in.Read(p)
	if n > 0 {
		e.last = p[n-1]
	}
	if errors.Is(err, io.EOF) && n < len(p) {
		e.ended = true
		if e.last != '\n' && e.last != 0 {
			p[n] = '\n'
			n++
		}
		return n, io.EOF
	}
	if errors.Is(err, io.EOF) {
		err = nil // the next call says it, and has room for the newline
	}
	return n, err
}

// eachRecord calls next until it gives io.EOF. A broken last record is left out
// with a warning: its writer was killed. Elsewhere it is an error.
func eachRecord(r *Reader, g *guard, next func() error) error {
	for n := 0; ; n++ {
		g.next()
		err := safely(next)
		switch {
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			if n == 0 {
				return errors.New("it holds no samples")
			}
			return nil
		case err == nil:
			continue
		case n > 0 && wasLast(err, next):
			r.warn("it ends in the middle of a record (%v): the %d before it are used", err, n)
			return nil
		}
		return fmt.Errorf("record %d: %w", n+1, err)
	}
}

func wasLast(err error, next func() error) bool {
	if errors.Is(err, errTooLong) {
		return false
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || safely(next) == io.EOF
}

// safely makes an error of what a decoder panics with.
func safely(next func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("broken data: %v", p)
		}
	}()
	return next()
}
