package gate

import (
	"math"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/target"
)

// Reading is what one arm gave in one block, boiled down to what a verdict needs.
type Reading struct {
	Values   map[string]float64    // by metric; one that can't be seen is absent
	Halves   map[string][2]float64 // the same for the run's halves, where that can be told
	Requests int                   // sent, and not given up by looptest itself
	Bad      int                   // of them without a good answer
	Codes    map[int]int           // of the good answers
	Size     float64               // median size of the good answers' bodies, bytes
	// Due and Came are the requests that were due in the second halves of the
	// slices, and the answers that came in that time: fewer when a queue grows.
	Due, Came int
}

// read boils a run down for the metrics.
func read(r attack.Run, metrics []Metric) Reading {
	whole := look(r, r.Samples, r.Lag)
	whole.usage = r.Target
	out := Reading{
		Values: map[string]float64{}, Halves: map[string][2]float64{},
		Requests: whole.sent, Bad: whole.bad, Codes: map[int]int{},
	}
	out.answers(r)
	out.Due, out.Came = flow(r)
	first, second := halves(r)
	for _, m := range metrics {
		if v, ok := whole.value(m); ok {
			out.Values[m.Name] = v
		}
		a, inFirst := first.value(m)
		b, inSecond := second.value(m)
		if inFirst && inSecond {
			out.Halves[m.Name] = [2]float64{a, b}
		}
	}
	return out
}

// answers counts the good answers by code, and takes their median size.
func (out *Reading) answers(r attack.Run) {
	var sizes []int64
	for _, s := range r.Samples {
		if s.Err == "" {
			out.Codes[s.Code]++
			sizes = append(sizes, s.Bytes)
		}
	}
	if len(sizes) > 0 {
		slices.Sort(sizes)
		out.Size = float64(sizes[len(sizes)/2])
	}
}

// view is a run, or a part of it, as metrics see it.
type view struct {
	response, service []time.Duration // sorted; see look
	lag               []time.Duration // sorted
	sent, bad         int
	usage             *target.Usage // nil for a part: it is of the whole process
}

// look sorts samples for the quantiles. A request without an answer is slower than
// any, as in analysis.Judge: it counts as if it had waited for the whole run. One
// that looptest itself gave up when it was interrupted doesn't count.
func look(r attack.Run, samples []attack.Sample, lag []target.LagReading) view {
	v := view{
		response: make([]time.Duration, 0, len(samples)),
		service:  make([]time.Duration, 0, len(samples)),
	}
	never := lasted(r)
	for _, s := range samples {
		never = max(never, s.Response())
	}
	for _, s := range samples {
		if s.Err == attack.ErrCanceled {
			continue
		}
		v.sent++
		if s.Err != "" {
			v.bad++
		}
		response, service := never, never
		if s.Answered() {
			response, service = s.Response(), s.Service()
		}
		v.response = append(v.response, response)
		v.service = append(v.service, service)
	}
	for _, l := range lag {
		v.lag = append(v.lag, l.Lag())
	}
	slices.Sort(v.response)
	slices.Sort(v.service)
	slices.Sort(v.lag)
	return v
}

// value gives a metric in its unit; false when it can't be seen here.
func (v view) value(m Metric) (float64, bool) {
	switch m.Name {
	case CPU:
		if v.usage == nil || v.sent == 0 {
			return 0, false
		}
		return inMS(v.usage.CPU) / float64(v.sent), true
	case Memory:
		if v.usage == nil || v.usage.PeakMemory <= 0 {
			return 0, false
		}
		return float64(v.usage.PeakMemory), true
	case ErrorRate:
		return float64(v.bad) / float64(max(v.sent, 1)), v.sent > 0
	case Stall:
		return v.stall()
	}
	return v.quantile(m.Name)
}

// stall is the longest that the loop was held: its longest callback, or what a
// heartbeat waited.
func (v view) stall() (float64, bool) {
	var longest time.Duration
	if v.usage != nil && !v.usage.Unseen {
		longest = v.usage.Longest
	}
	if len(v.lag) == 0 {
		return inMS(longest), longest > 0
	}
	return inMS(max(longest, v.lag[len(v.lag)-1])), true
}

func (v view) quantile(name string) (float64, bool) {
	quantity, statistic := scenario.SplitMetric(name)
	q, ok := scenario.Quantile(statistic)
	of := v.response
	switch quantity {
	case scenario.Service:
		of = v.service
	case scenario.Lag:
		of = v.lag
	}
	if !ok || len(of) == 0 {
		return 0, false
	}
	return inMS(analysis.Quantile(of, q)), true
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// lasted is how long the run's time axis is.
func lasted(r attack.Run) time.Duration {
	var end time.Duration
	for _, s := range stretches(r) {
		end = max(end, s.Begins+s.Lasts)
	}
	return end
}

// stretches are the run's slices, or the whole run as one.
func stretches(r attack.Run) []attack.Slice {
	if len(r.Slices) > 0 {
		return r.Slices
	}
	var span time.Duration
	for _, s := range r.Streams {
		span = max(span, s.Span)
	}
	for _, s := range r.Samples {
		span = max(span, s.Intended+1)
	}
	return []attack.Slice{{Lasts: span}}
}

// halves cuts a run in two: at the middle one of its slices, or in the middle of
// its time when there is only one.
func halves(r attack.Run) (first, second view) {
	slices := stretches(r)
	cut := slices[len(slices)/2].Begins
	if len(slices)%2 == 1 {
		cut += slices[len(slices)/2].Lasts / 2
	}
	var samples [2][]attack.Sample
	for _, s := range r.Samples {
		samples[half(s.Intended, cut)] = append(samples[half(s.Intended, cut)], s)
	}
	var lag [2][]target.LagReading
	for _, l := range r.Lag {
		lag[half(l.Due, cut)] = append(lag[half(l.Due, cut)], l)
	}
	return look(r, samples[0], lag[0]), look(r, samples[1], lag[1])
}

func half(moment, cut time.Duration) int {
	if moment < cut {
		return 0
	}
	return 1
}

// flow counts, over the second half of each slice, what was due and what was
// done. In a steady state both are about the same, however long a request takes,
// once the first of a slice are through; beyond saturation the queue grows and
// less is done.
func flow(r attack.Run) (due, came int) {
	for _, slice := range stretches(r) {
		from, to := slice.Begins+slice.Lasts/2, slice.Begins+slice.Lasts
		for _, s := range r.Samples {
			if s.Intended < slice.Begins || s.Intended >= to || s.Err == attack.ErrCanceled {
				continue
			}
			if s.Intended >= from {
				due++
			}
			if s.Done >= from && s.Done < to {
				came++
			}
		}
	}
	return due, came
}

// share is NaN of nothing, so that no comparison holds of it.
func share(part, of int) float64 {
	if of == 0 {
		return math.NaN()
	}
	return float64(part) / float64(of)
}
