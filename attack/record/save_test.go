package record

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// mixed is a recording of two streams with heartbeats, more samples than a batch
// holds.
func mixed(t *testing.T) *Reader {
	t.Helper()
	h := Head{
		Command: "run", Scenario: "source", Began: time.Unix(1700000000, 0).UTC(),
		Streams: []Stream{{Name: "a", Labels: []string{"x"}}, {Name: "b", Labels: []string{"y", "z"}}},
		Phases:  []attack.Phase{{Name: "p", Lasts: time.Second}},
		Counts:  []attack.StreamCount{{Name: "a", Sent: 3000}, {Name: "b", Sent: 3000}},
	}
	dir := t.TempDir()
	w, err := Create(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6000 {
		at := time.Duration(i) * time.Millisecond
		w.Sample(attack.Sample{Stream: i % 2, Request: i % 2, Seq: i / 2, Intended: at, Sent: at + 1, Done: at + 5, Code: 200})
	}
	w.Lag([]target.LagReading{{Due: 1, Ran: 2, Phase: "poll"}})
	if err := w.Close(h); err != nil {
		t.Fatal(err)
	}
	return reopened(t, dir)
}

func reopened(t *testing.T, path string) *Reader {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func everySample(t *testing.T, r *Reader) []attack.Sample {
	t.Helper()
	var all []attack.Sample
	err := r.Samples(func(batch []attack.Sample) error {
		all = append(all, batch...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSaveKeepsEverything(t *testing.T) {
	r := mixed(t)
	dir := t.TempDir()
	if err := Save(dir, r); err != nil {
		t.Fatal(err)
	}
	saved := reopened(t, dir)
	if !slices.Equal(everySample(t, saved), everySample(t, r)) {
		t.Error("other samples")
	}
	lag, err := saved.Lag()
	if err != nil || len(lag) != 1 || lag[0].Phase != "poll" {
		t.Errorf("lag %v, %v", lag, err)
	}
	h := saved.Head()
	if h.Scenario != "source" || len(h.Counts) != 2 || h.Unfinished || !h.Began.Equal(r.Head().Began) {
		t.Errorf("head %+v", h)
	}
}

func TestSaveOfAKilledRun(t *testing.T) {
	r := mixed(t)
	r.head.Unfinished, r.head.Partial, r.head.Failure = true, true, "killed"
	dir := t.TempDir()
	if err := Save(dir, r); err != nil {
		t.Fatal(err)
	}
	if h := reopened(t, dir).Head(); h.Unfinished || !h.Partial || h.Failure != "killed" {
		t.Errorf("head %+v, want a partial run that is written to its end", h)
	}
}

func TestSaveWhereItCant(t *testing.T) {
	if err := Save(filepath.Join(t.TempDir(), "nowhere"), mixed(t)); err == nil {
		t.Error("no error")
	}
}

func TestWriteParquet(t *testing.T) {
	r := mixed(t)
	var b bytes.Buffer
	if err := WriteParquet(&b, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(everySample(t, reopened(t, path)), everySample(t, r)) {
		t.Error("other samples")
	}
}

func TestOnly(t *testing.T) {
	r := mixed(t)
	only, ok := r.Only("b")
	if !ok {
		t.Fatal("there is no b")
	}
	all := everySample(t, only)
	if len(all) != 3000 {
		t.Errorf("%d samples, want 3,000", len(all))
	}
	for i, s := range all {
		if s.Stream != 0 || s.Request != 1 || s.Seq != i {
			t.Fatalf("sample %d is %+v", i, s)
		}
	}
	h := only.Head()
	if len(h.Streams) != 1 || h.Streams[0].Name != "b" || len(h.Counts) != 1 || h.Counts[0].Name != "b" || h.Scenario != "" {
		t.Errorf("head %+v", h)
	}
	if len(r.Head().Streams) != 2 || len(r.Head().Counts) != 2 {
		t.Error("the whole was changed")
	}
	if _, ok := r.Only("c"); ok {
		t.Error("there is a c")
	}
}
