package reports

import (
	"slices"
	"testing"

	"github.com/looptest/looptest/attack"
)

func TestFirstBurstIsInOrderOfCompletion(t *testing.T) {
	samples := []attack.Sample{
		{Intended: 500 * ms, Done: 510 * ms}, // the second burst
		{Intended: 100 * ms, Done: 172 * ms},
		{Intended: 100 * ms, Done: 136 * ms, Err: attack.ErrReset},
		{Intended: 100 * ms, Sent: 120 * ms, Done: 244 * ms},
	}
	want := []job{{36 * ms, false}, {72 * ms, true}, {144 * ms, true}}
	got := firstBurst(samples)
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	text := []string{"3 jobs: first done after 36 ms, all after 144 ms", "1 unanswered"}
	if got := burstNumbers(got); !slices.Equal(got, text) {
		t.Errorf("got %q, want %q", got, text)
	}
}

func TestJobScaleCountsDownwards(t *testing.T) {
	cases := map[int][]string{
		1: {"1"}, 2: {"2"}, 8: {"2", "4", "6", "8"},
		64: {"10", "20", "30", "40", "50", "60"}, // 64/8 = 8, up to 10
	}
	for most, want := range cases {
		s := jobScale(most)
		if got := tickLabels(s); !slices.Equal(got, want) {
			t.Errorf("%d jobs: got %q, want %q", most, got, want)
		}
		if top, bottom := s.place(0), s.place(float64(most)); top != 1 || bottom != 0 {
			t.Errorf("%d jobs: first at %v, last at %v", most, top, bottom)
		}
	}
}
