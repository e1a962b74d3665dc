package record

import (
	"errors"
	"io"
	"slices"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Save writes a recording into a folder as a run of its own, with the phases,
// counts, heartbeats and the summary that it has. It takes the time that the
// disk needs, where a Writer would rather lose samples. The folder has to be
// there, and empty.
func Save(dir string, r *Reader) error {
	h, d := r.Head(), folder(dir)
	h.Unfinished = false
	err := replace(d, samplesName+parquetSuffix, func(w io.Writer) error { return writeSamples(w, h, r) })
	if err == nil && len(r.lags) > 0 {
		err = replace(d, lagName+parquetSuffix, func(w io.Writer) error {
			t := newTable(w, h.brief(), lagToRow)
			return errors.Join(r.Lags(func(batch []target.LagReading) error { return t.write(batch) }), t.close())
		})
	}
	if err != nil {
		return err
	}
	return writeHead(d, h)
}

// WriteParquet writes a recording as one samples.parquet. The scenario, the
// summary and the target's heartbeats are not in it.
func WriteParquet(w io.Writer, r *Reader) error {
	h := r.Head()
	h.Unfinished = false
	return writeSamples(w, h, r)
}

func writeSamples(w io.Writer, h Head, r *Reader) error {
	t := newTable(w, h.brief(), sampleRows(h.Streams))
	return errors.Join(r.Samples(func(batch []attack.Sample) error { return t.write(batch) }), t.close())
}

// Only gives the part of a recording that is one stream's; false when it has no
// stream of that name. Closing it closes the whole.
func (r *Reader) Only(stream string) (*Reader, bool) {
	at := slices.IndexFunc(r.head.Streams, func(s Stream) bool { return s.Name == stream })
	if at < 0 {
		return nil, false
	}
	only := &Reader{head: r.head, lags: r.lags, warnings: r.Warnings(), closers: []func() error{r.Close}}
	only.head.Streams = r.head.Streams[at : at+1]
	only.head.Counts = slices.DeleteFunc(slices.Clone(r.head.Counts), func(c attack.StreamCount) bool { return c.Name != stream })
	only.head.Scenario, only.head.Summary = "", nil // they are of the whole
	for _, p := range r.pieces {
		only.pieces = append(only.pieces, filtered{p, at})
	}
	return only, true
}

// filtered is the samples of one stream in a piece.
type filtered struct {
	piece
	stream int
}

func (p filtered) read(s *scratch, f func([]attack.Sample) error) error {
	return p.piece.read(s, func(batch []attack.Sample) error {
		kept := batch[:0]
		for _, sample := range batch {
			if sample.Stream == p.stream {
				sample.Stream = 0
				kept = append(kept, sample)
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return f(kept)
	})
}
