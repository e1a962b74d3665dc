package record

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/looptest/looptest/attack"
)

// csvColumns is the header of looptest's CSV. Names take the place of indexes,
// and times are whole nanoseconds since the measured part began:
//
//	stream,request,seq,intended_ns,sent_ns,done_ns,code,bytes,error
//
// Fields with a comma, a quote or a line break are quoted (RFC 4180). Phases, the
// moment the run began and the target's heartbeats are not in it.
var csvColumns = []string{"stream", "request", "seq", "intended_ns", "sent_ns", "done_ns", "code", "bytes", "error"}

// WriteCSV writes a recording as looptest's CSV, which starts with a header:
//
//	stream,request,seq,intended_ns,sent_ns,done_ns,code,bytes,error
func WriteCSV(w io.Writer, r *Reader) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvColumns); err != nil {
		return err
	}
	streams := r.Head().Streams
	fields := make([]string, len(csvColumns))
	err := r.Samples(func(batch []attack.Sample) error {
		for _, s := range batch {
			fields[0], fields[1] = names(streams, s)
			for i, n := range []int64{int64(s.Seq), int64(s.Intended), int64(s.Sent), int64(s.Done), int64(s.Code), s.Bytes} {
				fields[2+i] = strconv.FormatInt(n, 10)
			}
			fields[8] = string(s.Err)
			if err := out.Write(fields); err != nil {
				return err
			}
		}
		return nil
	})
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return err
}

// decodeCSV reads looptest's CSV. Columns are found by their names and may stand
// in any order; intended_ns and done_ns are needed.
func decodeCSV(in io.Reader) (*Reader, error) {
	g := &guard{in: in}
	g.next()
	lines := csv.NewReader(g)
	lines.ReuseRecord = true
	header, err := lines.Read()
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	c := csvReading{lines: lines, places: map[string]int{}}
	for i, name := range header {
		c.places[name] = i
	}
	for _, needed := range []string{"intended_ns", "done_ns"} {
		if _, ok := c.places[needed]; !ok {
			return nil, fmt.Errorf("the header names no column %s", needed)
		}
	}
	r := &Reader{}
	if err := eachRecord(r, g, c.next); err != nil {
		c.spool.giveUp()
		return nil, fmt.Errorf("%w (read as looptest's csv)", err)
	}
	read, err := c.spool.reader(Head{}, 0)
	if err != nil {
		return nil, err
	}
	read.warnings = r.warnings
	return read, nil
}

type csvReading struct {
	lines  *csv.Reader
	places map[string]int
	spool  spool
}

func (c *csvReading) next() error {
	fields, err := c.lines.Read()
	if err != nil {
		return err
	}
	var numbers [6]int64
	for i, name := range []string{"seq", "intended_ns", "sent_ns", "done_ns", "code", "bytes"} {
		at, ok := c.places[name]
		if !ok {
			continue
		}
		if numbers[i], err = strconv.ParseInt(fields[at], 10, 64); err != nil {
			line, _ := c.lines.FieldPos(at)
			return fmt.Errorf("line %d, column %s: %q is not a whole number", line, name, fields[at])
		}
	}
	if _, ok := c.places["sent_ns"]; !ok {
		numbers[2] = numbers[1]
	}
	for _, n := range numbers[1:4] {
		if time.Duration(n) > longest || time.Duration(n) < -longest {
			return fmt.Errorf("a time of %d ns", n)
		}
	}
	if numbers[4] < 0 || numbers[4] > 1<<16-1 {
		return fmt.Errorf("code %d", numbers[4])
	}
	stream, request := c.spool.name(c.text(fields, "stream"), c.text(fields, "request"))
	kind := c.text(fields, "error")
	return c.spool.add(attack.Sample{
		Stream: stream, Request: request, Seq: int(numbers[0]), Intended: time.Duration(numbers[1]), Sent: time.Duration(numbers[2]),
		Done: time.Duration(numbers[3]), Code: int(numbers[4]), Bytes: numbers[5], Err: attack.ErrorKind(kind[:min(len(kind), maxErrorKind)]),
	})
}

func (c *csvReading) text(fields []string, name string) string {
	if at, ok := c.places[name]; ok {
		return fields[at]
	}
	return ""
}
