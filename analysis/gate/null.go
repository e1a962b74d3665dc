package gate

import (
	"math"
	"slices"

	"github.com/looptest/looptest/analysis"
)

// Null is the base against itself: the second half of each block's run against
// the first.
//
// What it can tell: that the target, or the machine, doesn't hold still within a
// block (a warm-up that is too short, a neighbour that wakes up in step). The
// coin that orders the arms already makes such a drift symmetrical between them,
// so only one of the size of δ makes the metric invalid; less is a warning.
type Null struct {
	Metric string
	Pairs  []Pair            // first half as Base, second half as Head
	Change analysis.Estimate // of the second half, as a ratio − 1 (or a difference)
	P      float64           // two-sided, exact
	Failed bool
	// Spread is the standard deviation of one block's d that the base's own halves
	// let expect of two equal arms: robust, and for runs twice as long as a half.
	Spread float64
	// Within is what the arms' comparison could not be told from no change: half
	// of the interval that two equal arms would have, on the scale of Change.
	Within float64
	Reason string // when it failed or drifts
}

// NullAlpha is the error of the null control over all metrics at a look: it is
// strict, since a false one costs a verdict.
const NullAlpha = 0.001

// nulls compares the base's halves for every metric that has them.
func nulls(metrics []Metric, blocks []Block, alpha float64) map[string]Null {
	found := map[string]Null{}
	for _, m := range metrics {
		if pairs := halfPairs(m, blocks); len(pairs) == len(blocks) && len(blocks) > 0 {
			found[m.Name] = compareHalves(m, pairs, alpha)
		}
	}
	for name, n := range found {
		n.judge(metrics[slices.IndexFunc(metrics, func(m Metric) bool { return m.Name == name })], len(found))
		found[name] = n
	}
	return found
}

func halfPairs(m Metric, blocks []Block) []Pair {
	var pairs []Pair
	for _, b := range blocks {
		if h, ok := b.Base.Halves[m.Name]; ok {
			pairs = append(pairs, Pair{b.Number, h[0], h[1]})
		}
	}
	return pairs
}

func compareHalves(m Metric, pairs []Pair, alpha float64) Null {
	d := make([]float64, len(pairs))
	for i, p := range pairs {
		d[i] = m.Difference(p.Base, p.Head)
	}
	e := analysis.HodgesLehmannBounds(d, alpha, alpha)
	return Null{
		Metric: m.Name, Pairs: pairs, Change: m.changes(e), P: analysis.SignedRankP(d),
		Spread: Spread(d) / math.Sqrt2,
		// An arm has twice the requests of a half.
		Within: m.change((e.High - e.Low) / 2 / math.Sqrt2),
	}
}

// judge fails the null when the base differs from itself surely, and by δ.
func (n *Null) judge(m Metric, family int) {
	if n.P > NullAlpha/float64(family) {
		return
	}
	n.Failed = math.Abs(m.difference(n.Change.Value)) >= m.limit()
	drift := "the base changes within a block by " + m.changeText(n.Change.Value)
	if n.Failed {
		n.Reason = drift + ", which is δ or more: give it a longer warm-up, or a quieter machine"
		return
	}
	n.Reason = drift + ": the warm-up may be too short"
}

// Spread is a robust standard deviation: 1.4826 times the median distance from
// the median, which for a normal distribution is the standard deviation (Hampel
// 1974).
func Spread(d []float64) float64 {
	if len(d) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(d))
	middle := sorted[len(sorted)/2]
	for i, v := range sorted {
		sorted[i] = math.Abs(v - middle)
	}
	slices.Sort(sorted)
	return 1.4826 * sorted[len(sorted)/2]
}

// neighbours is Null.Within for a metric of the whole process, from the base runs
// of neighbouring blocks: two runs apart, as two equal arms are.
func neighbours(m Metric, pairs []Pair, alpha float64) float64 {
	if len(pairs) < 2 {
		return 0
	}
	d := make([]float64, len(pairs)-1)
	for i := range d {
		d[i] = m.Difference(pairs[i].Base, pairs[i+1].Base)
	}
	return m.change(normalQuantile(1-alpha) * Spread(d) / math.Sqrt(efficiency*float64(len(d))))
}
