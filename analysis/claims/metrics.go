package claims

import (
	"cmp"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// responses gives the response times of one role's served requests.
func responses(r attack.Run, role attack.Role) []time.Duration {
	return durations(r, role, attack.Sample.Response)
}

func durations(r attack.Run, role attack.Role, of func(attack.Sample) time.Duration) []time.Duration {
	var d []time.Duration
	for _, s := range r.Of(role) {
		if s.Served() {
			d = append(d, of(s))
		}
	}
	return d
}

func probeP99(r attack.Run) float64 {
	return float64(analysis.Describe(responses(r, attack.Probe)).P99)
}
func probeMean(r attack.Run) float64 {
	return float64(analysis.Describe(responses(r, attack.Probe)).Mean)
}

// offenderService is the median time that the offender's requests took.
func offenderService(r attack.Run) float64 {
	return float64(analysis.Describe(durations(r, attack.Offender, attack.Sample.Service)).P50)
}

// worstLag is the longest that a heartbeat of the loop was late.
func worstLag(r attack.Run) float64 {
	var worst time.Duration
	for _, l := range r.Lag {
		worst = max(worst, l.Lag())
	}
	return float64(worst)
}

// busy gives how many of the offender's jobs were answered, and for how long
// any of them was under way: from the first that was sent to the last answer of
// each burst.
func busy(r attack.Run) (jobs int, took time.Duration) {
	samples := slices.Clone(r.Of(attack.Offender))
	slices.SortFunc(samples, func(a, b attack.Sample) int { return cmp.Compare(a.Sent, b.Sent) })
	var until time.Duration
	for _, s := range samples {
		if !s.Answered() {
			continue
		}
		jobs++
		if from := max(s.Sent, until); s.Done > from {
			took += s.Done - from
			until = s.Done
		}
	}
	return jobs, took
}

// throughput is jobs a second while any was under way.
func throughput(r attack.Run) float64 {
	jobs, took := busy(r)
	if took <= 0 {
		return 0
	}
	return float64(jobs) / took.Seconds()
}

// burstTime is how long a burst took, on average.
func burstTime(r attack.Run) float64 {
	began := map[time.Duration]bool{}
	for _, s := range r.Of(attack.Offender) {
		began[s.Intended] = true
	}
	_, took := busy(r)
	return float64(took) / float64(max(len(began), 1))
}

// typical is the median of a metric of one arm over blocks.
func typical(blocks []analysis.Block, arm string, m analysis.Metric) float64 {
	values := make([]float64, len(blocks))
	for i, b := range blocks {
		values[i] = m(b[arm])
	}
	slices.Sort(values)
	if len(values) == 0 {
		return 0
	}
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

// typicalTime is typical for a metric in nanoseconds.
func typicalTime(blocks []analysis.Block, arm string, m analysis.Metric) time.Duration {
	return time.Duration(typical(blocks, arm, m))
}

// within95 estimates a metric of one arm over blocks, with its interval.
func within95(blocks []analysis.Block, arm string, m analysis.Metric) analysis.Estimate {
	values := make([]float64, len(blocks))
	for i, b := range blocks {
		values[i] = m(b[arm])
	}
	return analysis.HodgesLehmann(values, analysis.Confidence)
}

// scaled changes an estimate's unit.
func scaled(e analysis.Estimate, by float64) analysis.Estimate {
	e.Value, e.Low, e.High = e.Value*by, e.Low*by, e.High*by
	return e
}

// delayDuring is the p99 of the probes that were meant to be sent while the
// offender was under way.
func delayDuring(r attack.Run) float64 {
	offenders := r.Of(attack.Offender)
	var during []time.Duration
	for _, p := range r.Of(attack.Probe) {
		if !p.Answered() {
			continue
		}
		for _, o := range offenders {
			if p.Intended >= o.Sent && p.Intended <= o.Done {
				during = append(during, p.Response())
				break
			}
		}
	}
	return float64(analysis.Describe(during).P99)
}

// jobP99 is the p99 of the offender's response time.
func jobP99(r attack.Run) float64 {
	return float64(analysis.Describe(responses(r, attack.Offender)).P99)
}

// measure gives a metric of some arms with its interval over blocks, for a chart
// of dots; by is what the metric is multiplied with to be in the unit.
func measure(label, unit string, by float64, blocks []analysis.Block, m analysis.Metric, arms ...string) Measure {
	d := Measure{Label: label, Unit: unit}
	for _, arm := range arms {
		d.Values = append(d.Values, ArmValue{arm, blocks[0][arm].Look, scaled(within95(blocks, arm, m), by)})
	}
	return d
}

// inMS is what a metric in nanoseconds is multiplied with to be in milliseconds.
const inMS = 1 / float64(time.Millisecond)

// milliseconds is measure for a time.
func milliseconds(label string, blocks []analysis.Block, m analysis.Metric, arms ...string) Measure {
	return measure(label, "ms", inMS, blocks, m, arms...)
}

// waits is measure for a time of waiting, in milliseconds on a logarithmic axis.
func waits(label string, blocks []analysis.Block, m analysis.Metric, arms ...string) Measure {
	return withLog(milliseconds(label, blocks, m, arms...))
}

// withLog gives the measure a logarithmic axis.
func withLog(m Measure) Measure {
	m.Log = true
	return m
}

// figure gives a metric of some arms, as a measure of the claim's own.
func figure(name, unit string, blocks []analysis.Block, m analysis.Metric, arms ...string) Figure {
	f := Figure{Name: name, Unit: unit, Values: map[string]float64{}}
	for _, arm := range arms {
		f.Values[arm] = typical(blocks, arm, m)
	}
	return f
}

// peakMemory is the most that the target held over the measured part, in bytes:
// resident, or heap where that isn't known. (Usage.PeakMemory is since the process
// began.)
func peakMemory(r attack.Run) float64 {
	var peak int64
	for _, m := range memoryOf(r) {
		peak = max(peak, m.Held())
	}
	return float64(peak)
}

// peakHeap is the most that was on the target's heap, in bytes, collected or not.
func peakHeap(r attack.Run) float64 {
	var heap int64
	for _, m := range memoryOf(r) {
		heap = max(heap, m.Heap)
	}
	return float64(heap)
}

func memoryOf(r attack.Run) []target.MemoryReading {
	if r.Target == nil {
		return nil
	}
	return r.Target.Memory
}
