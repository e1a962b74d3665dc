package analysis_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

func TestJoinOneIsItself(t *testing.T) {
	l := twoPhases()
	joined, places := analysis.JoinLayouts(l)
	if !reflect.DeepEqual(joined, l) {
		t.Errorf("got %+v", joined)
	}
	samples := answered(l, always(ms))
	moved := slices.Clone(samples)
	places[0].Move(moved)
	if !slices.Equal(moved, samples) {
		t.Error("samples moved")
	}
}

func TestJoinTwo(t *testing.T) {
	one, other := twoPhases(), twoPhases()
	other.Streams[0], other.Streams[1] = other.Streams[1], other.Streams[0]
	other.Streams[0].Name = "c"
	other.Streams[1].Labels = []string{"GET /y", "GET /z"}
	joined, places := analysis.JoinLayouts(one, other)
	tally := analysis.NewTally(joined)
	var counts [][]attack.StreamCount
	for i, l := range []analysis.Layout{one, other} {
		samples := answered(l, always(ms))
		samples = append(samples, attack.Sample{Stream: 5}, attack.Sample{Stream: -1})
		places[i].Move(samples)
		tally.AddBatch(samples)
		var of []attack.StreamCount
		for _, s := range l.Streams {
			n := s.Schedule.Count()
			of = append(of, attack.StreamCount{Name: s.Name, Offered: n + 1, Sent: n, Unsent: 1, Span: 10 * time.Second})
		}
		counts = append(counts, of)
	}
	load := tally.Load(analysis.JoinCounts(joined, places, counts))
	sent := map[string]int{}
	for _, r := range load.Rows {
		sent[r.Stream+"|"+r.Phase+"|"+r.Request] = r.Sent
	}
	for row, want := range map[string]int{
		"||": 2200, "a||": 2000, "b||": 100, "c||": 100, "a|hot|": 1200,
		"a||GET /x": 500, "a||GET /y": 1000, "a||GET /z": 500,
	} {
		if sent[row] != want {
			t.Errorf("%s: got %d, want %d", row, sent[row], want)
		}
	}
	a, _ := load.Row("a", "")
	if a.Offered != 2002 || a.Unsent != 2 || a.OfferedRate != 200.2 {
		t.Errorf("a: got %d offered, %d unsent, %v/s", a.Offered, a.Unsent, a.OfferedRate)
	}
	if len(load.Warnings) != 1 { // four samples of no stream
		t.Errorf("got %q", load.Warnings)
	}
	if lost := analysis.JoinCounts(joined, places, counts[:1]); lost != nil {
		t.Errorf("without the second run's counts: got %+v", lost)
	}
	other.Phases = nil
	if joined, _ := analysis.JoinLayouts(one, other); joined.Phases != nil || joined.Streams[0].Schedule != nil || joined.Streams[1].Schedule == nil {
		t.Errorf("got %+v", joined)
	}
}
