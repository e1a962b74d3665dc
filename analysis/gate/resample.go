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
	return draw(m, s, n, seed, func(random *rand.Rand, b Block) Block {
		if random.IntN(2) == 1 {
			b.Base, b.Head = b.Head, b.Base
		}
		return b
	})
}

// Redraw is Resample for blocks of arms that differ: they are drawn as they are.
func Redraw(m Measured, s Settings, n int, seed uint64) []Verdict {
	return draw(m, s, n, seed, func(_ *rand.Rand, b Block) Block { return b })
}

func draw(m Measured, s Settings, n int, seed uint64, as func(*rand.Rand, Block) Block) []Verdict {
	verdicts := make([]Verdict, n)
	if len(m.Blocks) == 0 {
		for i := range verdicts {
			verdicts[i] = JudgeMeasured(s, m)
		}
		return verdicts
	}
	for i := range verdicts {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		verdicts[i] = JudgeMeasured(s, Measured{Blocks: drawBlocks(m.Blocks, s.Design.Most(), random, as)})
		verdicts[i].Seed = seed
	}
	return verdicts
}

// drawBlocks gives that many blocks, each as the function makes it.
func drawBlocks(blocks []Block, n int, random *rand.Rand, as func(*rand.Rand, Block) Block) []Block {
	drawn := make([]Block, n)
	order := random.Perm(len(blocks))
	for i := range drawn {
		at := random.IntN(len(blocks))
		if len(blocks) >= n {
			at = order[i]
		}
		drawn[i] = as(random, blocks[at])
		drawn[i].Number = i
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
