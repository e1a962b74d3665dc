package record

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/parquet-go/parquet-go"
)

// Open reads a recording: a run folder, a .parquet file of one, vegeta's gob,
// JSON or CSV, looptest's CSV, or an HDR percentile file. What a file is, its
// content tells; "-" is standard input.
//
// Formats other than Parquet are read once here, into memory or, when they are
// long, into a temporary file that Close removes.
func Open(path string) (*Reader, error) {
	if path == "-" {
		return OpenStream(os.Stdin)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return openFolder(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := openFile(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// OpenStream reads what Open does, but folders, from a stream, to its end.
func OpenStream(in io.Reader) (*Reader, error) {
	b := bufio.NewReaderSize(in, 64<<10)
	if begins, _ := b.Peek(4); string(begins) != "PAR1" {
		return decode(b)
	}
	file, err := temporary()
	if err != nil {
		return nil, err
	}
	size, err := io.Copy(file, b)
	if err != nil {
		return nil, errors.Join(err, discard(file))
	}
	return openTemporary(file, size)
}

func openFile(file *os.File, size int64) (*Reader, error) {
	b := bufio.NewReaderSize(file, 64<<10)
	if begins, _ := b.Peek(4); string(begins) != "PAR1" {
		defer file.Close()
		return decode(b)
	}
	r, err := openSamples(file, size)
	if err != nil {
		file.Close()
		return nil, err
	}
	r.closers = append(r.closers, file.Close)
	return r, nil
}

// openSamples reads a samples.parquet by itself.
func openSamples(at io.ReaderAt, size int64) (*Reader, error) {
	opened, err := openParquet(at, size)
	if err != nil {
		return nil, err
	}
	if _, err := locate(opened); err != nil {
		return nil, err
	}
	h, err := headOf(opened)
	if err != nil {
		return nil, err
	}
	r := &Reader{head: h}
	r.addGroups(opened, 0)
	r.mendHead()
	return r, nil
}

func openFolder(dir string) (*Reader, error) {
	found, err := list(dir)
	if err != nil {
		return nil, err
	}
	r := &Reader{}
	r.head, err = readHead(dir)
	switch {
	case missing(err) && len(found.samples) == 0:
		return nil, fmt.Errorf("%s holds no recording: neither %s nor %s%s is there", dir, headFile, samplesName, parquetSuffix)
	case missing(err):
		if err := r.headFromParts(dir, found); err != nil {
			return nil, err
		}
		r.warn("%s: there is no %s; what is known of the run comes from the samples' file", dir, headFile)
	case err != nil:
		return nil, err
	}
	r.addParts(dir, found)
	r.mendHead()
	return r, nil
}

// headFromParts takes the head of the first part that can be read.
func (r *Reader) headFromParts(dir string, found listing) error {
	var first error
	for _, name := range found.samples {
		file, opened, err := openPath(filepath.Join(dir, name))
		if err == nil {
			r.head, err = headOf(opened)
			file.Close()
		}
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// mendHead says of a killed run that it is one.
func (r *Reader) mendHead() {
	if r.head.Unfinished && r.head.Failure == "" {
		r.head.Failure = "the process that recorded it did not come to its end"
	}
}

func (r *Reader) addGroups(f *parquet.File, shift time.Duration) {
	for i := range f.RowGroups() {
		r.pieces = append(r.pieces, groupPiece{source: source{open: f}, group: i, streams: r.head.Streams, shift: shift})
	}
}

// temporary makes a file that is gone when it is closed: at once where the
// system lets an open file be removed, else with discard.
func temporary() (*os.File, error) {
	file, err := os.CreateTemp("", "looptest-*"+parquetSuffix)
	if err != nil {
		return nil, fmt.Errorf("a temporary file for the recording: %w", err)
	}
	_ = os.Remove(file.Name())
	return file, nil
}

func discard(file *os.File) error {
	err := file.Close()
	_ = os.Remove(file.Name())
	return err
}

func openTemporary(file *os.File, size int64) (*Reader, error) {
	r, err := openSamples(file, size)
	if err != nil {
		return nil, errors.Join(err, discard(file))
	}
	r.closers = append(r.closers, func() error { return discard(file) })
	return r, nil
}
