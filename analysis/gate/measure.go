package gate

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Block is one block in which both arms ran to their end and can be trusted.
type Block struct {
	Number     int // from 0
	Base, Head Reading
}

// Measured is what the runs came to.
type Measured struct {
	Blocks   []Block            // by number
	Lost     []Lost             // blocks that can't be used
	Tried    int                // blocks, both together
	Next     int                // the number of the next block
	Warnings []analysis.Warning // of the generator's health
	Partial  bool               // a run was interrupted, or its target died
}

// Lost is a block that was left out, and why. The reasons are the generator's, or
// that a run is missing: none looks at how fast an arm was.
type Lost struct {
	Number int
	Arm    string // which run it was; empty for a run that is missing
	Reason string
}

// Measure boils the runs down, and leaves out the blocks that can't be trusted.
func Measure(s Settings, runs []attack.Run) Measured {
	var m Measured
	byBlock := map[int]map[string]attack.Run{}
	for _, r := range runs {
		if byBlock[r.Block] == nil {
			byBlock[r.Block] = map[string]attack.Run{}
		}
		byBlock[r.Block][r.Arm] = r
		m.Partial = m.Partial || r.Partial
		m.Next = max(m.Next, r.Block+1)
	}
	var numbers []int
	for n := range byBlock {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	weak := 0
	for _, n := range numbers {
		m.add(s, n, byBlock[n], &weak)
	}
	if weak > 1 {
		m.Warnings = append(m.Warnings, analysis.Warning(fmt.Sprintf("and %d more of %s with such a warning", weak-1, count(len(runs), "run"))))
	}
	return m
}

// add takes a block in, or counts it as lost.
func (m *Measured) add(s Settings, number int, arms map[string]attack.Run, weak *int) {
	m.Tried++
	for _, arm := range []string{s.base(), s.head()} {
		r, there := arms[arm]
		switch {
		case !there:
			m.Lost = append(m.Lost, Lost{number, "", fmt.Sprintf("%s was not run", arm)})
			return
		case r.Partial:
			m.Lost = append(m.Lost, Lost{number, arm, "it was not run to its end" + because(r.Failure)})
			return
		}
		h := health(s, r)
		if len(h.Invalid) > 0 {
			m.Lost = append(m.Lost, Lost{number, arm, h.Invalid[0]})
			return
		}
		if len(h.Warnings) > 0 {
			if *weak++; *weak == 1 {
				m.Warnings = append(m.Warnings, analysis.Warning(fmt.Sprintf("block %d, %s: %s", number+1, arm, h.Warnings[0])))
			}
		}
	}
	m.Blocks = append(m.Blocks, Block{
		Number: number, Base: read(arms[s.base()], s.Metrics), Head: read(arms[s.head()], s.Metrics),
	})
}

func because(failure string) string {
	if failure == "" {
		return ""
	}
	return ": " + failure
}

// health judges the run's generator. What the target answered is no part of it:
// that is a metric of its own.
func health(s Settings, r attack.Run) analysis.Health {
	r.Streams = slices.Clone(r.Streams)
	for i := range r.Streams {
		r.Streams[i].Bad = 0
	}
	return analysis.Examine(r, s.effect(r))
}

// effect is the smallest change of a gated time that matters, in this run.
func (s Settings) effect(r attack.Run) time.Duration {
	v := look(r, r.Samples, nil)
	least := math.Inf(1)
	for _, m := range s.Metrics {
		if value, ok := v.value(m); ok && m.Gated && m.isTime() {
			least = min(least, m.Delta*value)
		}
	}
	if math.IsInf(least, 1) {
		return 0
	}
	return time.Duration(least * float64(time.Millisecond))
}

// series is what a metric shows over the blocks.
type series struct {
	metric Metric
	pairs  []Pair
	d      []float64
	fewest int // requests of an arm in a block
	unseen int // blocks in which it can't be seen
}

// Pair is a metric's value in both arms of a block.
type Pair struct {
	Block      int // from 0
	Base, Head float64
}

func collect(m Metric, blocks []Block) series {
	s := series{metric: m, fewest: math.MaxInt}
	for _, b := range blocks {
		base, inBase := b.Base.Values[m.Name]
		head, inHead := b.Head.Values[m.Name]
		s.fewest = min(s.fewest, b.Base.Requests, b.Head.Requests)
		if !inBase || !inHead {
			s.unseen++
			continue
		}
		s.pairs = append(s.pairs, Pair{b.Number, base, head})
		s.d = append(s.d, m.Difference(base, head))
	}
	return s
}

// typical is the median of a side of the pairs.
func typical(pairs []Pair, of func(Pair) float64) float64 {
	if len(pairs) == 0 {
		return 0
	}
	values := make([]float64, len(pairs))
	for i, p := range pairs {
		values[i] = of(p)
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}
