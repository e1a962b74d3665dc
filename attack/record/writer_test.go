package record

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// What is read is what was recorded; of the parts nothing is left.
func TestRecording(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "run")
	h := exampleHead()
	samples := synthetic(20_000)
	lag := []target.LagReading{{Due: 1, Ran: 2, Phase: "poll", Label: "/slow"}, {Due: 20e6, Ran: 20e6}}
	w, err := Create(dir, Head{Streams: h.Streams})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, h); err == nil || !strings.Contains(err.Error(), "holds a recording already") {
		t.Errorf("a second recording in the folder: %v", err)
	}
	for i, s := range samples {
		if i == 15_000 {
			w.Lag(lag)
		}
		w.Sample(s)
	}
	if err := w.Close(h); err != nil {
		t.Fatal(err)
	}
	if w.Close(h) == nil {
		t.Error("closed twice")
	}
	if files := filesOf(t, dir); !slices.Equal(files, []string{"lag.parquet", "run.json", "samples.parquet"}) {
		t.Errorf("files: %q", files)
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := r.Head(); !reflect.DeepEqual(got.Counts, h.Counts) || got.Unfinished || got.Partial || got.Scenario != h.Scenario {
		t.Errorf("head %+v", got)
	}
	if got := all(t, r); !slices.Equal(got, samples) {
		t.Errorf("%d samples are not the %d recorded ones", len(got), len(samples))
	}
	if got, err := r.Lag(); err != nil || !slices.Equal(got, lag) || len(r.Warnings()) > 0 {
		t.Errorf("heartbeats %v, %v, warnings %q", got, err, r.Warnings())
	}

	// samples.parquet says as much by itself.
	alone, err := Open(filepath.Join(dir, "samples.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	if got := alone.Head(); !reflect.DeepEqual(got.Phases, h.Phases) || !got.Began.Equal(h.Began) || got.Scenario != "" {
		t.Errorf("head of the file %+v", got)
	}
	if got := all(t, alone); !slices.Equal(got, samples) {
		t.Errorf("%d samples of the file alone", len(got))
	}
}

func filesOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A run without a single sample is a recording too.
func TestAnEmptyRecording(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, exampleHead())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(exampleHead()); err != nil {
		t.Fatal(err)
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := all(t, r); len(got) != 0 {
		t.Errorf("%d samples", len(got))
	}
}

// brokenParts is a folder of a killed run, with three parts.
func brokenParts(t *testing.T) (dir string, part []byte) {
	t.Helper()
	dir = t.TempDir()
	part = asParquet(t, exampleHead(), synthetic(3000))
	for i := range 3 {
		os.WriteFile(filepath.Join(dir, partName(samplesName, i+1)), part, 0o666)
	}
	return dir, part
}

// A last part without its end is left out, and said to be.
func TestATruncatedPart(t *testing.T) {
	dir, part := brokenParts(t)
	for _, left := range []int{0, 3, 100, len(part) / 2, len(part) - 1} {
		os.WriteFile(filepath.Join(dir, partName(samplesName, 3)), part[:left], 0o666)
		r, err := Open(dir)
		if err != nil {
			t.Fatalf("%d bytes: %v", left, err)
		}
		if got := all(t, r); len(got) != 6000 || !strings.Contains(strings.Join(r.Warnings(), "\n"), partName(samplesName, 3)) {
			t.Errorf("%d bytes: %d samples, warnings %q", left, len(got), r.Warnings())
		}
	}
}

// Without run.json the head comes from a part's footer.
func TestAFolderWithoutAHead(t *testing.T) {
	dir, _ := brokenParts(t)
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if h := r.Head(); len(h.Streams) != 2 || len(r.Warnings()) != 1 {
		t.Errorf("%+v, %q", h, r.Warnings())
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "holds no recording") {
		t.Errorf("an empty folder: %v", err)
	}
}

// fullDisk has room for so many bytes.
type fullDisk struct {
	folder
	mu   sync.Mutex
	room int
}

type fullFile struct {
	file
	disk *fullDisk
}

func (d *fullDisk) create(name string) (file, error) {
	f, err := d.folder.create(name)
	return fullFile{f, d}, err
}

func (f fullFile) Write(p []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if len(p) > f.disk.room {
		return 0, syscall.ENOSPC
	}
	f.disk.room -= len(p)
	return f.file.Write(p)
}

// On a full disk the error is kept, losses are counted, and what was written by
// then stays readable.
func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	d := &fullDisk{folder: folder(dir), room: 150_000}
	w, err := create(dir, exampleHead(), d, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	samples := synthetic(1000)
	waitFor(t, func() bool {
		for _, s := range samples {
			w.Sample(s)
		}
		sent += len(samples)
		return w.Err() != nil
	})
	if err := w.Err(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v", err)
	}
	if err := w.Close(exampleHead()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("closed with %v", err)
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := len(all(t, r))
	if got == 0 || got+w.Lost() != sent || len(r.Warnings()) > 0 {
		t.Errorf("%d samples read and %d lost of %d; warnings %q", got, w.Lost(), sent, r.Warnings())
	}
	for _, name := range filesOf(t, dir) {
		if strings.HasSuffix(name, unfinishedSuffix) {
			t.Errorf("%s is left", name)
		}
	}
}

// slowDisk doesn't let a part be made until it is released.
type slowDisk struct {
	folder
	release chan struct{}
}

func (d slowDisk) create(name string) (file, error) {
	if name != headFile+unfinishedSuffix {
		<-d.release
	}
	return d.folder.create(name)
}

// A disk that stands still holds nobody up; what does not fit in the queue is
// lost, and counted.
func TestASlowDisk(t *testing.T) {
	dir := t.TempDir()
	d := slowDisk{folder(dir), make(chan struct{})}
	w, err := create(dir, exampleHead(), d, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	const sent = (queueSize + 10) * chunkSize
	samples := synthetic(1000)
	for i := range sent {
		w.Sample(samples[i%len(samples)])
	}
	if err := w.Err(); err == nil || !strings.Contains(err.Error(), "the disk is too slow") {
		t.Errorf("error %v", err)
	}
	close(d.release)
	if err := w.Close(exampleHead()); err == nil {
		t.Error("closed without an error")
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(all(t, r)); w.Lost() == 0 || got+w.Lost() != sent || r.Head().Lost != w.Lost() {
		t.Errorf("%d samples read, %d lost (%d by the head) of %d", got, w.Lost(), r.Head().Lost, sent)
	}
}

func TestHeads(t *testing.T) {
	dir := t.TempDir()
	h := exampleHead()
	if err := writeHead(folder(dir), h); err != nil {
		t.Fatal(err)
	}
	read, err := readHead(dir)
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	compactJSON(t, &compact, read.Summary)
	read.Summary = compact.Bytes()
	if !reflect.DeepEqual(read, h) {
		t.Errorf("read %+v\nwant %+v", read, h)
	}
	for _, c := range []struct{ head, says string }{
		{`{"version":2,"streams":1}`, "format version 2 is newer than the 1 that this looptest reads"},
		{`{"claims":[]}`, "no version"},
		{`{`, "unexpected end"},
		{``, "unexpected end"},
	} {
		os.WriteFile(filepath.Join(dir, headFile), []byte(c.head), 0o666)
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), headFile) {
			t.Errorf("%s: %v", c.head, err)
		}
	}
}
