package analysis

import "math"

// BinomialInterval is the exact two-sided interval of a share of k in n (Clopper
// and Pearson 1934), at the confidence.
func BinomialInterval(k, n int, confidence float64) (low, high float64) {
	tail := (1 - confidence) / 2
	low, high = 0, 1
	if k > 0 { // P(X ≥ k | low) = tail
		low = bisect(func(p float64) bool { return 1-binomialCDF(k-1, n, p) < tail })
	}
	if k < n { // P(X ≤ k | high) = tail
		high = bisect(func(p float64) bool { return binomialCDF(k, n, p) > tail })
	}
	return low, high
}

// bisect finds where the condition, true at 0, gets false.
func bisect(holds func(float64) bool) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		middle := (low + high) / 2
		if holds(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// binomialCDF is P(X ≤ k) for n trials of probability p.
func binomialCDF(k, n int, p float64) float64 {
	if p <= 0 || k >= n {
		return 1
	}
	if p >= 1 {
		return 0
	}
	all, _ := math.Lgamma(float64(n + 1))
	var sum float64
	for i := range k + 1 {
		in, _ := math.Lgamma(float64(i + 1))
		out, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(all - in - out + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(sum, 1)
}
