package gate

import (
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
