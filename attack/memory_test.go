package attack_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// holding is an observer whose process was read every 10 ms from a second before
// the measured part on.
type holding struct{ n int }

func (holding) Mark(context.Context) (target.Mark, error) { return target.Mark{}, nil }

// Since gives a heap that saws, with one peak and one pit, and a resident memory
// that grows, with a peak of its own.
func (h holding) Since(context.Context, target.Mark, time.Time) (target.Usage, []target.LagReading, error) {
	var readings []target.MemoryReading
	for i := range h.n {
		r := target.MemoryReading{At: time.Duration(i-100) * 10 * time.Millisecond, Heap: int64(1000 + i%50), Resident: int64(5000 + i)}
		switch i {
		case 701:
			r.Heap = 9000
		case 702:
			r.Heap = 3
		case 1203:
			r.Resident = 20_000
		}
		readings = append(readings, r)
	}
	return target.Usage{Memory: readings}, nil, nil
}

// A run keeps the memory of its measured part, thinned without losing a peak.
func TestMemoryIsKept(t *testing.T) {
	for _, n := range []int{0, 50, 100, 101, 600, 601, 4100, 60_000} {
		runs, err := attack.Execute(t.Context(), plan(observed{newStarter(t, answer), holding{n}}, probe(100, 20*time.Millisecond)), attack.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		kept := runs[0].Target.Memory
		usage, _, _ := holding{n}.Since(t.Context(), target.Mark{}, time.Time{})
		want := usage.Memory[min(n, 100):] // from zero on
		if len(want) <= 500 {
			if !slices.Equal(kept, want) {
				t.Errorf("of %d readings %d are kept, want %d", n, len(kept), len(want))
			}
			continue
		}
		if len(kept) > 500 || len(kept) < 240 {
			t.Errorf("of %d readings %d are kept", n, len(kept))
		}
		i := 0
		for _, r := range want {
			if i < len(kept) && r == kept[i] {
				i++
			}
		}
		if i != len(kept) || kept[0] != want[0] || kept[len(kept)-1] != want[len(want)-1] {
			t.Errorf("what is kept of %d readings is no part of them from the first to the last", n)
		}
		for _, extreme := range []int{701, 702, 1203} {
			if at := extreme - 100; at < len(want) && !slices.Contains(kept, want[at]) {
				t.Errorf("of %d readings the extreme %+v is lost", n, want[at])
			}
		}
	}
}

// Stored, they take some bytes each.
func TestMemoryIsSmallInAFile(t *testing.T) {
	size := func(n int) int {
		usage, _, _ := holding{n}.Since(t.Context(), target.Mark{}, time.Time{})
		var file bytes.Buffer
		if err := attack.SaveRuns(&file, []attack.Run{{Target: &usage}}); err != nil {
			t.Fatal(err)
		}
		return file.Len()
	}
	if more := size(500) - size(0); more > 500*20 {
		t.Errorf("500 readings take %d bytes", more)
	}
}
