package gate

import (
	"math"
	"math/rand/v2"

	"github.com/looptest/looptest/analysis"
)

// Join puts measured blocks of several gates together, numbered anew.
func Join(parts ...Measured) Measured {
	var all Measured
	for _, p := range parts {
		for _, b := range p.Blocks {
			b.Number = len(all.Blocks)
			all.Blocks = append(all.Blocks, b)
		}
		all.Lost = append(all.Lost, p.Lost...)
		all.Tried += p.Tried
	}
	all.Next = len(all.Blocks)
	return all
}

// Resample gives n verdicts on equal arms out of recorded blocks of equal arms:
// each takes blocks in a random order, and in every one a coin says which arm is
// called the base. So the null hypothesis holds exactly, with the noise and the
// drift that were recorded. Blocks are drawn once each where there are enough of
// them for the whole design, else with repeats. The verdicts share their blocks,
// so they are less independent than as many gates; a seed repeats them.
func Resample(m Measured, s Settings, n int, seed uint64) []Verdict {
	verdicts := make([]Verdict, n)
	if len(m.Blocks) == 0 {
		for i := range verdicts {
			verdicts[i] = JudgeMeasured(s, m)
		}
		return verdicts
	}
	for i := range verdicts {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		verdicts[i] = JudgeMeasured(s, Measured{Blocks: redraw(m.Blocks, s.Design.Most(), random)})
		verdicts[i].Seed = seed
	}
	return verdicts
}

// redraw gives that many blocks with their arms swapped by a coin.
func redraw(blocks []Block, n int, random *rand.Rand) []Block {
	drawn := make([]Block, n)
	order := random.Perm(len(blocks))
	for i := range drawn {
		at := random.IntN(len(blocks))
		if len(blocks) >= n {
			at = order[i]
		}
		drawn[i] = blocks[at]
		drawn[i].Number = i
		if random.IntN(2) == 1 {
			drawn[i].Base, drawn[i].Head = drawn[i].Head, drawn[i].Base
		}
	}
	return drawn
}

// Shares counts the outcomes of verdicts.
func Shares(verdicts []Verdict) map[analysis.Outcome]int {
	shares := map[analysis.Outcome]int{}
	for _, v := range verdicts {
		shares[v.Outcome]++
	}
	return shares
}

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
