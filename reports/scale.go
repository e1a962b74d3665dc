package reports

import (
	"math"
	"strconv"
	"time"
)

// clockStep is the finest time that a log axis tells apart. Shorter times, and
// zero, are drawn at it.
const clockStep = float64(time.Microsecond)

// scale places values along an axis.
type scale struct {
	low, high float64 // what the axis begins and ends with; high may be the smaller
	log       bool
	ticks     []tick
}

// tick is a value that the axis names.
type tick struct {
	at    float64
	label string
}

// place gives where v lies, 0 at the axis's beginning and 1 at its end. Values
// beyond the axis are drawn at its ends, so a log axis never meets zero.
func (s scale) place(v float64) float64 {
	v = min(max(v, min(s.low, s.high)), max(s.low, s.high))
	if s.log {
		return math.Log(v/s.low) / math.Log(s.high/s.low)
	}
	return (v - s.low) / (s.high - s.low)
}

// linearTime is an axis of nanoseconds from zero to high, with at most about
// that many ticks, all in one unit.
func linearTime(high float64, atMost int) scale {
	high = max(high, clockStep)
	return linear(0, high, atMost, unitOf(high).write)
}

// linear is an axis from low to high with at most about that many ticks.
func linear(low, high float64, atMost int, write func(float64) string) scale {
	s := scale{low: low, high: high}
	step := ceil125((high - low) / float64(atMost))
	for i := math.Ceil(low/step - 1e-9); i*step <= high+(high-low)*1e-9; i++ {
		at := i*step + 0 // not −0
		s.ticks = append(s.ticks, tick{at, write(at)})
	}
	return s
}

// logTime is a log axis of nanoseconds that holds low and high, and at least a
// decade.
func logTime(low, high float64) scale { return logarithmic(low, high, clockStep, inWords) }

// logarithmic is a log axis that holds low and high, at least a decade, and
// nothing far below least, which is above zero.
func logarithmic(low, high, least float64, write func(float64) string) scale {
	low = floor125(max(low, least))
	high = ceil125(max(high, low))
	for low > least && high/low < 9.99 {
		low = floor125(low * 0.99)
	}
	if high/low < 9.99 {
		high = low * 10
	}
	return scale{low: low, high: high, log: true, ticks: logTicks(low, high, write)}
}

// logTicks names the decades, and the steps of 2 and 5 too when there are few.
func logTicks(low, high float64, write func(float64) string) []tick {
	among := []float64{1}
	if high/low < 20_000 {
		among = []float64{1, 2, 5}
	}
	var ticks []tick
	for e := int(math.Floor(math.Log10(low))); e <= int(math.Ceil(math.Log10(high))); e++ {
		for _, m := range among {
			at := m * math.Pow10(e)
			if at >= low*0.999 && at <= high*1.001 {
				ticks = append(ticks, tick{at, write(at)})
			}
		}
	}
	return ticks
}

// decades gives the ticks of a log axis that a low panel has room for: all of
// them, or the powers of ten.
func decades(ticks []tick) []tick {
	if len(ticks) <= logTicksMost {
		return ticks
	}
	var kept []tick
	for _, t := range ticks {
		if t.decade() {
			kept = append(kept, t)
		}
	}
	return every(kept, (len(kept)+logTicksMost-1)/logTicksMost)
}

// decade reports whether the tick is a power of ten.
func (t tick) decade() bool {
	e := math.Log10(t.at)
	return math.Abs(e-math.Round(e)) < 1e-6
}

// tailsBegin is the tail that percentile axes begin with.
const tailsBegin = 0.5

// tails is a log axis of 1 − quantile from p50 to the least tail, which is the
// share that a single sample is of all.
func tails(least float64) scale {
	least = min(least, 0.1)
	s := scale{low: tailsBegin, high: least, log: true}
	s.ticks = []tick{{tailsBegin, "p50"}}
	for nines := 1; math.Pow10(-nines) >= least*(1-1e-9); nines++ {
		s.ticks = append(s.ticks, tick{math.Pow10(-nines), percentile(nines)})
	}
	return s
}

// percentile names the quantile of that many nines: p90, p99, p99.9.
func percentile(nines int) string {
	return "p" + strconv.FormatFloat(100-math.Pow10(2-nines), 'f', max(0, nines-2), 64)
}

// floor125 gives the largest 1, 2 or 5 times a power of ten up to v.
func floor125(v float64) float64 {
	ten := math.Pow10(int(math.Floor(math.Log10(v) + 1e-9)))
	for _, m := range []float64{5, 2} {
		if v >= m*ten*(1-1e-9) {
			return m * ten
		}
	}
	return ten
}

// ceil125 gives the smallest 1, 2 or 5 times a power of ten from v.
func ceil125(v float64) float64 {
	ten := math.Pow10(int(math.Floor(math.Log10(v) + 1e-9)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*ten*(1+1e-9) {
			return m * ten
		}
	}
	return 10 * ten
}
