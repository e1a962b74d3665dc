package gate

import (
	"fmt"
	"math"
)

// What makes a comparison worthless, over all blocks of a look.
const (
	sameCodes   = 0.10 // of the good answers may have another code than the other arm's
	sameSize    = 2.0  // times as large may the median body be
	baseBad     = 0.10 // of the base's requests may fail: beyond, there is nothing to compare with
	rateReached = 0.90 // of what was due must be answered in its time
)

// flaws are what is wrong with the blocks of a look.
type flaws struct {
	// worthless are the reasons why the arms can't be compared at all: no metric
	// means anything then.
	worthless []string
	// weak are the reasons why nothing passes; what is worse all the same, is.
	weak []string
}

func (s Settings) flaws(blocks []Block) flaws {
	base, head := total(blocks, func(b Block) Reading { return b.Base }), total(blocks, func(b Block) Reading { return b.Head })
	return flaws{worthless: s.incomparable(base, head), weak: s.overloaded(base, head)}
}

// overloaded says which arm was beyond saturation.
func (s Settings) overloaded(base, head Reading) []string {
	var found []string
	for _, arm := range []struct {
		name string
		sum  Reading
	}{{s.base(), base}, {s.head(), head}} {
		if came := share(arm.sum.Came, arm.sum.Due); came < rateReached {
			found = append(found, fmt.Sprintf("%s answered %.0f %% of what was due in the second halves of its slices: the rate was not achieved; lower it, or lengthen the slices", arm.name, 100*came))
		}
	}
	return found
}

// incomparable says why what one arm did can't be set against the other.
func (s Settings) incomparable(base, head Reading) []string {
	var found []string
	flaw := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if bad := share(base.Bad, base.Requests); bad > baseBad {
		flaw("the base failed %.0f %% of its requests, so that there is nothing to compare with", 100*bad)
	}
	if s.DifferentAnswers {
		return found
	}
	if apart := codesApart(base.Codes, head.Codes); apart > sameCodes {
		flaw("the arms answer differently: %.0f %% of the good answers have other codes", 100*apart)
	}
	if ratio := head.Size / base.Size; base.Size > 0 && head.Size > 0 && (ratio > sameSize || ratio < 1/sameSize) {
		flaw("the arms answer differently: the median body has %.0f bytes and %.0f", base.Size, head.Size)
	}
	return found
}

// total adds readings up; Size is the mean of the blocks' medians.
func total(blocks []Block, of func(Block) Reading) Reading {
	sum := Reading{Codes: map[int]int{}}
	for _, b := range blocks {
		r := of(b)
		sum.Requests += r.Requests
		sum.Bad += r.Bad
		sum.Due += r.Due
		sum.Came += r.Came
		sum.Size += r.Size / float64(len(blocks))
		for code, n := range r.Codes {
			sum.Codes[code] += n
		}
	}
	return sum
}

// codesApart is the share of answers that would need another code for both arms
// to have the same (total variation distance); 0 when an arm has none.
func codesApart(base, head map[int]int) float64 {
	ofBase, ofHead := 0, 0
	for _, n := range base {
		ofBase += n
	}
	for _, n := range head {
		ofHead += n
	}
	if ofBase == 0 || ofHead == 0 {
		return 0
	}
	apart := 0.0
	for code, n := range base {
		apart += math.Abs(share(n, ofBase) - share(head[code], ofHead))
	}
	for code, n := range head {
		if base[code] == 0 {
			apart += share(n, ofHead)
		}
	}
	return apart / 2
}
