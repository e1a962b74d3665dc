package record

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/looptest/looptest/attack"
)

// group reads the samples of one row group, all columns in step.
type group struct {
	columns [columns]*cursor // nil where the file has no such column
	streams []Stream
	shift   time.Duration // added to every moment
}

func openGroup(g parquet.RowGroup, places [columns]int, streams []Stream, shift time.Duration) *group {
	reading := &group{streams: streams, shift: shift}
	chunks := g.ColumnChunks()
	for i, place := range places {
		if place >= 0 {
			reading.columns[i] = &cursor{pages: chunks[place].Pages()}
		}
	}
	return reading
}

func (g *group) close() {
	for _, c := range g.columns {
		if c != nil {
			c.close()
		}
	}
}

// next gives the next batch; io.EOF when there is none. What the decoder panics
// with on a broken file is an error.
func (g *group) next(s *scratch) (batch []attack.Sample, err error) {
	defer func() {
		if p := recover(); p != nil {
			batch, err = nil, fmt.Errorf("broken data: %v", p)
		}
	}()
	n := batchSize
	for i, c := range g.columns {
		if c == nil {
			continue
		}
		if err := c.next(); err != nil {
			return nil, columnError(i, err)
		}
		n = min(n, c.rows)
	}
	var values [columns][]int64
	for i, c := range g.columns {
		if c == nil {
			clear(s.ints[i][:n])
			values[i] = s.ints[i][:n]
			continue
		}
		if values[i], err = c.take(n, s.ints[i]); err != nil {
			return nil, columnError(i, err)
		}
	}
	batch = s.batch[:n]
	return batch, g.fill(batch, values)
}

func columnError(i int, err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return fmt.Errorf("column %s: %w", columnNames[i].name, err)
}

// fill makes samples of columns.
func (g *group) fill(batch []attack.Sample, values [columns][]int64) error {
	n := len(batch)
	// Equal lengths, so that the compiler leaves bounds checks out.
	stream, request, seq := values[colStream][:n], values[colRequest][:n], values[colSeq][:n]
	intended, lag, service := values[colIntended][:n], values[colLag][:n], values[colService][:n]
	code, size, kinds := values[colCode][:n], values[colBytes][:n], values[colError][:n]
	table, shift := g.errors(), g.shift
	for i := range batch {
		s := &batch[i]
		s.Stream, s.Request, s.Seq = int(stream[i]), int(request[i]), int(seq[i])
		s.Intended = time.Duration(intended[i]) + shift
		s.Sent = s.Intended + time.Duration(lag[i])
		s.Done = s.Sent + time.Duration(service[i])
		s.Code, s.Bytes = int(code[i]), size[i]
		if s.Stream < 0 || s.Stream >= len(g.streams) || uint64(request[i]) >= uint64(max(len(g.streams[s.Stream].Labels), 1)) {
			return fmt.Errorf("a sample of request %d of stream %d, and there are %d streams", request[i], stream[i], len(g.streams))
		}
		if uint64(code[i]) > math.MaxUint16 || uint64(kinds[i]) >= uint64(len(table)) {
			return fmt.Errorf("a sample with code %d and error %d of %d", code[i], kinds[i], len(table))
		}
		s.Err = table[kinds[i]]
	}
	return nil
}

// errors gives the table of the error column.
func (g *group) errors() []attack.ErrorKind {
	c := g.columns[colError]
	if c == nil {
		return []attack.ErrorKind{""}
	}
	kinds := make([]attack.ErrorKind, len(c.table))
	for i, text := range c.table {
		kinds[i] = attack.ErrorKind(text[:min(len(text), maxErrorKind)])
	}
	return kinds
}

// maxErrorKind bounds the text of an error in bytes.
const maxErrorKind = 200
