package analysis

import (
	"math"
	"testing"
)

// Clopper and Pearson: 0 of 59 shows at most 5 %, 0 of 299 at most 1 % (one-sided
// at 95 %, so two-sided at 90 %); 0 of 20 at most 16.84 % and 10 of 20 27.20 % to
// 72.80 % (two-sided at 95 %).
func TestBinomialInterval(t *testing.T) {
	for _, c := range []struct {
		k, n       int
		confidence float64
		low, high  float64
	}{
		{0, 59, 0.90, 0, 0.0495}, {0, 299, 0.90, 0, 0.00997}, {0, 20, 0.95, 0, 0.1684},
		{10, 20, 0.95, 0.2720, 0.7280}, {20, 20, 0.95, 1 - 0.1684, 1},
	} {
		low, high := BinomialInterval(c.k, c.n, c.confidence)
		if math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%d of %d: got %.5f to %.5f, want %v to %v", c.k, c.n, low, high, c.low, c.high)
		}
	}
}
