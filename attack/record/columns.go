package record

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// The columns of samples.parquet that are read.
const (
	colStream = iota
	colRequest
	colSeq
	colIntended
	colLag
	colService
	colCode
	colBytes
	colError
	columns
)

// columnNames are theirs; without the needed ones a file isn't a recording.
var columnNames = [columns]struct {
	name   string
	needed bool
}{
	{"stream_index", false}, {"request_index", false}, {"seq", false}, {"intended_ns", true}, {"send_lag_ns", false},
	{"service_ns", true}, {"code", false}, {"bytes", false}, {"error", false},
}

// cursor reads one column of a row group, page by page, as whole numbers: texts
// as indexes into table. Pages as this package writes them are read without a
// copy; those of other writers (with nulls, or texts without a dictionary) value
// by value.
type cursor struct {
	pages parquet.Pages
	page  parquet.Page
	rows  int // left in the page

	long  []int64 // the page's values, when they are such
	short []int32
	slow  parquet.ValueReader // the page's values, when they are neither
	text  bool

	table  []string // texts by index
	values []parquet.Value
	known  map[string]int64 // index of a text that was read value by value
}

// next makes sure that the page has rows left.
func (c *cursor) next() error {
	for c.rows == 0 {
		c.release()
		page, err := c.pages.ReadPage()
		if err != nil {
			return err
		}
		c.page, c.rows = page, int(page.NumRows())
		if err := c.view(); err != nil {
			return err
		}
	}
	return nil
}

func (c *cursor) view() error {
	c.long, c.short, c.slow = nil, nil, nil
	dictionary, kind := c.page.Dictionary(), c.page.Type().Kind()
	c.text = kind == parquet.ByteArray
	flat := c.page.NumNulls() == 0 && len(c.page.DefinitionLevels()) == 0 && len(c.page.RepetitionLevels()) == 0
	data := c.page.Data()
	switch {
	case flat && dictionary != nil && c.text:
		c.short = data.Int32()
		c.lookUp(dictionary)
	case flat && dictionary == nil && kind == parquet.Int64:
		c.long = data.Int64()
	case flat && dictionary == nil && kind == parquet.Int32:
		c.short = data.Int32()
	case kind == parquet.Int64 || kind == parquet.Int32 || c.text:
		c.slow = c.page.Values()
		return nil
	default:
		return fmt.Errorf("values of type %s where whole numbers or texts are expected", kind)
	}
	if len(c.long)+len(c.short) < c.rows {
		return errors.New("a page with fewer values than it says")
	}
	return nil
}

// lookUp takes the texts of a dictionary over, once for a row group.
func (c *cursor) lookUp(dictionary parquet.Dictionary) {
	if len(c.table) == dictionary.Len() && c.known == nil {
		return
	}
	c.table, c.known = make([]string, dictionary.Len()), nil
	for i := range c.table {
		c.table[i] = strings.Clone(string(dictionary.Index(int32(i)).ByteArray()))
	}
}

// take gives the next n values, which the page has; into is where they are put
// when they have to be converted.
func (c *cursor) take(n int, into []int64) ([]int64, error) {
	c.rows -= n
	switch {
	case c.long != nil:
		taken := c.long[:n]
		c.long = c.long[n:]
		return taken, nil
	case c.short != nil:
		for i, v := range c.short[:n] {
			into[i] = int64(v)
		}
		c.short = c.short[n:]
		return into[:n], nil
	}
	return c.takeSlowly(n, into)
}

func (c *cursor) takeSlowly(n int, into []int64) ([]int64, error) {
	if c.values == nil {
		c.values = make([]parquet.Value, batchSize)
	}
	read := 0
	for read < n {
		got, err := c.slow.ReadValues(c.values[:n-read])
		for _, v := range c.values[:got] {
			into[read] = c.number(v)
			read++
		}
		if err != nil && read < n {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return into[:n], nil
}

// number is the value, 0 for none, or the index of the text.
func (c *cursor) number(v parquet.Value) int64 {
	switch {
	case c.text:
		return c.index(string(v.ByteArray()))
	case v.IsNull():
		return 0
	case v.Kind() == parquet.Int32:
		return int64(v.Int32())
	}
	return v.Int64()
}

func (c *cursor) index(text string) int64 {
	if c.known == nil {
		c.known = map[string]int64{}
		for i, t := range c.table {
			c.known[t] = int64(i)
		}
	}
	i, ok := c.known[text]
	if !ok {
		i = int64(len(c.table))
		c.table = append(c.table, text)
		c.known[text] = i
	}
	return i
}

func (c *cursor) release() {
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
}

func (c *cursor) close() {
	c.release()
	c.pages.Close()
}
