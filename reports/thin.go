package reports

// point is a value to be drawn, in the units of its axes.
type point struct {
	x, y float64
}

// thin keeps of each pixel column the lowest and the highest point, in the
// points' order, so that no peak is lost however many points there are. The
// points come ordered by column.
func thin(points []point, column func(x float64) int) []point {
	var kept []point
	for i := 0; i < len(points); {
		end := i + 1
		for end < len(points) && column(points[end].x) == column(points[i].x) {
			end++
		}
		kept = append(kept, extremes(points[i:end])...)
		i = end
	}
	return kept
}

// extremes gives the lowest and the highest point in their order, or the one
// that is both.
func extremes(points []point) []point {
	low, high := 0, 0
	for i, p := range points {
		if p.y < points[low].y {
			low = i
		}
		if p.y > points[high].y {
			high = i
		}
	}
	if low == high {
		return []point{points[low]}
	}
	return []point{points[min(low, high)], points[max(low, high)]}
}
