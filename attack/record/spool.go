package record

import (
	"bufio"
	"errors"
	"os"
	"time"

	"github.com/looptest/looptest/attack"
)

// spoolAfter is how many samples of a foreign format are kept in memory; more go
// to a temporary file. Tests make it smaller.
var spoolAfter = 1 << 17

// maxNames bounds the streams of a foreign file, and the requests of each: those
// beyond share the last name.
const maxNames = 1000

const otherName = "(other)"

// spool takes samples of a format that tells its names and its time axis only
// while it is read.
type spool struct {
	streams  []Stream
	byName   map[string]int
	byLabel  []map[string]int // by stream
	samples  []attack.Sample
	earliest time.Duration // of the moments so far
	any      bool

	file  *os.File
	out   *bufio.Writer
	table *table[attack.Sample, sampleRow]
}

// name gives the indexes of a stream and of a request in it.
func (s *spool) name(stream, label string) (int, int) {
	if s.byName == nil {
		s.byName = map[string]int{}
	}
	i, known := s.byName[stream]
	if !known && len(s.streams) >= maxNames {
		stream = otherName
		i, known = s.byName[stream]
	}
	if !known {
		i = len(s.streams)
		s.byName[stream] = i
		s.streams = append(s.streams, Stream{Name: stream})
		s.byLabel = append(s.byLabel, map[string]int{})
	}
	of, labels := &s.streams[i], s.byLabel[i]
	j, known := labels[label]
	if !known && len(of.Labels) >= maxNames {
		label = otherName
		j, known = labels[label]
	}
	if !known {
		j = len(of.Labels)
		labels[label] = j
		of.Labels = append(of.Labels, label)
	}
	return i, j
}

func (s *spool) add(sample attack.Sample) error {
	if moment := min(sample.Intended, sample.Sent); !s.any || moment < s.earliest {
		s.earliest, s.any = moment, true
	}
	s.samples = append(s.samples, sample)
	if len(s.samples) < spoolAfter {
		return nil
	}
	return s.spill()
}

func (s *spool) spill() error {
	if s.table == nil {
		file, err := temporary()
		if err != nil {
			return err
		}
		s.file, s.out = file, bufio.NewWriterSize(file, 256<<10)
		s.table = newTable(s.out, "", sampleRows(nil))
	}
	err := s.table.write(s.samples)
	s.samples = s.samples[:0]
	return err
}

func (s *spool) giveUp() {
	if s.file != nil {
		discard(s.file)
	}
}

// reader gives what was added; the time axis then begins earliest later.
func (s *spool) reader(h Head, shift time.Duration) (*Reader, error) {
	h.Version, h.Streams = Version, s.streams
	if s.table == nil {
		return &Reader{head: h, pieces: memoryPieces(s.samples, shift)}, nil
	}
	err := s.spill()
	err = errors.Join(err, s.table.close(), s.out.Flush())
	s.samples = nil
	if err != nil {
		s.giveUp()
		return nil, err
	}
	info, err := s.file.Stat()
	if err != nil {
		s.giveUp()
		return nil, err
	}
	opened, err := openParquet(s.file, info.Size())
	if err != nil {
		s.giveUp()
		return nil, err
	}
	r := &Reader{head: h, closers: []func() error{func() error { return discard(s.file) }}}
	r.addGroups(opened, shift)
	return r, nil
}

// memory is samples that are there already.
type memory struct {
	samples []attack.Sample
	shift   time.Duration
}

var _ piece = memory{}

func memoryPieces(samples []attack.Sample, shift time.Duration) []piece {
	var all []piece
	const each = 8 * batchSize
	for begins := 0; begins < len(samples); begins += each {
		all = append(all, memory{samples[begins:min(begins+each, len(samples))], shift})
	}
	return all
}

func (m memory) read(s *scratch, f func([]attack.Sample) error) error {
	for left := m.samples; len(left) > 0; {
		n := copy(s.batch, left)
		left = left[n:]
		for i := range s.batch[:n] {
			sample := &s.batch[i]
			sample.Intended += m.shift
			sample.Sent += m.shift
			sample.Done += m.shift
		}
		if err := f(s.batch[:n]); err != nil {
			return err
		}
	}
	return nil
}
