package record

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/looptest/looptest/attack"
)

// Measure is a time of a sample.
type Measure string

// The measures.
const (
	Response Measure = "response" // done − intended
	Service  Measure = "service"  // done − sent
)

// An HDR percentile file has values from a microsecond to an hour, to 3 digits,
// and this many lines for each halving of the distance to 100 %.
const (
	hdrLowest   = time.Microsecond
	hdrHighest  = time.Hour
	hdrDigits   = 3
	hdrTicks    = 5
	hdrUnit     = float64(time.Millisecond)
	hdrMaxCount = 100_000_000 // of one that is read
)

// WriteHistogram writes the distribution of the answers' times as an HDR
// percentile file (.hgrm), in milliseconds: of one stream, or of all when it is
// empty. Those that were given up at their timeout count with it; others without an
// answer are not in it.
func WriteHistogram(w io.Writer, r *Reader, of Measure, stream string) error {
	if of != Response && of != Service {
		return fmt.Errorf("measure %q: there are %s and %s", of, Response, Service)
	}
	h := hdrhistogram.New(int64(hdrLowest), int64(hdrHighest), hdrDigits)
	streams := r.Head().Streams
	err := r.Samples(func(batch []attack.Sample) error {
		for _, s := range batch {
			if name, _ := names(streams, s); !s.Timed() || stream != "" && name != stream {
				continue
			}
			took := s.Service()
			if of == Response {
				took = s.Response()
			}
			_ = h.RecordValue(int64(min(max(took, hdrLowest), hdrHighest))) // in range
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = h.PercentilesPrint(w, hdrTicks, hdrUnit)
	return err
}

// decodeHistogram reads an HDR percentile file, in milliseconds, as a recording
// without times: each line stands for as many samples as it adds to the count,
// all of its value. So quantiles are as good as the file, and nothing else is
// known.
func decodeHistogram(in io.Reader) (*Reader, error) {
	lines := bufio.NewScanner(in)
	r := &Reader{head: Head{Version: Version, Command: "hdr", NoIntended: true, NoTimes: true, Streams: []Stream{{Name: "all", Labels: []string{""}}}}}
	total := int64(0)
	for number := 1; lines.Scan(); number++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") || fields[0] == "Value" {
			continue
		}
		value, count, err := percentileLine(fields)
		if err == nil && (count < total || count > hdrMaxCount) {
			err = fmt.Errorf("a total count of %d after %d; at most %d are read", count, total, hdrMaxCount)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w (read as an HDR percentile file)", number, err)
		}
		if count > total {
			r.pieces = append(r.pieces, repeated{value: value, from: int(total), to: int(count)})
			total = count
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if total == 0 {
		return nil, errors.New("it holds no samples")
	}
	return r, nil
}

func percentileLine(fields []string) (time.Duration, int64, error) {
	if len(fields) < 3 {
		return 0, 0, errors.New("value, percentile and total count are expected")
	}
	value, err := strconv.ParseFloat(fields[0], 64)
	if err != nil || !(value >= 0) || value > float64(longest)/hdrUnit {
		return 0, 0, fmt.Errorf("%q is not a value in milliseconds", fields[0])
	}
	count, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("%q is not a count", fields[2])
	}
	return time.Duration(math.Round(value * hdrUnit)), count, nil
}

// repeated is samples that are all alike.
type repeated struct {
	value    time.Duration
	from, to int
}

var _ piece = repeated{}

func (p repeated) read(s *scratch, f func([]attack.Sample) error) error {
	for begins := p.from; begins < p.to; begins += batchSize {
		batch := s.batch[:min(batchSize, p.to-begins)]
		for i := range batch {
			batch[i] = attack.Sample{Seq: begins + i, Done: p.value, Code: 200}
		}
		if err := f(batch); err != nil {
			return err
		}
	}
	return nil
}
