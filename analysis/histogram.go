package analysis

import (
	"fmt"
	"math"
	"math/bits"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A Histogram's buckets: exact nanoseconds up to 2,048, then 1,024 to each
// doubling, so that a bucket is never wider than a 1,024th of what it holds: 3
// digits from nothing to an hour. This is HdrHistogram's own layout for
// nanoseconds and 3 digits. Its RecordValue is as quick, but it keeps all
// buckets (264 KiB) for each histogram and no exact sum; a load has hundreds
// of histograms with a few buckets in use, so the counts are paged here.
const (
	histogramHighest = time.Hour
	bucketBits       = 10 // 1,024 buckets to each doubling
	pageBits         = 7  // buckets to a page: 512 bytes
	bucketPages      = 33 << (bucketBits - pageBits)
)

// page holds counts up to 4 billion, where they stay: 12 hours of 100,000/s in
// one bucket.
type page [1 << pageBits]uint32

func (p *page) add(bucket int, n uint32) {
	i := bucket & (1<<pageBits - 1)
	if sum := p[i] + n; sum >= n {
		p[i] = sum
		return
	}
	p[i] = math.MaxUint32
}

// Histogram holds durations in bounded memory, each to 3 significant digits (an
// HDR histogram), beside their exact number, sum, minimum and maximum. The zero
// value is empty. Copies share their counts: Add and Merge to one of them only.
type Histogram struct {
	pages           []*page
	coarse          uint8 // buckets are 2^coarse times wider; see newCoarse
	n               int
	sumHigh, sumLow uint64 // nanoseconds, 128 bits: hours of long waits pass 64
	min, max        time.Duration
}

// newCoarse makes a histogram to 2 digits (a 128th), for the many that windows
// need: an eighth of the memory.
func newCoarse() Histogram { return Histogram{coarse: 3} }

// Add takes one duration. Below zero counts as zero; beyond an hour counts in
// the last bucket, with its own value in the sum and the maximum.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.add(d, bucketOf(d))
}

// add takes a duration, not below zero, whose bucket is known.
func (h *Histogram) add(d time.Duration, bucket int) {
	if h.n == 0 || d < h.min {
		h.min = d
	}
	h.max = max(h.max, d)
	h.n++
	var carry uint64
	h.sumLow, carry = bits.Add64(h.sumLow, uint64(d), 0)
	h.sumHigh += carry
	bucket >>= h.coarse
	h.page(bucket>>pageBits).add(bucket, 1)
}

// page gives the i-th page of counts, made when it isn't there yet.
func (h *Histogram) page(i int) *page {
	if i < len(h.pages) && h.pages[i] != nil {
		return h.pages[i]
	}
	return h.newPage(i)
}

func (h *Histogram) newPage(i int) *page {
	if h.pages == nil {
		h.pages = make([]*page, bucketPages>>h.coarse)
	}
	h.pages[i] = new(page)
	return h.pages[i]
}

// bucketOf gives the bucket, at full width, of a duration not below zero.
func bucketOf(d time.Duration) int {
	v := uint64(min(d, histogramHighest))
	if v < 2<<bucketBits {
		return int(v)
	}
	shift := bits.Len64(v) - (bucketBits + 1)
	return shift<<bucketBits + int(v>>shift)
}

// endOf is the longest duration that falls into the bucket.
func endOf(bucket int) time.Duration {
	if bucket < 2<<bucketBits {
		return time.Duration(bucket)
	}
	shift := bucket>>bucketBits - 1
	within := bucket&(1<<bucketBits-1) | 1<<bucketBits
	return time.Duration((within+1)<<shift - 1)
}

// Merge adds what the other one holds.
func (h *Histogram) Merge(other Histogram) {
	if other.n == 0 {
		return
	}
	if h.n == 0 {
		*h = Histogram{coarse: other.coarse, min: other.min}
	}
	h.min, h.max = min(h.min, other.min), max(h.max, other.max)
	h.n += other.n
	var carry uint64
	h.sumLow, carry = bits.Add64(h.sumLow, other.sumLow, 0)
	h.sumHigh += other.sumHigh + carry
	if h.coarse != other.coarse {
		other.buckets(func(end time.Duration, count uint32) {
			b := bucketOf(end) >> h.coarse
			h.page(b>>pageBits).add(b, count)
		})
		return
	}
	for i, from := range other.pages {
		if from == nil {
			continue
		}
		into := h.page(i)
		for j, count := range from {
			into.add(j, count)
		}
	}
}

// N is how many durations there are.
func (h Histogram) N() int { return h.n }

// Min is the exact shortest; 0 when there are none.
func (h Histogram) Min() time.Duration { return h.min }

// Max is the exact longest; 0 when there are none.
func (h Histogram) Max() time.Duration { return h.max }

// Mean is exact; 0 when there are none.
func (h Histogram) Mean() time.Duration {
	if h.n == 0 {
		return 0
	}
	mean, _ := bits.Div64(h.sumHigh, h.sumLow, uint64(h.n))
	return time.Duration(mean)
}

// Quantile gives the q-quantile by nearest rank, as the longest duration of its
// bucket: never too short, and too long by a 1,024th at most. 0 when there are
// no durations.
func (h Histogram) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	rank := int(math.Ceil(q*float64(h.n) - 1e-9)) // as in Quantile of a sample
	return h.atRank(min(max(rank, 1), h.n))
}

// atRank gives the rank-th shortest duration, from 1 to N.
func (h Histogram) atRank(rank int) time.Duration {
	left := rank
	for i, p := range h.pages {
		if p == nil {
			continue
		}
		for j, count := range p {
			if left <= int(count) {
				return min(max(h.end(i<<pageBits+j), h.min), h.max)
			}
			left -= int(count)
		}
	}
	return h.max
}

// end is the longest duration of a bucket of this histogram's width.
func (h Histogram) end(bucket int) time.Duration {
	end := endOf((bucket+1)<<h.coarse - 1)
	if end >= histogramHighest {
		return max(h.max, histogramHighest)
	}
	return end
}

// CountAbove is how many durations fall into buckets beyond the one of d: all
// that are longer than d by more than a 1,024th, and none that is shorter.
func (h Histogram) CountAbove(d time.Duration) int {
	total := 0
	limit := bucketOf(max(d, 0)) >> h.coarse
	if d < 0 {
		limit = -1
	}
	for i, p := range h.pages {
		if p == nil || (i+1)<<pageBits <= limit {
			continue
		}
		for j, count := range p {
			if i<<pageBits+j > limit {
				total += int(count)
			}
		}
	}
	return total
}

// Each visits the buckets that hold something, from the shortest: the longest
// duration in it (the last one's is Max), and how many there are.
func (h Histogram) Each(visit func(upTo time.Duration, count int)) {
	h.buckets(func(end time.Duration, count uint32) {
		visit(min(max(end, h.min), h.max), int(count))
	})
}

func (h Histogram) buckets(visit func(end time.Duration, count uint32)) {
	for i, p := range h.pages {
		if p == nil {
			continue
		}
		for j, count := range p {
			if count > 0 {
				visit(h.end(i<<pageBits+j), count)
			}
		}
	}
}

// Distribution is the histogram in the few numbers of a table.
func (h Histogram) Distribution() Distribution {
	return Distribution{
		N: h.n, Min: h.min, Mean: h.Mean(), Max: h.max,
		P50: h.Quantile(0.5), P90: h.Quantile(0.9), P99: h.Quantile(0.99), P999: h.Quantile(0.999),
	}
}

// String is for messages.
func (h Histogram) String() string {
	if h.n == 0 {
		return "empty"
	}
	return fmt.Sprintf("%s, %v to %v, p50 %v, p99 %v", Count(h.n, "duration"), h.min, h.max, h.Quantile(0.5), h.Quantile(0.99))
}

// HDR gives the counts as HdrHistogram holds them, in nanoseconds, to be written
// in its formats.
func (h Histogram) HDR() *hdrhistogram.Histogram {
	counts := make([]int64, bucketPages<<pageBits)
	h.buckets(func(end time.Duration, count uint32) { counts[bucketOf(end)] += int64(count) })
	return hdrhistogram.Import(&hdrhistogram.Snapshot{
		LowestTrackableValue: 1, HighestTrackableValue: int64(histogramHighest), SignificantFigures: 3, Counts: counts,
	})
}
