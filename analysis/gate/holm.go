package gate

import "slices"

// holm adjusts the p-values of a family (Holm 1979): adjusted[i] ≤ α rejects with
// a family-wise error of at most α, whatever the dependence. levels[i] is the
// level, as a share of α, at which hypothesis i was held: 1/m for the smallest
// p-value, 1/(m−1) for the next … until one is not rejected, whose level those
// after it share. So a one-sided bound at levels[i]·α excludes zero exactly when
// the hypothesis is rejected.
func holm(p []float64, alpha float64) (adjusted, levels []float64) {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	adjusted, levels = make([]float64, len(p)), make([]float64, len(p))
	worst, level := 0.0, 0.0
	for rank, i := range order {
		left := float64(len(p) - rank)
		if worst <= alpha { // all before it are rejected
			level = 1 / left
		}
		worst = min(1, max(worst, left*p[i]))
		adjusted[i], levels[i] = worst, level
	}
	return adjusted, levels
}
