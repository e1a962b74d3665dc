package analysis_test

import (
	"math"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// summarized are two runs of arm a and one of b. In a's first run the last
// answer comes half a second after the schedule's end, and one never comes.
func summarized() []attack.Run {
	second := time.Second
	probe := func(at, lag, service time.Duration) attack.Sample {
		return attack.Sample{Intended: at, Sent: at + lag, Done: at + lag + service, Code: 200}
	}
	lost := attack.Sample{Intended: 500 * ms, Sent: 504 * ms, Done: 30 * second, Err: attack.ErrTimeout}
	offender := attack.Sample{Stream: 1, Sent: 100 * ms, Intended: 100 * ms, Done: 400 * ms, Code: 200}
	ok := attack.StreamCount{Name: "/ok", Role: attack.Probe, Offered: 4, Sent: 4, Span: 2 * second}
	slow := attack.StreamCount{Name: "/slow", Role: attack.Offender, Offered: 1, Sent: 1, Span: second}

	first := attack.Run{
		Arm: "a", Look: attack.LookBlock, Block: 0,
		Streams: []attack.StreamCount{ok, slow},
		Samples: []attack.Sample{probe(0, 0, ms), lost, probe(second, 2*ms, 3*ms), probe(1500*ms, 0, second), offender},
		Lag:     []target.LagReading{{Due: 0, Ran: 5 * ms}, {Due: 5 * ms, Ran: 6 * ms}},
		Target:  &target.Usage{Utilization: 0.25, Longest: 300 * ms, PeakMemory: 7, Procs: 4},
	}
	first.Streams[0].Bad = 1
	next := attack.Run{
		Arm: "a", Look: attack.LookBlock, Block: 1,
		Streams: []attack.StreamCount{ok, slow},
		Samples: []attack.Sample{probe(0, 0, ms), probe(500*ms, 0, ms), probe(second, 0, ms), offender},
		Lag:     []target.LagReading{{Due: 0, Ran: 3 * ms}},
		Target:  &target.Usage{Utilization: 0.75, Longest: 200 * ms, PeakMemory: 9, Procs: 4},
	}
	next.Streams[0].Sent, next.Streams[0].Unsent = 3, 1
	return []attack.Run{
		{Arm: "b", Look: attack.LookChunk, Streams: []attack.StreamCount{{Name: "/ok"}}},
		first,
		{Arm: "unstarted", Partial: true},
		next,
	}
}

func TestSummarizeChoosesArms(t *testing.T) {
	arms := analysis.Summarize(summarized(), []string{"a", "missing", "unstarted", "b"})
	if len(arms) != 2 || arms[0].Arm != "a" || arms[1].Arm != "b" {
		t.Fatalf("got %+v, want a and b", arms)
	}
	if a := arms[0]; a.Look != attack.LookBlock || len(a.Streams) != 2 {
		t.Errorf("a: got look %s, %d streams", a.Look, len(a.Streams))
	}
	if b := arms[1]; b.Utilization != 0 || b.Lag.N != 0 || b.Streams[0].Response.N != 0 || b.Streams[0].AchievedRate != 0 {
		t.Errorf("b says nothing of itself and has no samples: got %+v", b)
	}
	if none := analysis.Summarize(nil, []string{"a"}); len(none) != 0 {
		t.Errorf("of no runs: got %+v", none)
	}
}

func TestSummarizeArm(t *testing.T) {
	a := analysis.Summarize(summarized(), []string{"a"})[0]
	if a.Utilization != 0.5 { // (0.25 + 0.75)/2
		t.Errorf("utilization: got %v, want 0.5", a.Utilization)
	}
	if a.Longest != 300*ms || a.PeakMemory != 9 || a.Procs != 4 {
		t.Errorf("got longest %v, memory %d, procs %d; want the most of each", a.Longest, a.PeakMemory, a.Procs)
	}
	// 5, 1 and 3 ms.
	if want := (analysis.Distribution{N: 3, Min: ms, Mean: 3 * ms, P50: 3 * ms, P90: 5 * ms, P99: 5 * ms, P999: 5 * ms, Max: 5 * ms}); a.Lag != want {
		t.Errorf("lag: got %+v, want %+v", a.Lag, want)
	}
}

func TestSummarizeStreams(t *testing.T) {
	streams := analysis.Summarize(summarized(), []string{"a"})[0].Streams
	ok, slow := streams[0], streams[1]
	if ok.Name != "/ok" || ok.Role != attack.Probe || ok.Offered != 8 || ok.Sent != 7 || ok.Unsent != 1 || ok.Bad != 1 {
		t.Errorf("/ok: got %+v", ok)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"/ok offered: 8 in 2 + 2 s", ok.OfferedRate, 2},
		{"/ok achieved: 7 − 1 in 2.5 + 2 s", ok.AchievedRate, 6 / 4.5},
		{"/slow offered: 2 in 1 + 1 s", slow.OfferedRate, 1},
		{"/slow achieved: 2 in 1 + 1 s", slow.AchievedRate, 1},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
	// Six answers: 1, 5, 1000, 1, 1 and 1 ms after they were meant to be sent,
	// 1, 3, 1000, 1, 1 and 1 ms after they were. The lost one counts for neither.
	if r := ok.Response; r.N != 6 || r.P50 != ms || r.P90 != time.Second || r.Max != time.Second || r.Mean != 1009*ms/6 {
		t.Errorf("/ok response: got %+v", r)
	}
	if s := ok.Service; s.N != 6 || s.Mean != 1007*ms/6 {
		t.Errorf("/ok service: got %+v", s)
	}
	// Seven requests left: 4 and 2 ms late, the others in time.
	if l := ok.SendLag; l.N != 7 || l.Min != 0 || l.Max != 4*ms || l.Mean != 6*ms/7 {
		t.Errorf("/ok send lag: got %+v", l)
	}
	if r := slow.Response; r.N != 2 || r.Min != 300*ms || r.Max != 300*ms {
		t.Errorf("/slow response: got %+v", r)
	}
}

func TestSummarizeWithoutStreamInOneRun(t *testing.T) {
	runs := summarized()
	runs[3].Streams = runs[3].Streams[:1]
	slow := analysis.Summarize(runs, []string{"a"})[0].Streams[1]
	if slow.Offered != 1 || slow.Response.N != 1 || slow.OfferedRate != 1 {
		t.Errorf("got %+v, want what the other run had", slow)
	}
}
