package record

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/attack"
)

// openBytes opens a samples.parquet.
func openBytes(t testing.TB, data []byte) *Reader {
	t.Helper()
	r, err := openSamples(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Several goroutines read the same samples as one, each of them once.
func TestParallelReading(t *testing.T) {
	samples := synthetic(3*20_000 + 17)
	r := openBytes(t, inGroups(t, exampleHead(), samples, 20_000))
	if len(r.pieces) != 4 {
		t.Errorf("%d pieces", len(r.pieces))
	}
	for _, n := range []int{0, 1, 2, 7} {
		var mu sync.Mutex
		var got []attack.Sample
		workers := 0
		err := r.SamplesParallel(n, func() func([]attack.Sample) error {
			workers++
			return func(batch []attack.Sample) error {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, batch...)
				return nil
			}
		})
		slices.SortFunc(got, func(a, b attack.Sample) int { return cmp.Compare(a.Intended, b.Intended) })
		if err != nil || !slices.Equal(got, samples) || workers > 4 {
			t.Fatalf("%d goroutines: %d samples of %d, %v", workers, len(got), len(samples), err)
		}
	}
}

// A consumer's error ends the reading and is what the reading returns; its panic
// comes out where the reading was asked for.
func TestConsumersThatFail(t *testing.T) {
	r := openBytes(t, inGroups(t, exampleHead(), synthetic(10_000), 5000))
	enough := errors.New("enough")
	fail := func([]attack.Sample) error { return enough }
	if err := r.Samples(fail); err != enough {
		t.Errorf("one after the other: %v", err)
	}
	if err := r.SamplesParallel(2, func() func([]attack.Sample) error { return fail }); err != enough {
		t.Errorf("in parallel: %v", err)
	}
	defer func() {
		if p := recover(); p != "oh" {
			t.Errorf("recovered %v", p)
		}
	}()
	r.SamplesParallel(2, func() func([]attack.Sample) error { return func([]attack.Sample) error { panic("oh") } })
	t.Error("no panic")
}

func TestMerge(t *testing.T) {
	one := exampleHead()
	two := Head{
		Began: one.Began.Add(-time.Hour), Partial: true, Failure: "killed", Lost: 3, NoIntended: true,
		Streams: []Stream{{Name: "new", Labels: []string{"GET /"}}, {Name: "checkout", Labels: []string{"POST /pay", "GET /else"}}},
		Phases:  []attack.Phase{{Name: "rush", Begins: 20 * time.Second, Lasts: 5 * time.Second}, {Name: "end", Begins: 100 * time.Second, Lasts: 1}},
		Counts:  []attack.StreamCount{{Name: "new", Offered: 1, Sent: 1}, {Name: "checkout", Offered: 5, Sent: 4, Unsent: 1}},
	}
	a := inMemory(one, []attack.Sample{{Stream: 1, Seq: 1}, {Stream: 0, Request: 1, Seq: 2}})
	b := inMemory(two, []attack.Sample{{Stream: 1, Request: 0, Seq: 3, Intended: 5}, {Stream: 1, Request: 1, Seq: 4}, {Stream: 0, Seq: 5}})
	if Merge(a) != a {
		t.Error("one reader isn't itself")
	}
	m := Merge(a, b)
	want := []attack.Sample{{Stream: 1, Seq: 1}, {Request: 1, Seq: 2}, {Request: 1, Seq: 3, Intended: 5}, {Request: 2, Seq: 4}, {Stream: 2, Seq: 5}}
	if got := all(t, m); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	h := m.Head()
	if !h.Began.Equal(two.Began) || !h.Partial || h.Failure != "killed" || h.Lost != 3 || !h.NoIntended || h.Scenario != "" || h.Span != 90*time.Second {
		t.Errorf("%+v", h)
	}
	streams := []Stream{
		{Name: "checkout", Role: attack.Probe, Labels: []string{"GET /cart", "POST /pay", "GET /else"}}, one.Streams[1], {Name: "new", Labels: []string{"GET /"}},
	}
	if !reflect.DeepEqual(h.Streams, streams) {
		t.Errorf("streams %+v", h.Streams)
	}
	phases := []attack.Phase{{Name: "calm", Lasts: 30 * time.Second}, {Name: "rush", Begins: 20 * time.Second, Lasts: 70*time.Second + 1}, {Name: "end", Begins: 100 * time.Second, Lasts: 1}}
	if !slices.Equal(h.Phases, phases) || !strings.Contains(strings.Join(m.Warnings(), "\n"), `phase "rush" is not at the same time`) {
		t.Errorf("phases %+v, warnings %q", h.Phases, m.Warnings())
	}
	if c := h.Counts; len(c) != 3 || c[0].Offered != 15 || c[0].Unsent != 2 || c[2].Sent != 1 {
		t.Errorf("counts %+v", c)
	}
	if !slices.Equal(one.Streams[0].Labels, []string{"GET /cart", "POST /pay"}) {
		t.Error("the first recording's labels were changed")
	}
	two.Counts = nil
	if c := Merge(a, inMemory(two, nil)).Head().Counts; c != nil {
		t.Errorf("counts of a part of the samples: %+v", c)
	}
}

var kinds = []attack.ErrorKind{"", attack.ErrStatus, attack.ErrBody, attack.ErrTimeout, attack.ErrTooLarge, attack.ErrOther}

// anySamples are of exampleHead's streams.
func anySamples(t *rapid.T) []attack.Sample {
	moment := rapid.Int64Range(0, int64(24*time.Hour))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) attack.Sample {
		s := attack.Sample{
			Stream: rapid.IntRange(0, 1).Draw(t, "stream"), Seq: rapid.IntRange(0, 1<<40).Draw(t, "seq"),
			Intended: time.Duration(moment.Draw(t, "intended")), Code: rapid.SampledFrom([]int{0, 200, 302, 404, 503, 599}).Draw(t, "code"),
			Bytes: rapid.Int64Range(0, 1<<50).Draw(t, "bytes"), Err: rapid.SampledFrom(kinds).Draw(t, "error"),
		}
		if s.Stream == 0 {
			s.Request = rapid.IntRange(0, 1).Draw(t, "request")
		}
		s.Sent = s.Intended + time.Duration(moment.Draw(t, "lag"))
		s.Done = s.Sent + time.Duration(moment.Draw(t, "service"))
		return s
	}), 1, 300).Draw(t, "samples")
}

// seen is a sample by names, which is what formats without indexes keep.
type seen struct {
	stream, request string
	sample          attack.Sample
}

func byName(samples []attack.Sample, streams []Stream) []seen {
	var all []seen
	for _, s := range samples {
		stream, request := names(streams, s)
		s.Stream, s.Request = 0, 0
		all = append(all, seen{stream, request, s})
	}
	return all
}

// What is written in a format and read again is the same; in vegeta's, but for
// the intended time and where the time axis begins.
func TestRoundTrips(t *testing.T) {
	h := exampleHead()
	vegetaIn := func(f Format) func(io.Writer, *Reader) error {
		return func(w io.Writer, r *Reader) error { return WriteVegeta(w, r, VegetaOptions{Format: f}) }
	}
	for _, c := range []struct {
		name   string
		write  func(io.Writer, *Reader) error
		vegeta bool
	}{
		{"parquet", func(w io.Writer, r *Reader) error { _, err := w.Write(asParquet(t, h, all(t, r))); return err }, false},
		{"csv", WriteCSV, false},
		{"gob", vegetaIn(Gob), true},
		{"vegeta's json", vegetaIn(JSON), true},
		{"vegeta's csv", vegetaIn(CSV), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				samples := anySamples(rt)
				var b bytes.Buffer
				if err := c.write(&b, inMemory(h, samples)); err != nil {
					rt.Fatal(err)
				}
				r, err := OpenStream(&b)
				if err != nil {
					rt.Fatal(err)
				}
				defer r.Close()
				got := all(t, r)
				if c.vegeta {
					samples = asVegetaKeeps(samples)
				}
				if !slices.Equal(byName(got, r.Head().Streams), byName(samples, h.Streams)) {
					rt.Fatalf("read %+v\nwant %+v", got, samples)
				}
			})
		})
	}
}

func asVegetaKeeps(samples []attack.Sample) []attack.Sample {
	kept := slices.Clone(samples)
	earliest := slices.MinFunc(kept, func(a, b attack.Sample) int { return cmp.Compare(a.Sent, b.Sent) }).Sent
	for i := range kept {
		s := &kept[i]
		s.Sent -= earliest
		s.Done -= earliest
		s.Intended = s.Sent
	}
	return kept
}
