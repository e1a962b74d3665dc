package claims

import (
	"math"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// measured has three probes, one of them lost, and two bursts of two jobs, of
// which the last one failed.
func measured() attack.Run {
	return attack.Run{
		Streams: []attack.StreamCount{{Role: attack.Probe}, {Role: attack.Offender}},
		Samples: []attack.Sample{
			{Intended: 0, Sent: 2 * ms, Done: 10 * ms},
			{Intended: 5 * ms, Sent: 5 * ms, Done: 35 * ms},
			{Intended: 10 * ms, Sent: 10 * ms, Done: time.Hour, Err: attack.ErrTimeout},
			{Stream: 1, Intended: 100 * ms, Sent: 101 * ms, Done: 200 * ms},
			{Stream: 1, Intended: 100 * ms, Sent: 102 * ms, Done: 300 * ms},
			{Stream: 1, Intended: 500 * ms, Sent: 500 * ms, Done: 600 * ms},
			{Stream: 1, Intended: 500 * ms, Sent: 500 * ms, Done: time.Hour, Err: attack.ErrReset},
		},
		Lag: []target.LagReading{{Due: 0, Ran: ms}, {Due: 5 * ms, Ran: 12 * ms}, {Due: 10 * ms, Ran: 12 * ms}},
		Target: &target.Usage{PeakMemory: 900, Memory: []target.MemoryReading{
			{At: 0, Heap: 90, Resident: 200}, {At: 10 * ms, Heap: 10, Resident: 650}, {At: 20 * ms, Heap: 700, Resident: 300},
		}},
	}
}

func TestMetrics(t *testing.T) {
	cases := []struct {
		name   string
		metric analysis.Metric
		want   float64
	}{
		{"probe p99, of 10 and 30 ms", probeP99, 30e6},
		{"probe mean, of 10 and 30 ms", probeMean, 20e6},
		{"the worst probe", worstProbe, 30e6},
		{"offender service, the median of 99, 198 and 100 ms", offenderService, 100e6},
		{"the worst lag, of 1, 7 and 2 ms", worstLag, 7e6},
		// From the first that was sent, at 101 ms, to 300; and from 500 to 600.
		{"throughput, 3 jobs in 199 + 100 ms", throughput, 3 / 0.299},
		{"a burst, of 199 and 100 ms", burstTime, 149.5e6},
		{"peak memory, of 200, 650 and 300 bytes", peakMemory, 650},
	}
	for _, c := range cases {
		if got := c.metric(measured()); math.Abs(got-c.want) > 1e-6*max(1, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		if got := c.metric(attack.Run{}); got != 0 {
			t.Errorf("%s: got %v of a run with nothing in it, want 0", c.name, got)
		}
	}
}

func TestTypical(t *testing.T) {
	order := func(r attack.Run) float64 { return float64(r.Order) }
	for _, c := range []struct {
		of   []int
		want float64
	}{
		{nil, 0}, {[]int{7}, 7}, {[]int{9, 1}, 5}, {[]int{9, 1, 2}, 2}, {[]int{9, 1, 2, 3}, 2.5},
	} {
		var blocks []analysis.Block
		for _, v := range c.of {
			blocks = append(blocks, analysis.Block{"a": {Order: v}, "b": {Order: 100}})
		}
		if got := typical(blocks, "a", order); got != c.want {
			t.Errorf("median of %v: got %v, want %v", c.of, got, c.want)
		}
	}
}

func TestSamplesOfAllBlocks(t *testing.T) {
	blocks := []analysis.Block{{"a": measured(), "b": measured()}, {"a": measured()}}
	if got := samples(blocks, "a", attack.Probe); got != 4 {
		t.Errorf("got %d, want the 2 + 2 that were answered", got)
	}
}

// Where what is resident can't be read, the heap stands for it.
func TestMemoryOfHeapsAlone(t *testing.T) {
	r := attack.Run{Target: &target.Usage{Memory: []target.MemoryReading{{Heap: 30}, {Heap: 90}, {Heap: 20}}}}
	if peak := peakMemory(r); peak != 90 {
		t.Errorf("at most %v", peak)
	}
}
