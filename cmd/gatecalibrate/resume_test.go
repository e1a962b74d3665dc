package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/looptest/looptest/analysis"
)

// counted says how many records each cell has, and that none is there twice.
func counted(t *testing.T, s store) map[string]int {
	t.Helper()
	all, err := all(s)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]int{}
	for name, records := range all {
		have[name] = len(records)
		for i, r := range records {
			if r.Number != i || r.Cell != name {
				t.Errorf("%s has %s %d at %d", name, r.Cell, r.Number, i)
			}
		}
	}
	return have
}

func TestResume(t *testing.T) {
	s := store(t.TempDir())
	const aa, ab, stopAfter = 8, 2, 11
	ran := 0
	one := func(ctx context.Context, task task) (record, error) {
		if ran++; ran == stopAfter+1 {
			return record{}, context.Canceled
		}
		return made(task.cell, task.number), nil
	}
	tasks := toDo(cells(), aa, ab, counted(t, s))
	if err := conduct(t.Context(), tasks, one, s, io.Discard); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// A kill left half a line.
	first := cells()[0].Name
	file, err := os.OpenFile(s.Path(first), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	file.WriteString(`{"Cell":"aa-sa`)
	file.Close()

	have := counted(t, s)
	done := 0
	for _, n := range have {
		done += n
	}
	left := toDo(cells(), aa, ab, have)
	if done != stopAfter || len(left) != len(tasks)-stopAfter {
		t.Fatalf("%d done, %d of %d left", done, len(left), len(tasks))
	}
	var told strings.Builder
	if err := conduct(t.Context(), left, one, s, &told); err != nil {
		t.Fatal(err)
	}
	for name, n := range counted(t, s) {
		if n != 2 {
			t.Errorf("%s was run %d times", name, n)
		}
	}
	if lines := strings.Count(told.String(), "\n"); lines != len(left) || !strings.Contains(told.String(), " left\n") {
		t.Errorf("progress:\n%s", told.String())
	}
	if left := toDo(cells(), aa, ab, counted(t, s)); len(left) != 0 {
		t.Errorf("%d are left", len(left))
	}
	// What was read back is judged as what was measured.
	records, err := s.Read(cells()[4].Name)
	if err != nil {
		t.Fatal(err)
	}
	if kept, fresh := records[1].verdict(), made(cells()[4], 1).verdict(); kept.Headline != fresh.Headline {
		t.Errorf("%s, and was %s", kept.Headline, fresh.Headline)
	}
}

func TestGivesUp(t *testing.T) {
	s := store(t.TempDir())
	one := func(_ context.Context, task task) (record, error) {
		r := made(task.cell, task.number)
		r.Error = "no port"
		r.Measured.Blocks = nil
		return r, nil
	}
	err := conduct(t.Context(), toDo(cells(), 60, 20, nil), one, s, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "no port") {
		t.Error(err)
	}
	for _, c := range cells()[:mostErrors] {
		records, err := s.Read(c.Name)
		if err != nil || len(records) != 1 || records[0].verdict().Outcome != analysis.Invalid {
			t.Errorf("%s: %d, %v", c.Name, len(records), err)
		}
	}
}

func TestToDo(t *testing.T) {
	tasks := toDo(cells(), 60, 20, nil)
	if want := 60 + 12*20; len(tasks) != want {
		t.Errorf("%d tasks, want %d", len(tasks), want)
	}
	seeds := map[uint64]bool{}
	for i, task := range tasks {
		seeds[seed(task)] = true
		if i < len(cells()) && task.cell.Name != cells()[i].Name {
			t.Errorf("the first round is at %s, want %s", task.cell.Name, cells()[i].Name)
		}
	}
	if len(seeds) != len(tasks) {
		t.Errorf("%d seeds of %d", len(seeds), len(tasks))
	}
	if few := toDo(cells(), 1, 0, nil); len(few) != 4 {
		t.Errorf("%d, want one of each kind", len(few))
	}
	hogs, err := chosen("hog,p99-1.5")
	if err != nil || len(hogs) != 3 {
		t.Errorf("%v, %v", hogs, err)
	}
	if _, err := chosen("p98"); err == nil || !strings.Contains(err.Error(), "ab-p99-1.5") {
		t.Error(err)
	}
}

func TestParse(t *testing.T) {
	if _, err := parse([]string{"-blocks", "7"}, io.Discard); err == nil || !strings.Contains(err.Error(), "at least 8") {
		t.Error("a design that can't fail is refused:", err)
	}
	a, err := parse([]string{"-extend"}, io.Discard)
	if err != nil || a.design.Regular() != shortest() || a.design.Most() != 2*shortest() {
		t.Errorf("%+v, %v", a, err)
	}
}
