package ring_test

import (
	"slices"
	"testing"

	"github.com/looptest/looptest/target/internal/ring"
)

func TestRingKeepsTheNewest(t *testing.T) {
	for _, c := range []struct {
		pushed, since int
		want          []int
	}{
		{0, 0, []int{}},
		{2, 0, []int{0, 1}},
		{3, 0, []int{0, 1, 2}},
		{5, 0, []int{2, 3, 4}}, // 0 and 1 are dropped
		{7, 5, []int{5, 6}},
		{7, 9, []int{}},
	} {
		r := ring.New[int](3)
		for i := range c.pushed {
			r.Push(i)
		}
		if got := r.From(func(i int) bool { return i >= c.since }); !slices.Equal(got, c.want) {
			t.Errorf("after %d pushes, from %d: %v, want %v", c.pushed, c.since, got, c.want)
		}
	}
}

func TestZeroRing(t *testing.T) {
	var r ring.Ring[int]
	r.Push(1)
	if got := r.From(func(int) bool { return true }); len(got) != 0 {
		t.Errorf("kept %v", got)
	}
}
