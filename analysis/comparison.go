package analysis

import (
	"fmt"
	"math"

	"github.com/looptest/looptest/attack"
)

// Confidence is what the intervals of claims are to hold.
const Confidence = 0.95

// Block is one block's complete runs by the name of their arm.
type Block map[string]attack.Run

// Blocks gives the blocks, in order, in which every one of the arms was run to
// its end.
func Blocks(runs []attack.Run, arms ...string) []Block {
	var blocks []Block
	index := map[int]int{}
	for _, r := range runs {
		if r.Partial {
			continue
		}
		i, known := index[r.Block]
		if !known {
			i = len(blocks)
			index[r.Block] = i
			blocks = append(blocks, Block{})
		}
		blocks[i][r.Arm] = r
	}
	complete := blocks[:0]
	for _, b := range blocks {
		if b.has(arms) {
			complete = append(complete, b)
		}
	}
	return complete
}

func (b Block) has(arms []string) bool {
	for _, arm := range arms {
		if _, ok := b[arm]; !ok {
			return false
		}
	}
	return true
}

// Metric is one number of a run.
type Metric func(attack.Run) float64

// Comparison is how one metric differs between two arms: Effect is the ratio
// base/head over blocks.
type Comparison struct {
	Metric     string
	Base, Head string // arms
	Effect     Estimate
	Ratios     []float64 // the ratio in each block
	P          float64   // of no difference, exact and two-sided
	Warnings   []Warning
}

// resolution is the least that a ratio is taken of, in the metrics' unit
// (nanoseconds, or requests a second): a duration of zero is one that the clock
// could not resolve.
const resolution = 1

// Compare pairs the two arms within each block and estimates the ratio base/head.
func Compare(name string, blocks []Block, metric Metric, base, head string) Comparison {
	c := Comparison{Metric: name, Base: base, Head: head}
	logs := make([]float64, len(blocks))
	c.Ratios = make([]float64, len(blocks))
	for i, b := range blocks {
		c.Ratios[i] = max(metric(b[base]), resolution) / max(metric(b[head]), resolution)
		logs[i] = math.Log(c.Ratios[i])
	}
	c.P = SignedRankP(logs)
	c.Effect = HodgesLehmann(logs, Confidence)
	c.Effect.Value = math.Exp(c.Effect.Value)
	c.Effect.Low = math.Exp(c.Effect.Low)
	c.Effect.High = math.Exp(c.Effect.High)
	c.Warnings = fewBlocks(len(blocks))
	return c
}

// fewBlocks warns when there are too few for an interval.
func fewBlocks(have int) []Warning {
	need := BlocksFor(Confidence)
	if have >= need {
		return nil
	}
	return []Warning{Warning(fmt.Sprintf("need at least %d blocks for a %.0f %% interval, have %d", need, Confidence*100, have))}
}

// judge is pass when the whole interval is above the threshold, fail when the
// whole interval is at or below it.
func (c Comparison) judge(threshold float64) Outcome {
	switch {
	case c.Effect.N < BlocksFor(Confidence):
		return Inconclusive
	case c.Effect.Low > threshold:
		return Pass
	case c.Effect.High <= threshold:
		return Fail
	}
	return Inconclusive
}
