package reports

import (
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

func TestLagLineFallsToZeroWhenTheLoopComesRound(t *testing.T) {
	// Beats every 10 ms; the loop is held from 20 ms to 45 ms, so the beats of
	// 20, 30 and 40 ms run at 45 ms.
	lag := []target.LagReading{
		{Due: 10 * ms, Ran: 10 * ms},
		{Due: 20 * ms, Ran: 45 * ms}, {Due: 30 * ms, Ran: 45 * ms}, {Due: 40 * ms, Ran: 45 * ms},
		{Due: 50 * ms, Ran: 51 * ms},
	}
	want := []point{
		{10e6, 0}, {10e6, 0}, {10e6, 0},
		{20e6, 0}, {20e6, 25e6}, {30e6, 15e6}, {40e6, 5e6}, {45e6, 0},
		{50e6, 0}, {50e6, 1e6}, {51e6, 0},
	}
	if got := lagLineOf(lag); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := lagLineOf(nil); got != nil {
		t.Errorf("no readings make the line %v", got)
	}
}

func TestInFlightMergesWhatOverlaps(t *testing.T) {
	samples := []attack.Sample{
		{Sent: 50 * ms, Done: 60 * ms},
		{Sent: 0, Done: 20 * ms}, {Sent: 10 * ms, Done: 15 * ms}, {Sent: 20 * ms, Done: 30 * ms},
	}
	want := [][2]time.Duration{{0, 30 * ms}, {50 * ms, 60 * ms}}
	if got := inFlight(samples); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWorstStallComesFromTheLagOrElseFromTheRequests(t *testing.T) {
	r := probed("a", 0, 30*ms)
	if got, want := worstStall(r, attack.Probe), (stall{0, 30 * ms, false}); got != want {
		t.Errorf("without lag: got %v, want %v", got, want)
	}
	r.Lag = []target.LagReading{{Due: 5 * ms, Ran: 6 * ms}, {Due: 10 * ms, Ran: 30 * ms}, {Due: 20 * ms, Ran: 30 * ms}}
	got := worstStall(r, attack.Probe)
	if want := (stall{10 * ms, 30 * ms, true}); got != want {
		t.Errorf("with lag: got %v, want %v", got, want)
	}
	if got, want := got.phrase(), "worst stall 20 ms"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStallBeginsWithTheCallbackThatMadeIt(t *testing.T) {
	r := attack.Run{Lag: []target.LagReading{
		{Due: 0, Ran: 0}, {Due: 10 * ms, Ran: 30 * ms}, {Due: 20 * ms, Ran: 30 * ms},
	}}
	cases := []struct {
		longest time.Duration
		want    time.Duration // where the stall begins
	}{
		{26 * ms, 4 * ms},  // 6 ms before the beat that saw it, less than a beat
		{20 * ms, 10 * ms}, // the beat saw all of it
		{5 * ms, 10 * ms},  // several callbacks made the stall
		{30 * ms, 10 * ms}, // a whole beat more: another callback's
	}
	for _, c := range cases {
		r.Target = &target.Usage{Longest: c.longest}
		if got, want := worstStall(r, attack.Probe), (stall{c.want, 30 * ms, true}); got != want {
			t.Errorf("longest callback %v: got %v, want %v", c.longest, got, want)
		}
	}
}

func TestTrackPlacesPointsAtTheIntendedSend(t *testing.T) {
	r := attack.Run{
		Streams: []attack.StreamCount{{Role: attack.Probe, Span: 50 * ms}, {Role: attack.Offender}},
		Samples: []attack.Sample{
			// sent 7 ms late: the response counts from when it was due
			{Intended: 10 * ms, Sent: 17 * ms, Done: 30 * ms},
			{Intended: 20 * ms, Sent: 20 * ms, Done: 45 * ms, Err: attack.ErrTimeout},
			{Stream: 1, Intended: 1 * ms, Sent: 2 * ms, Done: 9 * ms},
		},
	}
	got := trackOf(r, attack.Probe)
	if !slices.Equal(got.answered, []point{{10e6, 20e6}}) || !slices.Equal(got.failed, []point{{20e6, 25e6}}) {
		t.Errorf("answered %v, failed %v", got.answered, got.failed)
	}
	if !slices.Equal(got.busy, [][2]time.Duration{{2 * ms, 9 * ms}}) {
		t.Errorf("the offender is in flight %v", got.busy)
	}
	x, y := timelineAxes([]track{got})
	if x.high != 50e6 || y.high < 25e6 {
		t.Errorf("axes end at %v and %v ns", x.high, y.high)
	}
}

// Requests that were turned away are neither served nor failed, and are told
// from both.
func TestTimelineShowsWhoWasTurnedAway(t *testing.T) {
	r := probed("a", 0, 30*ms)
	for i, s := range []attack.Sample{
		{Code: 503, Done: ms}, {Code: 503, Done: 2 * ms},
		{Code: 503, Err: attack.ErrStatus, Done: 3 * ms}, // not expected by the stream
		{Err: attack.ErrTimeout, Done: 4 * ms},
	} {
		s.Seq = i + 1
		r.Samples = append(r.Samples, s)
	}
	got := trackOf(r, attack.Probe)
	if want := []point{{0, 1e6}, {0, 2e6}}; !slices.Equal(got.shed, want) || len(got.answered) != 2 || len(got.failed) != 1 {
		t.Errorf("%d answered, turned away %v, %d failed", len(got.answered), got.shed, len(got.failed))
	}
	if numbers, want := inNumbers(r.Samples, 0), []string{"p50 3.0 ms", "max 30 ms", "n 2", "2 turned away", "1 unanswered"}; !slices.Equal(numbers, want) {
		t.Errorf("got %q, want %q", numbers, want)
	}
	var names []string
	for _, k := range timelineKeys([]track{got}, []arm{{role: attack.Probe, runs: []attack.Run{r}}}) {
		names = append(names, k.text)
	}
	if want := []string{"one request", "one turned away", "one without an answer"}; !slices.Equal(names, want) {
		t.Errorf("got keys %q, want %q", names, want)
	}
}
