package analysis

import (
	"fmt"
	"strings"
	"testing"
)

// climbed has each rate kept or not as the function says, and gives the rates that
// were tried.
func climbed(start, top float64, kept func(rate float64, try int) bool) (tried []float64, highest float64) {
	c := climb{start: start, top: top}
	for rate := start; rate > 0 && len(tried) < 50; rate = c.after() {
		c.rungs = append(c.rungs, Rung{Offered: rate, Kept: kept(rate, c.tries(rate))})
		tried = append(tried, rate)
	}
	return tried, Rungs{Rungs: c.rungs}.Highest()
}

func TestClimbing(t *testing.T) {
	below := func(limit float64) func(float64, int) bool { return func(r float64, _ int) bool { return r <= limit } }
	for _, c := range []struct {
		start, top float64
		kept       func(float64, int) bool
		tried      string
		highest    float64
	}{
		{50, 12800, below(1e9), "[50 100 200 400 800 1600 3200 6400 12800]", 12800},
		{50, 300, below(1e9), "[50 100 200 300]", 300},
		{50, 12800, below(350), "[50 100 200 400 400 283 ]", 283}, // √(200·400)
		{50, 12800, below(250), "[50 100 200 400 400 283 283 ]", 200},
		{50, 12800, below(20), "[50 50 25 25 12 18 ]", 18},
		{50, 12800, below(0), "[50 50 25 25 12 12 6 6 3 3]", 0},
		{50, 200, func(r float64, try int) bool { return r < 100 || try > 0 }, "[50 100 100 200 200]", 200}, // disturbed once
	} {
		tried, highest := climbed(c.start, c.top, c.kept)
		got := strings.ReplaceAll(fmt.Sprintf("%.0f", tried), "]", "")
		if want := strings.TrimRight(c.tried, " ]"); got != want || fmt.Sprintf("%.0f", highest) != fmt.Sprintf("%.0f", c.highest) {
			t.Errorf("%s, highest %.0f; want %s, %.0f", got, highest, want, c.highest)
		}
	}
}
