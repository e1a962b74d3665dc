package record

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// errEnough ends the reading of what claims to be very long.
var errEnough = errors.New("enough")

// readGarbage opens and reads what may be anything. Samples that come out have
// to fit the head, since their indexes are trusted by whoever counts them.
func readGarbage(t *testing.T, data []byte) {
	r, err := OpenStream(bytes.NewReader(data))
	if err != nil {
		return
	}
	defer r.Close()
	streams := r.Head().Streams
	n := 0
	err = r.Samples(func(batch []attack.Sample) error {
		for _, s := range batch {
			if s.Stream < 0 || s.Stream >= len(streams) || s.Request < 0 || s.Request >= max(len(streams[s.Stream].Labels), 1) {
				t.Fatalf("%+v of %+v", s, streams)
			}
		}
		if n += len(batch); n > 1<<20 {
			return errEnough
		}
		return nil
	})
	if n == 0 && err == nil && !bytes.HasPrefix(data, []byte("PAR1")) {
		t.Error("no samples, and no error")
	}
}

func seeds(f *testing.F, pattern string) {
	names, _ := filepath.Glob(filepath.Join("testdata", pattern))
	if len(names) == 0 {
		f.Fatalf("no seeds %s", pattern)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

func FuzzGob(f *testing.F) {
	seeds(f, "vegeta.gob")
	f.Add([]byte{0xf8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) // a record of 2⁶³ bytes
	f.Fuzz(readGarbage)
}

func FuzzJSON(f *testing.F) {
	seeds(f, "vegeta.json")
	f.Add([]byte(`{"timestamp":"2023-11-14T22:13:20Z","latency":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, data []byte) { readGarbage(t, append([]byte("{"), data...)) })
}

func FuzzCSV(f *testing.F) {
	seeds(f, "*.csv")
	f.Fuzz(readGarbage)
}

func FuzzHistogram(f *testing.F) {
	var b bytes.Buffer
	WriteHistogram(&b, inMemory(exampleHead(), synthetic(100)), Response, "")
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) { readGarbage(t, append([]byte("Value Percentile\n"), data...)) })
}

func FuzzHead(f *testing.F) {
	data, _ := json.Marshal(exampleHead())
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var h Head
		if json.Unmarshal(data, &h) == nil && h.Version != Version {
			t.Errorf("version %d is read", h.Version)
		}
	})
}

func smallParquet(t testing.TB) []byte {
	return asParquet(t, Head{Streams: twoStreams}, synthetic(40))
}

func FuzzParquet(f *testing.F) {
	f.Add(smallParquet(f))
	f.Fuzz(readGarbage)
}

func FuzzLag(f *testing.F) {
	var b bytes.Buffer
	table := newTable(&b, "", lagToRow)
	table.write([]target.LagReading{{Due: 1, Ran: 2, Phase: "poll", Label: "/a"}, {Due: 3, Ran: 4}})
	table.close()
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		opened, err := openParquet(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		n := 0
		lagFile{source{open: opened}}.read(func(batch []target.LagReading) error {
			if n += len(batch); n > 1<<20 {
				return errEnough
			}
			return nil
		})
	})
}

// A flipped byte anywhere in a Parquet file is an error or another number, never
// a panic.
func TestFlippedBytes(t *testing.T) {
	whole := smallParquet(t)
	const step = 11
	for i := 0; i < len(whole); i += step {
		for _, with := range []byte{0x00, 0x7f, 0xff} {
			broken := slices.Clone(whole)
			broken[i] = with
			readGarbage(t, broken)
		}
	}
}

// endless is a record that never ends.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// What claims to be huge takes no more memory than a record may have.
func TestHugeClaims(t *testing.T) {
	defer func(was int) { maxRecord = was }(maxRecord)
	maxRecord = 4 << 20
	footer := smallParquet(t)
	binary.LittleEndian.PutUint32(footer[len(footer)-8:], 1<<31)
	line := "1,200,1,0,0,,"
	for name, in := range map[string]io.Reader{
		"a record of 2⁶³ bytes":         bytes.NewReader([]byte{0xf8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}),
		"a record of a gigabyte":        io.MultiReader(bytes.NewReader([]byte{0xfc, 0x3f, 0xff, 0xff, 0xff}), endless(1)),
		"a line of JSON without an end": io.MultiReader(strings.NewReader(`{"attack":"`), endless('x')),
		"a line of CSV without an end":  io.MultiReader(strings.NewReader(line), endless('x')),
		"a quote without an end":        io.MultiReader(strings.NewReader(line+`"`), endless('\n')),
		"our CSV without an end":        io.MultiReader(strings.NewReader("intended_ns,done_ns\n"), endless('1')),
		"a percentile without an end":   io.MultiReader(strings.NewReader("Value Percentile\n"), endless('1')),
		"a footer of 2 GiB":             bytes.NewReader(footer),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := OpenStream(in); err == nil {
			t.Errorf("%s is read", name)
		}
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; int(took) > 10*maxRecord {
			t.Errorf("%s took %d MiB", name, took>>20)
		}
	}
}
