package record

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

const childVariable = "LOOPTEST_RECORD_CHILD"

// runChild records for ever when this process was started for it.
func runChild() bool {
	dir := os.Getenv(childVariable)
	if dir == "" {
		return false
	}
	w, err := create(dir, exampleHead(), folder(dir), 20*time.Millisecond)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	samples := synthetic(1000)
	for n := 0; ; n++ {
		for _, s := range samples {
			s.Seq = n
			w.Sample(s)
		}
		w.Lag([]target.LagReading{{Due: time.Duration(n), Ran: time.Duration(n + 1)}})
		time.Sleep(time.Millisecond)
	}
}

// A process that is killed midway leaves what it had closed by then: whole
// thousands of samples from the first on, a head that says it is unfinished, and
// heartbeats.
func TestAKilledRunIsReadable(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+dir)
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool {
		_, err := os.Stat(filepath.Join(dir, partName(samplesName, 4)))
		return err == nil
	})
	child.Process.Kill()
	child.Wait()

	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	samples := all(t, r)
	h := r.Head()
	if len(samples) < 4 || !h.Unfinished || !h.Partial || h.Failure == "" || len(h.Streams) != 2 {
		t.Fatalf("%d samples, head %+v", len(samples), h)
	}
	want := synthetic(1000)
	for i, s := range samples {
		w := want[i%1000]
		if w.Seq = i / 1000; s != w {
			t.Fatalf("sample %d is %+v, want %+v", i, s, w)
		}
	}
	if lag, err := r.Lag(); err != nil || len(lag) == 0 || !slices.IsSortedFunc(lag, func(a, b target.LagReading) int { return int(a.Due - b.Due) }) {
		t.Errorf("%d heartbeats, %v", len(lag), err)
	}
}

func waitFor(t *testing.T, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !happened(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
	}
}
