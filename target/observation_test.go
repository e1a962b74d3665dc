package target

import (
	"testing"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// Quantiles are by nearest rank: of 200 lags of 1 to 200 ms the 100th and the
// 198th.
func TestSummarizeLag(t *testing.T) {
	late := func(from, to int) (beats []loop.Beat) {
		for lag := to; lag >= from; lag-- {
			due := time.Duration(len(beats)) * 10 * time.Millisecond
			beats = append(beats, loop.Beat{Due: due, Ran: due + time.Duration(lag)*time.Millisecond})
		}
		return beats
	}
	for _, c := range []struct {
		beats []loop.Beat
		want  lagSummary
	}{
		{nil, lagSummary{}},
		{late(7, 7), lagSummary{1, 7, 7, 7}},
		{late(1, 3), lagSummary{3, 2, 3, 3}},
		{late(1, 200), lagSummary{200, 100, 198, 200}},
	} {
		if got := summarizeLag(c.beats); got != c.want {
			t.Errorf("of %d: %+v, want %+v", len(c.beats), got, c.want)
		}
	}
}
