package record

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/looptest/looptest/attack"
)

// BenchmarkRead10M reads and summarises the same samples from looptest's Parquet
// and, with vegeta's own decoder and metrics, from its gob, in turn, and gives
// the ratio of the two times and the largest heap of each. RECORD_SAMPLES is how
// many there are; 1 M when it isn't set:
//
//	RECORD_SAMPLES=10000000 go test -run - -bench Read10M -benchtime 1x ./attack/record
func BenchmarkRead10M(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("RECORD_SAMPLES"))
	if err != nil {
		n = 1_000_000
	}
	dir := b.TempDir()
	parquetPath, gobPath := filepath.Join(dir, "samples.parquet"), filepath.Join(dir, "samples.gob")
	began := time.Now()
	writeBoth(b, n, parquetPath, gobPath)
	b.Logf("%d samples written in %v: %.1f MB of Parquet, %.1f MB of gob per million", n, time.Since(began).Round(time.Millisecond), perMillion(b, parquetPath, n), perMillion(b, gobPath, n))

	var ours, theirs time.Duration
	var ourHeap, theirHeap uint64
	for b.Loop() {
		ourHeap = max(ourHeap, largestHeap(func() { ours += timed(func() { summarise(b, parquetPath, n) }) }))
		theirHeap = max(theirHeap, largestHeap(func() { theirs += timed(func() { summariseGob(b, gobPath, n) }) }))
	}
	each := float64(b.N * n)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(ours)/each, "ns/sample")
	b.ReportMetric(float64(theirs)/each, "vegeta-ns/sample")
	b.ReportMetric(float64(theirs)/float64(ours), "times-faster")
	b.ReportMetric(float64(ourHeap)/1e6, "MB-heap")
	b.ReportMetric(float64(theirHeap)/1e6, "vegeta-MB-heap")
}

func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

// summary is what vegeta's metrics hold, and the intended times' share of it,
// with 3 exact digits.
type summary struct {
	response, service, lag *hdrhistogram.Histogram
	codes                  [1000]int
	bytes                  int64
	n                      int
}

func newSummary() *summary {
	h := func() *hdrhistogram.Histogram { return hdrhistogram.New(1, int64(time.Hour/time.Microsecond), 3) }
	return &summary{response: h(), service: h(), lag: h()}
}

func (s *summary) add(batch []attack.Sample) error {
	for i := range batch {
		sample := &batch[i]
		s.response.RecordValue(int64(sample.Response() / time.Microsecond))
		s.service.RecordValue(int64(sample.Service() / time.Microsecond))
		s.lag.RecordValue(int64(sample.SendLag() / time.Microsecond))
		s.codes[sample.Code%len(s.codes)]++
		s.bytes += sample.Bytes
	}
	s.n += len(batch)
	return nil
}

func summarise(b *testing.B, path string, n int) {
	r, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var parts []*summary
	err = r.SamplesParallel(0, func() func([]attack.Sample) error {
		part := newSummary()
		parts = append(parts, part)
		return part.add
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range parts[1:] {
		parts[0].response.Merge(p.response)
		parts[0].service.Merge(p.service)
		parts[0].lag.Merge(p.lag)
		parts[0].n += p.n
	}
	if parts[0].n != n {
		b.Fatalf("%d samples of %d", parts[0].n, n)
	}
}

func summariseGob(b *testing.B, path string, n int) {
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	decode := vegeta.NewDecoder(bufio.NewReaderSize(file, 1<<20))
	var m vegeta.Metrics
	for {
		var r vegeta.Result
		if err := decode(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			b.Fatal(err)
		}
		m.Add(&r)
	}
	if m.Close(); int(m.Requests) != n {
		b.Fatalf("%d results of %d", m.Requests, n)
	}
}

func writeBoth(b *testing.B, n int, parquetPath, gobPath string) {
	samples := synthetic(min(n, 1_000_000))
	ours, theirs := must(os.Create(parquetPath)), bufio.NewWriterSize(must(os.Create(gobPath)), 1<<20)
	h := exampleHead()
	table, encode := newTable(ours, h.brief(), sampleRows(h.Streams)), vegeta.NewEncoder(theirs)
	for written := 0; written < n; written += len(samples) {
		batch := samples[:min(len(samples), n-written)]
		if err := table.write(batch); err != nil {
			b.Fatal(err)
		}
		for i := range batch {
			result := vegetaResult(batch[i], h.Streams, h.Began, false)
			if err := encode(&result); err != nil {
				b.Fatal(err)
			}
			batch[i].Intended += time.Duration(len(samples)) * 50 * time.Microsecond
			batch[i].Sent += time.Duration(len(samples)) * 50 * time.Microsecond
			batch[i].Done += time.Duration(len(samples)) * 50 * time.Microsecond
		}
	}
	if err := errors.Join(table.close(), ours.Close(), theirs.Flush()); err != nil {
		b.Fatal(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func perMillion(b *testing.B, path string, n int) float64 {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return float64(info.Size()) / float64(n)
}

// largestHeap is the most bytes of live and unswept objects while f runs.
func largestHeap(f func()) uint64 {
	runtime.GC()
	stop, largest := make(chan struct{}), make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		most := uint64(0)
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-stop:
				largest <- most
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	f()
	close(stop)
	return <-largest
}
