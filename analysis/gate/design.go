package gate

import (
	"fmt"
	"math"
	"time"

	"github.com/looptest/looptest/analysis"
)

// Design says beforehand when the blocks are looked at and what error each look
// may spend.
type Design struct {
	Alpha float64 // of the whole gate: the looks' levels add up to it, at most
	Looks []Look  // by blocks
}

// Look is one declared look at the blocks so far.
type Look struct {
	Blocks int
	Alpha  float64 // family-wise, over the gated metrics
	// Clear is how many δ an effect must have to FAIL at this look, 1 at least: an
	// early look is for what is plain, so that a change near δ is not failed for
	// the luck of its first blocks.
	Clear     float64
	Extension bool // reached only when the regular plan stays inconclusive
}

// The default design.
const (
	DefaultAlpha  = 0.01
	DefaultBlocks = 40 // of the regular plan
	// DefaultBlock is what a block takes with slices of 1.5 s.
	DefaultBlock = 7 * time.Second
)

// The default looks: at a part of the regular blocks, for a share of α. The two
// early ones are for what is plain: twice and one and a half times δ, which is 20 %
// and 15 % of p99. The regular end has the largest share, and the extension has
// twice the blocks.
var defaultLooks = []struct{ of, share, clear float64 }{{0.35, 0.2, 2}, {0.6, 0.2, 1.5}, {1, 0.4, 1}, {2, 0.2, 1}}

// DefaultDesign is 40 blocks, looked at after 14, 24 and 40 of them, and an
// extension to 80.
func DefaultDesign(metrics int) Design { return NewDesign(DefaultBlocks, metrics, true) }

// NewDesign plans looks for that many regular blocks and gated metrics. A look
// at which FAIL could not be reached is left out, and the regular end has its
// share. The result may still be one that Check refuses.
func NewDesign(blocks, metrics int, extended bool) Design {
	return NewDesignAt(DefaultAlpha, blocks, metrics, extended)
}

// NewDesignAt is NewDesign for another α.
func NewDesignAt(alpha float64, blocks, metrics int, extended bool) Design {
	d := Design{Alpha: alpha}
	spare := 0.0
	for _, l := range defaultLooks {
		look := Look{Blocks: int(math.Ceil(l.of * float64(blocks))), Alpha: alpha * l.share, Clear: l.clear, Extension: l.of > 1}
		early := l.of < 1 && (BlocksNeeded(look.Alpha, metrics) > look.Blocks)
		if early || look.Extension && !extended {
			spare += look.Alpha
			continue
		}
		d.Looks = append(d.Looks, look)
	}
	for i := range d.Looks {
		if d.Looks[i].Blocks == blocks {
			d.Looks[i].Alpha += spare
		}
	}
	return d
}

// Fit plans the blocks that fit into a time, without an extension. It is an error
// when FAIL can't be reached in it.
func Fit(budget, block time.Duration, metrics int) (Design, error) {
	return FitAt(DefaultAlpha, budget, block, metrics)
}

// FitAt is Fit for another α.
func FitAt(alpha float64, budget, block time.Duration, metrics int) (Design, error) {
	blocks := int(budget / max(block, 1))
	need := BlocksNeeded(alpha, metrics)
	if blocks < need {
		return Design{}, fmt.Errorf("%s is too short: %s of %s fit, and with %s at α = %s a regression can be found from %d blocks on: give at least %s",
			budget, analysis.Count(blocks, "block"), block.Round(100*time.Millisecond), count(metrics, "gated metric"), percent(alpha), need,
			(time.Duration(need) * block).Round(time.Second))
	}
	return NewDesignAt(alpha, blocks, metrics, false), nil
}

func count(n int, of string) string { return analysis.Count(n, of) }

// BlocksNeeded is the fewest blocks from which FAIL can be reached: the smallest
// p-value of n blocks is 2^−n, and Holm's first step asks for alpha/metrics.
func BlocksNeeded(alpha float64, metrics int) int {
	level := alpha / float64(max(metrics, 1))
	if !(level > 0) {
		return math.MaxInt
	}
	n := max(1, int(math.Ceil(-math.Log2(level))))
	if n > 1 && math.Ldexp(1, 1-n) <= level { // the logarithm was rounded up
		n--
	}
	return n
}

// Check refuses a design that is none, or one with a look at which FAIL can't be
// reached: such a look could pass, and never fail.
func (d Design) Check(metrics int) error {
	switch {
	case metrics < 1:
		return fmt.Errorf("no metric is gated, so that nothing could fail; gate one, such as p50=5%%")
	case len(d.Looks) == 0:
		return fmt.Errorf("the design has no look at the blocks, so that it could not fail")
	case !(d.Alpha > 0 && d.Alpha <= 0.5):
		return fmt.Errorf("α of %v is no error rate; it must be above 0 and at most 0.5", d.Alpha)
	}
	spent, blocks := 0.0, 0
	for _, l := range d.Looks {
		if l.Blocks <= blocks {
			return fmt.Errorf("the look after %d blocks comes after the one after %d", l.Blocks, blocks)
		}
		blocks = l.Blocks
		spent += l.Alpha
		if need := BlocksNeeded(l.Alpha, metrics); l.Blocks < need {
			return fmt.Errorf("FAIL can't be reached with %s: their smallest p-value is %.2g, and %s at α = %s need %.2g; that takes at least %d blocks",
				count(l.Blocks, "block"), math.Ldexp(1, -l.Blocks), count(metrics, "gated metric"), percent(l.Alpha), l.Alpha/float64(metrics), need)
		}
	}
	if spent > d.Alpha*(1+1e-9) {
		return fmt.Errorf("the looks spend an α of %s, and %s is what there is", percent(spent), percent(d.Alpha))
	}
	return nil
}

// clear is the effect, on the scale of differences, that FAILs at this look.
func (l Look) clear(m Metric) float64 { return max(l.Clear, 1) * m.limit() }

// Regular is how many blocks the plan has without its extension.
func (d Design) Regular() int {
	n := 0
	for _, l := range d.Looks {
		if !l.Extension {
			n = l.Blocks
		}
	}
	return n
}

// Most is how many blocks the design asks for at most.
func (d Design) Most() int {
	if len(d.Looks) == 0 {
		return 0
	}
	return d.Looks[len(d.Looks)-1].Blocks
}

// next gives the first look that needs more blocks than there are.
func (d Design) next(have int) (Look, bool) {
	for _, l := range d.Looks {
		if l.Blocks > have {
			return l, true
		}
	}
	return Look{}, false
}
