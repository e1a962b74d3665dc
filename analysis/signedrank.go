package analysis

import (
	"math"
	"slices"
	"sync"
)

// SignedRankCDF is the exact probability that Wilcoxon's signed-rank statistic
// of n differences is at most w, when each difference is as likely positive as
// negative and none are tied (Wilcoxon 1945). Ties make it conservative.
func SignedRankCDF(w, n int) float64 {
	if w < 0 {
		return 0
	}
	cumulative := signedRankCumulative(n)
	return cumulative[min(w, len(cumulative)-1)]
}

// cumulatives remembers what signedRankCumulative gave, by n: a gate asks for the
// same few n thousands of times.
var cumulatives sync.Map

// signedRankCumulative gives P(W ≤ w) for each w from 0 to n(n+1)/2.
func signedRankCumulative(n int) []float64 {
	if known, ok := cumulatives.Load(n); ok {
		return known.([]float64)
	}
	p := signedRankPMF(n)
	var total float64
	for w, q := range p {
		total += q
		p[w] = min(total, 1)
	}
	cumulatives.Store(n, p)
	return p
}

// signedRankPMF gives the probability of each value from 0 to n(n+1)/2: each
// rank 1…n counts or not, with a half each.
func signedRankPMF(n int) []float64 {
	p := make([]float64, n*(n+1)/2+1)
	p[0] = 1
	for rank := 1; rank <= n; rank++ {
		for w := len(p) - 1; w >= 0; w-- {
			p[w] /= 2
			if w >= rank {
				p[w] += p[w-rank] / 2
			}
		}
	}
	return p
}

// SignedRankP is the exact two-sided p-value of the hypothesis that the
// differences lie symmetrically around zero. Zeros are left out, and tied
// values share the mean of their ranks.
func SignedRankP(d []float64) float64 {
	d = slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 })
	n := len(d)
	if n == 0 {
		return 1
	}
	positive := positiveRanks(d)
	other := float64(n*(n+1))/2 - positive
	return min(1, 2*SignedRankCDF(int(math.Ceil(min(positive, other))), n))
}

// positiveRanks is the sum of the ranks, by size, of the positive values.
func positiveRanks(d []float64) float64 {
	slices.SortFunc(d, func(a, b float64) int {
		switch {
		case math.Abs(a) < math.Abs(b):
			return -1
		case math.Abs(a) > math.Abs(b):
			return 1
		}
		return 0
	})
	var sum float64
	for i := 0; i < len(d); {
		j := i
		for j < len(d) && math.Abs(d[j]) == math.Abs(d[i]) {
			j++
		}
		rank := float64(i+1+j) / 2 // the mean of ranks i+1 … j
		for ; i < j; i++ {
			if d[i] > 0 {
				sum += rank
			}
		}
	}
	return sum
}

// SignedRankGreater is the exact one-sided p-value of the hypothesis that the
// differences lie symmetrically around zero or below: small when they lie above.
// Zeros are left out and tied values share the mean of their ranks, as in
// SignedRankP; the distribution is that of the ranks as they are tied, so ties
// cost nothing (Streitberg and Röhmel 1986).
func SignedRankGreater(d []float64) float64 {
	d = slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 })
	n := len(d)
	positive := positiveRanks(d) // sorts by size
	twice := make([]int, 0, n)   // the ranks, doubled to be whole
	tied := false
	for i := 0; i < n; {
		j := i
		for j < n && math.Abs(d[j]) == math.Abs(d[i]) {
			j++
		}
		tied = tied || j-i > 1
		for k := i; k < j; k++ {
			twice = append(twice, i+1+j)
		}
		i = j
	}
	if !tied {
		return SignedRankCDF(n*(n+1)/2-int(positive), n)
	}
	return min(1, signsReach(twice, int(2*positive)))
}

// signsReach is the probability that the weights that count, each with a half,
// sum to at least so much.
func signsReach(weights []int, least int) float64 {
	total := 0
	for _, w := range weights {
		total += w
	}
	p := make([]float64, total+1)
	p[0] = 1
	for _, w := range weights {
		for s := total; s >= 0; s-- {
			p[s] /= 2
			if s >= w {
				p[s] += p[s-w] / 2
			}
		}
	}
	var reach float64
	for _, q := range p[least:] {
		reach += q
	}
	return reach
}

// Estimate is a value with its confidence interval.
type Estimate struct {
	Value, Low, High float64
	// Confidence is what the interval really holds: exact tests have steps, so
	// it is 0.969 where 0.95 was asked for with 6 blocks, and less than asked
	// for when there are too few blocks.
	Confidence float64
	N          int // blocks
}

// HodgesLehmann estimates the centre of symmetry of the differences: the median
// of their Walsh averages (d_i + d_j)/2, i ≤ j, with the interval that inverts
// the exact signed-rank test (Hodges and Lehmann 1963; Hollander, Wolfe and
// Chicken, Nonparametric Statistical Methods, 3.2–3.3). The zero Estimate when
// there are no differences.
func HodgesLehmann(d []float64, confidence float64) Estimate {
	tail := (1 - confidence) / 2
	return HodgesLehmannBounds(d, tail, tail)
}

// HodgesLehmannBounds is HodgesLehmann with two one-sided bounds, each at a level
// of its own: the centre is under Low with a probability of at most below, and
// over High with one of at most above. With too few blocks for a level the bound
// is the outermost difference, and Confidence tells what that holds.
func HodgesLehmannBounds(d []float64, below, above float64) Estimate {
	n := len(d)
	if n == 0 {
		return Estimate{}
	}
	walsh := make([]float64, 0, n*(n+1)/2)
	for i := range d {
		for _, other := range d[i:] {
			walsh = append(walsh, (d[i]+other)/2)
		}
	}
	slices.Sort(walsh)
	low, high := boundRank(n, below), boundRank(n, above)
	return Estimate{
		Value:      median(walsh),
		Low:        walsh[low-1],
		High:       walsh[len(walsh)-high],
		Confidence: max(0, 1-SignedRankCDF(low-1, n)-SignedRankCDF(high-1, n)),
		N:          n,
	}
}

// boundRank is which Walsh average, from its end, is the bound at the level: the
// largest k, at least 1, with P(W ≤ k−1) ≤ level, and no further than the middle.
func boundRank(n int, level float64) int {
	cumulative := signedRankCumulative(n)
	k := 0
	for 2*k < len(cumulative)-1 && cumulative[k] <= level {
		k++
	}
	return max(k, 1)
}

// BlocksFor is the fewest blocks with which a two-sided interval can hold the
// confidence: 6 for 95 %, 8 for 99 %.
func BlocksFor(confidence float64) int {
	n := 1
	for 2*math.Pow(0.5, float64(n)) > 1-confidence+1e-12 {
		n++
	}
	return n
}

func median(sorted []float64) float64 {
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
