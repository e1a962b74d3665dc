package analysis

import (
	"cmp"
	"math"
	"slices"
)

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
		return uTails(n, m)[int(u)]
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

// uTails is P(U ≥ u) for each u from 0 to nm: the number of ways in which n of n+m ranks give each U
// follows f(n, m, u) = f(n−1, m, u−m) + f(n, m−1, u), here as probabilities.
func uTails(n, m int) []float64 {
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
	tails := rows[n]
	for u := n*m - 1; u >= 0; u-- {
		tails[u] = min(1, tails[u]+tails[u+1])
	}
	return tails
}

// Shift estimates how far x lies above y: the median of all differences x − y,
// with the interval that inverts the exact Mann–Whitney test (Hodges and Lehmann
// 1963; Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 4.2–4.3).
// N is the smaller of the two counts. The zero Estimate when one is empty.
func Shift(x, y []float64, confidence float64) Estimate {
	n, m := len(x), len(y)
	if n == 0 || m == 0 {
		return Estimate{}
	}
	differences := make([]float64, 0, n*m)
	for _, a := range x {
		for _, b := range y {
			differences = append(differences, a-b)
		}
	}
	slices.Sort(differences)
	tails := uTails(n, m)
	k := 0
	for 2*k < n*m && tails[n*m-k] <= (1-confidence)/2 { // P(U ≤ k) = P(U ≥ nm − k)
		k++
	}
	k = max(k, 1)
	return Estimate{
		Value: median(differences), Low: differences[k-1], High: differences[n*m-k],
		Confidence: max(0, 1-2*tails[n*m-(k-1)]), N: min(n, m),
	}
}
