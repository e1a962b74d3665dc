package reports

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// stopped is a run of four requests whose target is asked to end at 20 ms: one is
// answered before, one after, one lost and one turned away.
func stopped() attack.Run {
	return attack.Run{
		Arm: "a", Look: attack.LookChunk, Stop: &attack.Stop{Asked: 20 * ms, Ended: 30 * ms},
		Streams: []attack.StreamCount{{Name: "/x", Role: attack.Probe, Offered: 4, Sent: 4, Lost: 1, TurnedAway: 1, Span: 40 * ms}},
		Samples: []attack.Sample{
			{Seq: 0, Intended: 0, Sent: 0, Done: 10 * ms, Code: 200},
			{Seq: 1, Intended: 10 * ms, Sent: 10 * ms, Done: 25 * ms, Code: 200},
			{Seq: 2, Intended: 15 * ms, Sent: 15 * ms, Done: 20 * ms, Err: attack.ErrReset},
			{Seq: 3, Intended: 30 * ms, Sent: 30 * ms, Done: 31 * ms, Err: attack.ErrRefused},
		},
	}
}

func TestATimelineTellsLostFromTurnedAway(t *testing.T) {
	got := trackOf(stopped(), attack.Probe)
	if !slices.Equal(got.answered, []point{{0, 10e6}, {10e6, 15e6}}) || !slices.Equal(got.failed, []point{{15e6, 5e6}}) ||
		!slices.Equal(got.away, []point{{30e6, 1e6}}) || got.stop.Asked != 20*ms || got.worst != (stall{}) {
		t.Errorf("got %+v", got)
	}
	if got, want := numbersOf(stopped(), attack.Probe), []string{"p50 10 ms", "max 15 ms", "n 2", "1 lost", "1 turned away"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	without := stopped()
	without.Stop = nil
	if got, want := numbersOf(without, attack.Probe), []string{"p50 10 ms", "max 15 ms", "n 2", "2 unanswered"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var said []string
	for _, w := range texts(t, drawn(t, "svg", chartOf(claims.Timeline), []attack.Run{stopped()})) {
		said = append(said, w.text)
	}
	for _, want := range []string{"asked to end", "one lost", "one turned away"} {
		if !slices.Contains(said, want) {
			t.Errorf("the picture does not say %q: %q", want, said)
		}
	}
}

// A count is no ratio, and says so to programs too.
func TestAFindingThatCounts(t *testing.T) {
	f := analysis.Finding{
		Comparison: analysis.Comparison{Metric: "lost requests", Base: "a", Head: "a"},
		Incidence:  &analysis.Incidence{Times: 0, Trials: 300, AtMost: 0.01}, Outcome: analysis.Pass, Statement: "none",
	}
	var b bytes.Buffer
	if err := writeJSON(&b, describeFinding(f)); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	count, _ := got["count"].(map[string]any)
	if count["times"] != 0. || count["trials"] != 300. || count["at_most"] != 0.01 || got["ratio"] != nil || got["p"] != nil || got["outcome"] != "pass" {
		t.Errorf("got %s", b.String())
	}
}
