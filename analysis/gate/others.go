package gate

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Other is how another gate would judge the same runs. They are here to be
// compared with, in a calibration, and for nothing else.
type Other struct {
	Name  string
	Does  string
	Judge func(s Settings, runs []attack.Run) analysis.Outcome
}

// Others are the usual ways.
func Others() []Other {
	return []Other{
		{"fixed 10 %", "the p99 of all requests of an arm, held against a threshold of +10 %", fixedThreshold},
		{"unpaired", "the p99 of each run, Mann–Whitney's test between the arms at α = 1 %", unpaired},
		{"pooled", "the response times of all requests, Mann–Whitney's test between the arms at α = 1 %", pooled},
	}
}

const othersAlpha = 0.01

// all gives the response times, in ms, of every request of an arm in order.
func all(runs []attack.Run, arm string) []float64 {
	var ms []float64
	for _, r := range runs {
		if r.Arm == arm && !r.Partial {
			for _, t := range look(r, r.Samples, nil).response {
				ms = append(ms, inMS(t))
			}
		}
	}
	slices.Sort(ms)
	return ms
}

func fixedThreshold(s Settings, runs []attack.Run) analysis.Outcome {
	base, head := all(runs, s.base()), all(runs, s.head())
	if len(base) == 0 || len(head) == 0 {
		return analysis.Pass // as such gates do
	}
	return failing(nearestRank(head, 0.99) > 1.1*nearestRank(base, 0.99))
}

func nearestRank(sorted []float64, q float64) float64 {
	d := make([]time.Duration, len(sorted))
	for i, v := range sorted {
		d[i] = time.Duration(v * float64(time.Millisecond))
	}
	return float64(analysis.Quantile(d, q))
}

func unpaired(s Settings, runs []attack.Run) analysis.Outcome {
	p99 := func(arm string) []float64 {
		var of []float64
		for _, r := range runs {
			if v, ok := look(r, r.Samples, nil).quantile("p99"); ok && r.Arm == arm && !r.Partial {
				of = append(of, v)
			}
		}
		return of
	}
	return failing(MannWhitneyGreater(p99(s.head()), p99(s.base())) <= othersAlpha)
}

func pooled(s Settings, runs []attack.Run) analysis.Outcome {
	return failing(MannWhitneyGreater(all(runs, s.head()), all(runs, s.base())) <= othersAlpha)
}

func failing(yes bool) analysis.Outcome {
	if yes {
		return analysis.Fail
	}
	return analysis.Pass
}

// mostExact is up to how many values on either side Mann–Whitney's distribution
// is counted out.
const mostExact = 50

// MannWhitneyGreater is the one-sided p-value of x being no larger than y (Mann
// and Whitney 1947): exact for up to 50 values a side without ties, else by the
// normal approximation with the corrections for ties and continuity.
func MannWhitneyGreater(x, y []float64) float64 {
	n, m := len(x), len(y)
	if n == 0 || m == 0 {
		return 1
	}
	u, ties := mannWhitneyU(x, y)
	if ties == 0 && n <= mostExact && m <= mostExact {
		return uReach(n, m, int(u))
	}
	a, b := float64(n), float64(m)
	sd := math.Sqrt(a * b / 12 * ((a + b + 1) - ties/((a+b)*(a+b-1))))
	if sd == 0 {
		return 1
	}
	return math.Erfc((u-a*b/2-0.5)/sd/math.Sqrt2) / 2
}

// mannWhitneyU counts the pairs in which x is larger, ties as a half, and sums
// t³ − t over the ties.
func mannWhitneyU(x, y []float64) (u, ties float64) {
	type value struct {
		v  float64
		ox bool
	}
	both := make([]value, 0, len(x)+len(y))
	for _, v := range x {
		both = append(both, value{v, true})
	}
	for _, v := range y {
		both = append(both, value{v, false})
	}
	slices.SortFunc(both, func(a, b value) int { return cmp.Compare(a.v, b.v) })
	var ranks float64
	for i := 0; i < len(both); {
		j := i
		for j < len(both) && both[j].v == both[i].v {
			j++
		}
		t := float64(j - i)
		ties += t*t*t - t
		for k := i; k < j; k++ {
			if both[k].ox {
				ranks += float64(i+1+j) / 2
			}
		}
		i = j
	}
	n := float64(len(x))
	return ranks - n*(n+1)/2, ties
}

// uReach is P(U ≥ u): the number of ways in which n of n+m ranks give each U
// follows f(n, m, u) = f(n−1, m, u−m) + f(n, m−1, u), here as probabilities.
func uReach(n, m, u int) float64 {
	rows := make([][]float64, n+1) // by how many x there are; m grows
	for i := range rows {
		rows[i] = make([]float64, n*m+1)
		rows[i][0] = 1
	}
	for j := 1; j <= m; j++ {
		for i := 1; i <= n; i++ {
			// The largest of i+j values is an x with i/(i+j): it is above all j.
			isX := float64(i) / float64(i+j)
			next := make([]float64, n*m+1)
			for w := range i*j + 1 {
				next[w] = (1 - isX) * rows[i][w]
				if w >= j {
					next[w] += isX * rows[i-1][w-j]
				}
			}
			rows[i] = next
		}
	}
	var p float64
	for _, q := range rows[n][max(u, 0):] {
		p += q
	}
	return min(p, 1)
}
