package record

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

func TestMain(m *testing.M) {
	if runChild() {
		return
	}
	goleak.VerifyTestMain(m)
}

var twoStreams = []Stream{
	{Name: "checkout", Role: attack.Probe, Labels: []string{"GET /cart", "POST /pay"}},
	{Name: "report", Role: attack.Offender, Labels: []string{"GET http://127.0.0.1/report"}},
}

var began = time.Date(2026, 5, 17, 10, 0, 0, 123456789, time.UTC)

func exampleHead() Head {
	return Head{
		Version: Version, Command: "run", Looptest: "v1.2.3", Scenario: "target: {url: http://127.0.0.1}\n", Began: began,
		Span:        90 * time.Second,
		Environment: attack.Environment{OS: "linux/amd64", CPUs: 2, CPUModel: "a model", Load1: -1, Target: "http://127.0.0.1"},
		Streams:     twoStreams,
		Phases:      []attack.Phase{{Name: "calm", Lasts: 30 * time.Second}, {Name: "rush", Begins: 30 * time.Second, Lasts: time.Minute + 1}},
		Counts: []attack.StreamCount{
			{Name: "checkout", Role: attack.Probe, Labels: twoStreams[0].Labels, Offered: 10, Sent: 9, Unsent: 1, Bad: 2, Span: 90 * time.Second},
			{Name: "report", Role: attack.Offender, Labels: twoStreams[1].Labels, Offered: 1, Sent: 1, Span: 90 * time.Second},
		},
		Target:  &target.Usage{Utilization: 0.25, Longest: 12345 * time.Microsecond, Phase: "poll", Label: "/report", CPU: time.Second + 1, PeakMemory: 1 << 20, Procs: 8},
		Summary: []byte(`{"version":1}`),
	}
}

// synthetic gives n samples as a run at 20,000/s makes them: two streams, a
// scattered service time, a rare error.
func synthetic(n int) []attack.Sample {
	random := rand.New(rand.NewPCG(1, 2))
	samples := make([]attack.Sample, n)
	var seqs [2]int
	for i := range samples {
		s := &samples[i]
		s.Stream = i % 5 / 4 // every fifth is of the second one
		s.Seq = seqs[s.Stream]
		seqs[s.Stream]++
		if s.Stream == 0 {
			s.Request = s.Seq % 2
		}
		s.Intended = time.Duration(i) * 50 * time.Microsecond
		s.Sent = s.Intended + time.Duration(20_000+random.ExpFloat64()*60_000)
		s.Done = s.Sent + time.Duration(300_000+random.ExpFloat64()*1_000_000)
		s.Code, s.Bytes = 200, int64(1000+random.IntN(3)*17)
		switch random.IntN(1000) {
		case 0:
			s.Code, s.Err = 503, attack.ErrStatus
		case 1:
			s.Code, s.Bytes, s.Err = 0, 0, attack.ErrTimeout
			s.Done = s.Sent + time.Second
		}
	}
	return samples
}

// inMemory is a recording of these samples.
func inMemory(h Head, samples []attack.Sample) *Reader {
	return &Reader{head: h, pieces: memoryPieces(samples, 0)}
}

func all(t testing.TB, r *Reader) []attack.Sample {
	t.Helper()
	var samples []attack.Sample
	if err := r.Samples(func(batch []attack.Sample) error { samples = append(samples, batch...); return nil }); err != nil {
		t.Fatal(err)
	}
	return samples
}

// asParquet is a samples.parquet of one row group.
func asParquet(t testing.TB, h Head, samples []attack.Sample) []byte {
	return inGroups(t, h, samples, len(samples)+1)
}

// inGroups has row groups of so many samples.
func inGroups(t testing.TB, h Head, samples []attack.Sample, each int) []byte {
	t.Helper()
	var b bytes.Buffer
	table := newTable(&b, h.brief(), sampleRows(h.Streams))
	for group := range slices.Chunk(samples, each) {
		if err := errors.Join(table.write(group), table.parquet.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
