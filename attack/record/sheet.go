package record

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

const (
	samplesName      = "samples"
	lagName          = "lag"
	parquetSuffix    = ".parquet"
	unfinishedSuffix = ".unfinished" // of a file that is being written
	metadataKey      = "looptest"

	rowsPerGroup = 1 << 18 // a worker reads a group at a time
	pageBytes    = 256 << 10
	rowsAtOnce   = 1024
)

// sampleRow is a row of samples.parquet: see the package's documentation.
type sampleRow struct {
	Stream       string `parquet:"stream,dict"`
	Request      string `parquet:"request,dict"`
	StreamIndex  int32  `parquet:"stream_index,delta"`
	RequestIndex int32  `parquet:"request_index,delta"`
	Seq          int64  `parquet:"seq,delta"`
	Intended     int64  `parquet:"intended_ns,delta"`
	SendLag      int64  `parquet:"send_lag_ns,delta"`
	Service      int64  `parquet:"service_ns,delta"`
	Code         int32  `parquet:"code,delta"`
	Bytes        int64  `parquet:"bytes,delta"`
	Error        string `parquet:"error,dict"`
}

// lagRow is a row of lag.parquet.
type lagRow struct {
	Due   int64  `parquet:"due_ns,delta"`
	Ran   int64  `parquet:"ran_ns,delta"`
	Phase string `parquet:"phase,dict"`
	Label string `parquet:"label,dict"`
}

// sampleRows turns samples into rows, with the names of these streams.
func sampleRows(streams []Stream) func(*sampleRow, attack.Sample) {
	return func(row *sampleRow, s attack.Sample) {
		stream, request := names(streams, s)
		*row = sampleRow{
			Stream: stream, Request: request, StreamIndex: int32(s.Stream), RequestIndex: int32(s.Request),
			Seq: int64(s.Seq), Intended: int64(s.Intended), SendLag: int64(s.SendLag()), Service: int64(s.Service()),
			Code: int32(s.Code), Bytes: s.Bytes, Error: string(s.Err),
		}
	}
}

// names gives the stream's and the request's; empty where there is none.
func names(streams []Stream, s attack.Sample) (stream, request string) {
	if s.Stream < 0 || s.Stream >= len(streams) {
		return "", ""
	}
	of := streams[s.Stream]
	if s.Request >= 0 && s.Request < len(of.Labels) {
		request = of.Labels[s.Request]
	}
	return of.Name, request
}

func lagToRow(row *lagRow, r target.LagReading) {
	*row = lagRow{Due: int64(r.Due), Ran: int64(r.Ran), Phase: r.Phase, Label: r.Label}
}

// table writes one Parquet file of values of type T in rows of type R.
type table[T, R any] struct {
	parquet *parquet.GenericWriter[R]
	row     func(*R, T)
	rows    []R
}

func newTable[T, R any](w io.Writer, head string, row func(*R, T)) *table[T, R] {
	return &table[T, R]{
		parquet: parquet.NewGenericWriter[R](w,
			parquet.PageBufferSize(pageBytes),
			parquet.MaxRowsPerRowGroup(rowsPerGroup),
			parquet.KeyValueMetadata(metadataKey, head),
		),
		row:  row,
		rows: make([]R, rowsAtOnce),
	}
}

func (t *table[T, R]) write(values []T) error {
	for len(values) > 0 {
		n := min(len(values), len(t.rows))
		for i, v := range values[:n] {
			t.row(&t.rows[i], v)
		}
		if _, err := t.parquet.Write(t.rows[:n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

func (t *table[T, R]) close() error { return t.parquet.Close() }

// parts writes values as numbered files, each closed before the next is begun.
type parts[T, R any] struct {
	disk disk
	name string // of the whole; a part's has its number too
	head string
	row  func(*R, T)

	number int // of the part under way, or of the last
	file   file
	table  *table[T, R]
	count  int // rows in the part under way
}

func partName(name string, number int) string {
	return fmt.Sprintf("%s-%05d%s", name, number, parquetSuffix)
}

// write adds values to the part under way. After an error that part is given up;
// the error says how many values went with it.
func (p *parts[T, R]) write(values []T) (lost int, err error) {
	if len(values) == 0 {
		return 0, nil
	}
	if p.table == nil {
		if p.file, err = p.disk.create(partName(p.name, p.number+1) + unfinishedSuffix); err != nil {
			return len(values), err
		}
		p.number++
		p.table = newTable(p.file, p.head, p.row)
	}
	p.count += len(values)
	if err := p.table.write(values); err != nil {
		return p.giveUp(), err
	}
	if p.count >= rowsPerGroup {
		return p.close()
	}
	return 0, nil
}

// close ends the part under way: from here on a reader sees it.
func (p *parts[T, R]) close() (lost int, err error) {
	if p.table == nil {
		return 0, nil
	}
	name := partName(p.name, p.number)
	if err = errors.Join(p.table.close(), p.file.Close()); err == nil {
		err = p.disk.rename(name+unfinishedSuffix, name)
	}
	if err != nil {
		p.file = nil
		return p.giveUp(), err
	}
	p.table, p.file, p.count = nil, nil, 0
	return 0, nil
}

// giveUp removes the part under way and tells how many values were in it.
func (p *parts[T, R]) giveUp() (lost int) {
	if p.file != nil {
		p.file.Close()
	}
	p.disk.remove(partName(p.name, p.number) + unfinishedSuffix)
	lost = p.count
	p.table, p.file, p.count = nil, nil, 0
	p.number--
	return lost
}
