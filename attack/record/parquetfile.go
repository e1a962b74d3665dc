package record

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// openParquet checks the footer before the decoder trusts it, and turns what the
// decoder panics with into an error.
func openParquet(at io.ReaderAt, size int64) (f *parquet.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, fmt.Errorf("broken Parquet: %v", p)
		}
	}()
	var tail [8]byte
	if size < 12 {
		return nil, errors.New("not a whole Parquet file")
	}
	if _, err := at.ReadAt(tail[:], size-8); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(tail[4:]) != "PAR1" || int64(binary.LittleEndian.Uint32(tail[:])) > size-12 {
		return nil, errors.New("not a whole Parquet file: its end is missing")
	}
	return parquet.OpenFile(at, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
}

// source is a Parquet file: one that is open, or the path of one that is opened
// for as long as it is read.
type source struct {
	path string
	open *parquet.File
}

// use calls f with the file open.
func (s source) use(f func(*parquet.File) error) error {
	if s.open != nil {
		return f(s.open)
	}
	file, opened, err := openPath(s.path)
	if err != nil {
		return err
	}
	defer file.Close()
	return f(opened)
}

func openPath(path string) (*os.File, *parquet.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	opened, err := openParquet(file, info.Size())
	if err != nil {
		file.Close()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, opened, nil
}

// groupPiece is the samples of one row group.
type groupPiece struct {
	source
	group   int
	streams []Stream
	shift   time.Duration
}

var _ piece = groupPiece{}

func (p groupPiece) read(s *scratch, f func([]attack.Sample) error) error {
	return p.use(func(file *parquet.File) error {
		places, err := locate(file)
		if err != nil {
			return p.wrap(err)
		}
		if err := checkGroup(file, p.group); err != nil {
			return p.wrap(err)
		}
		g := openGroup(file.RowGroups()[p.group], places, p.streams, p.shift)
		defer g.close()
		for {
			batch, err := g.next(s)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return p.wrap(err)
			}
			if err := f(batch); err != nil {
				return err
			}
		}
	})
}

func (p groupPiece) wrap(err error) error {
	if p.path == "" {
		return err
	}
	return fmt.Errorf("%s: %w", p.path, err)
}

// locate finds the columns, −1 where the file has no such one.
func locate(f *parquet.File) (places [columns]int, err error) {
	for i, c := range columnNames {
		leaf, ok := f.Schema().Lookup(c.name)
		if !ok && c.needed {
			return places, fmt.Errorf("there is no column %s: not a recording of looptest", c.name)
		}
		places[i] = -1
		if ok {
			places[i] = leaf.ColumnIndex
		}
	}
	return places, nil
}

// headOf is the head in the file's footer; of a file that has none, streams are
// made up for the indexes that it has.
func headOf(f *parquet.File) (Head, error) {
	var h Head
	if text, ok := f.Lookup(metadataKey); ok {
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			return h, fmt.Errorf("head: %w", err)
		}
		return h, nil
	}
	places, err := locate(f)
	if err != nil {
		return h, err
	}
	streams := highest(f, places[colStream])
	requests := highest(f, places[colRequest])
	for i := range streams {
		h.Streams = append(h.Streams, Stream{Name: "stream " + strconv.Itoa(i+1), Labels: make([]string, requests)})
		for j := range requests {
			h.Streams[i].Labels[j] = "request " + strconv.Itoa(j+1)
		}
	}
	return h, nil
}

// highest is one more than the largest index of a column, by its statistics.
func highest(f *parquet.File, place int) int {
	most := 0
	for _, g := range f.RowGroups() {
		if place < 0 {
			break
		}
		c, ok := g.ColumnChunks()[place].(*parquet.FileColumnChunk)
		if !ok {
			continue
		}
		if _, high, ok := c.Bounds(); ok && !high.IsNull() {
			switch high.Kind() {
			case parquet.Int32:
				most = max(most, int(high.Int32()))
			case parquet.Int64:
				most = max(most, int(high.Int64()))
			}
		}
	}
	return min(most, maxNames) + 1
}

// lagFile is the heartbeats of one file.
type lagFile struct{ source }

var _ lagPiece = lagFile{}

func (l lagFile) read(f func([]target.LagReading) error) error {
	return l.use(func(file *parquet.File) error {
		for i := range file.RowGroups() {
			if err := checkGroup(file, i); err != nil {
				return err
			}
		}
		rows := make([]lagRow, rowsAtOnce)
		batch := make([]target.LagReading, rowsAtOnce)
		reader := parquet.NewGenericReader[lagRow](file)
		defer reader.Close()
		for {
			n, err := readRows(reader, rows)
			for i, row := range rows[:n] {
				batch[i] = target.LagReading{Due: time.Duration(row.Due), Ran: time.Duration(row.Ran), Phase: row.Phase, Label: row.Label}
			}
			if n > 0 {
				if err := f(batch[:n]); err != nil {
					return err
				}
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", l.path, err)
			}
		}
	})
}

func readRows(r *parquet.GenericReader[lagRow], rows []lagRow) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("broken data: %v", p)
		}
	}()
	return r.Read(rows)
}

// addParts takes the Parquet files of a folder as pieces. One whose end is
// missing is left out, with a warning.
func (r *Reader) addParts(dir string, found listing) {
	for _, name := range found.samples {
		path := filepath.Join(dir, name)
		file, opened, err := openPath(path)
		if err != nil {
			r.warn("%v: left out", err)
			continue
		}
		for i := range opened.RowGroups() {
			r.pieces = append(r.pieces, groupPiece{source: source{path: path}, group: i, streams: r.head.Streams})
		}
		file.Close()
	}
	for _, name := range found.lags {
		path := filepath.Join(dir, name)
		file, _, err := openPath(path)
		if err != nil {
			r.warn("%v: left out", err)
			continue
		}
		file.Close()
		r.lags = append(r.lags, lagFile{source{path: path}})
	}
}
