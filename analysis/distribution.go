package analysis

import (
	"math"
	"slices"
	"time"
)

// Distribution describes a sample of durations by its exact order statistics.
type Distribution struct {
	N                   int
	Min, Mean           time.Duration
	P50, P90, P99, P999 time.Duration // nearest rank: with few samples the last ones are the maximum
	Max                 time.Duration
}

// Describe sorts the durations in place and describes them; the zero
// Distribution when there are none.
func Describe(d []time.Duration) Distribution {
	if len(d) == 0 {
		return Distribution{}
	}
	slices.Sort(d)
	var total float64
	for _, v := range d {
		total += float64(v)
	}
	return Distribution{
		N: len(d), Min: d[0], Max: d[len(d)-1],
		Mean: time.Duration(total / float64(len(d))),
		P50:  Quantile(d, 0.5), P90: Quantile(d, 0.9), P99: Quantile(d, 0.99), P999: Quantile(d, 0.999),
	}
}

// Quantile gives the q-quantile of a sorted, non-empty sample by nearest rank:
// the smallest value with at least a share q of the sample at or below it.
func Quantile(sorted []time.Duration, q float64) time.Duration {
	rank := int(math.Ceil(q*float64(len(sorted)) - 1e-9)) // 0.99 × 100 is 99, whatever the rounding
	return sorted[min(max(rank, 1), len(sorted))-1]
}
