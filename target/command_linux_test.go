package target

import (
	"slices"
	"testing"
	"time"
)

// The fields are those of proc(5); 14 to 17 are 100, 50, 7 and 3 hundredths.
func TestParseStat(t *testing.T) {
	const stat = "42 (a (b) c) S 7 40 40 0 -1 4194304 1 2 3 4 100 50 7 3 20 0 1 0 99 1 2"
	p, ok := parseStat(42, []byte(stat))
	if want := (listed{42, 7, 40, 1600 * time.Millisecond}); !ok || p != want {
		t.Errorf("got %+v, want %+v", p, want)
	}
	for _, short := range []string{"", "42", "42 (x) S 7 40", ")"} {
		if _, ok := parseStat(42, []byte(short)); ok {
			t.Errorf("%q was read", short)
		}
	}
}

func TestFamilyOf(t *testing.T) {
	all := []listed{
		{id: 1, parent: 0, group: 1},
		{id: 14, parent: 13, group: 13}, // listed before its parent, in a group of its own
		{id: 10, parent: 5, group: 10},
		{id: 11, parent: 10, group: 10},
		{id: 12, parent: 1, group: 10}, // its parent has ended
		{id: 13, parent: 11, group: 13},
		{id: 20, parent: 5, group: 20},
	}
	var ids []int
	for _, p := range familyOf(10, all) {
		ids = append(ids, p.id)
	}
	slices.Sort(ids)
	if want := []int{10, 11, 12, 13, 14}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
	if got := familyOf(30, all); len(got) > 0 {
		t.Errorf("of nobody: %v", got)
	}
}
