package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/looptest/looptest/attack"
)

func compactJSON(t *testing.T, b *bytes.Buffer, data []byte) {
	t.Helper()
	if err := json.Compact(b, data); err != nil {
		t.Fatal(err)
	}
}

var decoders = map[Format]vegeta.DecoderFactory{Gob: vegeta.NewDecoder, JSON: vegeta.NewJSONDecoder, CSV: vegeta.NewCSVDecoder}

// Vegeta's own decoders read what is written for them, and say the same.
func TestVegetaReadsOurs(t *testing.T) {
	samples := synthetic(2000)
	for format, decoder := range decoders {
		for _, response := range []bool{false, true} {
			var b bytes.Buffer
			if err := WriteVegeta(&b, inMemory(exampleHead(), samples), VegetaOptions{Format: format, Response: response}); err != nil {
				t.Fatal(err)
			}
			decode := decoder(&b)
			for i, s := range samples {
				var r vegeta.Result
				if err := decode(&r); err != nil {
					t.Fatalf("%s, result %d: %v", format, i, err)
				}
				sent, took := s.Sent, s.Service()
				if response {
					sent, took = s.Intended, s.Response()
				}
				if !r.Timestamp.Equal(began.Add(sent)) || r.Latency != took || int(r.Code) != s.Code || int64(r.BytesIn) != s.Bytes || r.Attack != twoStreams[s.Stream].Name {
					t.Fatalf("%s, result %d: %+v of %+v", format, i, r, s)
				}
				if s.Stream == 1 && (r.Method != "GET" || r.URL != "http://127.0.0.1/report") || (r.Error != "") != (s.Err != "") {
					t.Fatalf("%s, result %d: %+v of %+v", format, i, r, s)
				}
			}
			if err := decode(&vegeta.Result{}); !errors.Is(err, io.EOF) {
				t.Errorf("%s: after the last: %v", format, err)
			}
		}
	}
	if err := WriteVegeta(io.Discard, inMemory(exampleHead(), samples), VegetaOptions{}); err == nil {
		t.Error("no format, and no error")
	}
}

// The golden files were written by vegeta's own encoders; all say the same three
// results, the last of which ends without a newline in JSON.
func TestGoldenVegetaFiles(t *testing.T) {
	const ms = time.Millisecond
	want := []attack.Sample{
		{Intended: 10 * ms, Sent: 10 * ms, Done: 12 * ms, Code: 200, Bytes: 5},
		{Seq: 1, Sent: 0, Done: 30 * ms, Code: 503, Err: attack.ErrStatus},
		{Stream: 1, Intended: 20 * ms, Sent: 20 * ms, Done: 1020 * ms, Err: attack.ErrRefused},
	}
	for _, name := range []string{"vegeta.gob", "vegeta.json", "vegeta.csv"} {
		for _, open := range []func() (*Reader, error){
			func() (*Reader, error) { return Open(filepath.Join("testdata", name)) },
			func() (*Reader, error) {
				data, _ := os.ReadFile(filepath.Join("testdata", name))
				return OpenStream(bytes.NewReader(data))
			},
		} {
			r, err := open()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := all(t, r); !slices.Equal(got, want) {
				t.Errorf("%s: %+v", name, got)
			}
			h := r.Head()
			if !h.NoIntended || len(h.Streams) != 2 || h.Streams[0].Name != "shop" || h.Streams[0].Labels[0] != "GET http://127.0.0.1/a" || h.Streams[1].Name != "" {
				t.Errorf("%s: head %+v", name, h)
			}
			if !h.Began.Equal(time.Unix(1_700_000_000, 0)) {
				t.Errorf("%s: began %v", name, h.Began)
			}
		}
	}
}

func TestGoldenCSV(t *testing.T) {
	r, err := Open(filepath.Join("testdata", "looptest.csv"))
	if err != nil {
		t.Fatal(err)
	}
	want := []attack.Sample{
		{Intended: 0, Sent: 1000, Done: 2_000_000, Code: 200, Bytes: 17},
		{Stream: 1, Request: 0, Seq: 7, Intended: 5_000_000, Sent: 5_001_000, Done: 35_001_000, Err: attack.ErrTimeout},
	}
	if got := all(t, r); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if h := r.Head(); h.NoIntended || h.Streams[1].Name != "a, b" || h.Streams[1].Labels[0] != `say "hi"` {
		t.Errorf("%+v", h)
	}
}

func TestHistograms(t *testing.T) {
	samples := synthetic(5000)
	for _, c := range []struct {
		of   Measure
		took func(attack.Sample) time.Duration
	}{{Response, attack.Sample.Response}, {Service, attack.Sample.Service}} {
		var b bytes.Buffer
		if err := WriteHistogram(&b, inMemory(exampleHead(), samples), c.of, "checkout"); err != nil {
			t.Fatal(err)
		}
		var exact []time.Duration
		for _, s := range samples {
			if s.Stream == 0 && s.Timed() {
				exact = append(exact, c.took(s))
			}
		}
		slices.Sort(exact)
		r, err := OpenStream(&b)
		if err != nil {
			t.Fatal(err)
		}
		got := all(t, r)
		if len(got) != len(exact) || !r.Head().NoTimes {
			t.Fatalf("%d samples of %d", len(got), len(exact))
		}
		// At the lines' own quantiles a value is right to 3 digits, and between
		// them near it.
		for _, q := range []float64{0.5, 0.75, 1} {
			at := int(q*float64(len(exact))) - 1
			if read := got[at].Service(); float64(read) < 0.99*float64(exact[at]) || float64(read) > 1.01*float64(exact[at]) {
				t.Errorf("%s at %v: read %v, was %v", c.of, q, read, exact[at])
			}
		}
	}
	for _, bad := range []string{
		"Value Percentile TotalCount\n", "Value Percentile TotalCount\n1 0.5\n", "Value Percentile TotalCount\nx 0.5 1\n",
		"Value Percentile TotalCount\n1 0.5 99999999999\n", "Value Percentile TotalCount\n1 0.5 2\n1 0.6 1\n", "Value Percentile TotalCount\n-1 0.5 2\n",
	} {
		if _, err := OpenStream(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// What another program writes (columns with nulls, compressed, without a head)
// is read too, as long as the needed columns are there.
func TestForeignParquet(t *testing.T) {
	type row struct {
		Intended int64   `parquet:"intended_ns"`
		Service  int64   `parquet:"service_ns,optional,snappy"`
		Stream   *int64  `parquet:"stream_index,optional,dict"`
		Error    *string `parquet:"error,optional,zstd"`
		Code     int32   `parquet:"code,dict"`
	}
	one, text := int64(1), "timeout"
	var b bytes.Buffer
	if err := parquet.Write(&b, []row{{5, 7, &one, &text, 0}, {Intended: 6, Service: 8, Code: 200}}); err != nil {
		t.Fatal(err)
	}
	r, err := OpenStream(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := []attack.Sample{{Stream: 1, Intended: 5, Sent: 5, Done: 12, Err: attack.ErrTimeout}, {Intended: 6, Sent: 6, Done: 14, Code: 200}}
	if got := all(t, r); !slices.Equal(got, want) || len(r.Head().Streams) != 2 {
		t.Errorf("%+v of %+v", got, r.Head().Streams)
	}
	var other bytes.Buffer
	parquet.Write(&other, []struct{ A int }{{1}})
	if _, err := OpenStream(&other); err == nil || !strings.Contains(err.Error(), "no column intended_ns") {
		t.Errorf("another table: %v", err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	for _, c := range []struct{ data, says string }{
		{"", "empty"},
		{"\x1f\x8b\x08", "gzip"},
		{`{"latencies":{"mean":1}}` + "\n", "no timestamp"},
		{"PAR1 and nothing more", "not a whole Parquet file"},
		{"hello, world\n", "read as vegeta's gob"},
		{"stream,request,done_ns\n", "no column intended_ns"},
		{"intended_ns,done_ns\n", "no samples"},
		{"intended_ns,done_ns\n1,x\n1,2\n", `line 2, column done_ns: "x" is not a whole number`},
		{"1,2,3,4\n", "read as vegeta's csv"},
	} {
		if _, err := OpenStream(strings.NewReader(c.data)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v", c.data, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// A broken last record is left out with a warning, one in the middle is an error.
func TestBrokenRecords(t *testing.T) {
	samples := synthetic(100)
	for _, format := range []Format{Gob, JSON, CSV} {
		var b bytes.Buffer
		if err := WriteVegeta(&b, inMemory(exampleHead(), samples), VegetaOptions{Format: format}); err != nil {
			t.Fatal(err)
		}
		r, err := OpenStream(bytes.NewReader(b.Bytes()[:b.Len()-30]))
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if got := all(t, r); len(got) != 99 || len(r.Warnings()) != 1 {
			t.Errorf("%s: %d samples, warnings %q", format, len(got), r.Warnings())
		}
		broken := bytes.Clone(b.Bytes())
		copy(broken[len(broken)/2:], `"{{{{"{{{`)
		if _, err := OpenStream(bytes.NewReader(broken)); err == nil {
			t.Errorf("%s: broken in the middle, and read", format)
		}
	}
}

// More samples than are kept in memory go through a temporary file; the time
// axis begins with the earliest all the same.
func TestALongForeignFile(t *testing.T) {
	defer func(was int) { spoolAfter = was }(spoolAfter)
	spoolAfter = 10_000
	samples := synthetic(spoolAfter + 5000)
	samples[0], samples[spoolAfter+100] = samples[spoolAfter+100], samples[0] // the earliest comes late
	var b bytes.Buffer
	if err := WriteVegeta(&b, inMemory(exampleHead(), samples), VegetaOptions{Format: Gob}); err != nil {
		t.Fatal(err)
	}
	r, err := OpenStream(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := all(t, r)
	if len(got) != len(samples) || got[spoolAfter+100].Sent > samples[0].Service() {
		t.Fatalf("%d samples of %d; the earliest at %v", len(got), len(samples), got[spoolAfter+100].Sent)
	}
	earliest := samples[spoolAfter+100].Sent
	for _, s := range samples {
		earliest = min(earliest, s.Sent)
	}
	for i, s := range samples {
		if got[i].Sent != s.Sent-earliest || got[i].Service() != s.Service() || got[i].Seq != s.Seq || got[i].Err != s.Err {
			t.Fatalf("sample %d: %+v of %+v", i, got[i], s)
		}
	}
}
