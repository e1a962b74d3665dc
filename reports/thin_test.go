package reports

import (
	"math"
	"slices"
	"testing"
)

func TestThinKeepsThePeaks(t *testing.T) {
	var points []point
	for i := range 10_000 {
		points = append(points, point{float64(i), 10 + math.Sin(float64(i))})
	}
	high, low := point{4321, 400}, point{4350, -3}
	points[4321], points[4350] = high, low
	column := func(x float64) int { return int(x) / 100 }

	kept := thin(points, column)

	if most := 2 * 100; len(kept) > most { // 10,000 points in columns of 100, two of each
		t.Errorf("kept %d points, want at most %d", len(kept), most)
	}
	if !slices.Contains(kept, high) || !slices.Contains(kept, low) {
		t.Errorf("the peak %v or the trough %v is lost", high, low)
	}
	if !slices.IsSortedFunc(kept, func(a, b point) int { return int(a.x - b.x) }) {
		t.Error("the points kept are out of order")
	}
}

func TestThinKeepsOfEachColumnTheLowestAndTheHighest(t *testing.T) {
	points := []point{
		{0, 5}, {1, 9}, {2, 1}, {3, 4}, // highest first, then lowest
		{10, 7},          // alone
		{20, 3}, {21, 3}, // equal: one stands for both
		{30, 1}, {31, 2}, // lowest first
	}
	want := []point{{1, 9}, {2, 1}, {10, 7}, {20, 3}, {30, 1}, {31, 2}}
	got := thin(points, func(x float64) int { return int(x) / 10 })
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestThinOfNothing(t *testing.T) {
	if got := thin(nil, func(float64) int { return 0 }); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
