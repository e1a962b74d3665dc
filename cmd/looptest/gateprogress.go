package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
)

// gateProgress shows how far a gate is: a bar on a terminal, a line a block
// elsewhere. A gate's plan comes in parts, from look to look; this counts over
// all of them.
type gateProgress struct {
	w      io.Writer
	quiet  bool
	design gate.Design
	block  time.Duration // what one is expected to take
	began  time.Time
	told   int // the block that the last line was about

	pool *mpb.Progress // nil without a terminal
	bar  *mpb.Bar
	now  atomic.Pointer[attack.Progress]
}

func newGateProgress(w io.Writer, quiet bool, d gate.Design, block time.Duration) *gateProgress {
	p := &gateProgress{w: w, quiet: quiet, design: d, block: block, began: time.Now(), told: -1}
	if !quiet && isTerminal(w) {
		p.pool = mpb.New(mpb.WithOutput(w), mpb.WithWidth(24))
	}
	return p
}

func (p *gateProgress) report(now attack.Progress) {
	p.now.Store(&now)
	switch {
	case p.quiet || now.Done == now.Total:
	case p.pool != nil:
		p.show(now)
	case now.Block != p.told:
		p.told = now.Block
		fmt.Fprintf(p.w, "gate: block %d of %d%s, %s left\n", now.Block+1, p.blocks(now), p.extended(now), clock(p.left(now)))
	}
}

// look gives the look that the part under way leads to, and how many blocks were
// lost before it: a part ends that many blocks beyond its look.
func (p *gateProgress) look(now attack.Progress) (look gate.Look, lost int) {
	for _, l := range p.design.Looks {
		if l.Blocks <= now.Blocks {
			look = l
		}
	}
	return look, now.Blocks - look.Blocks
}

// blocks is how many there are in all, as it stands: those of the extension only
// once it has begun, and those that are made up for.
func (p *gateProgress) blocks(now attack.Progress) int {
	look, lost := p.look(now)
	if look.Extension {
		return p.design.Most() + lost
	}
	return max(p.design.Regular()+lost, now.Block+1)
}

func (p *gateProgress) extended(now attack.Progress) string {
	if look, _ := p.look(now); look.Extension {
		return " (extended)"
	}
	return ""
}

// passed is how many blocks are done, with a part of the one under way.
func (p *gateProgress) passed(now attack.Progress) float64 {
	part := 0.0
	if now.Slices > 0 {
		part = float64(now.Slice) / float64(now.Slices)
	}
	return float64(now.Block) + part
}

// left goes by how long the blocks have taken, once there are some.
func (p *gateProgress) left(now attack.Progress) time.Duration {
	passed := p.passed(now)
	each := p.block.Seconds()
	if now.Block > 0 {
		each = time.Since(p.began).Seconds() / passed
	}
	return time.Duration((float64(p.blocks(now)) - passed) * each * float64(time.Second))
}

// steps of a bar to a block.
const barSteps = 100

func (p *gateProgress) show(now attack.Progress) {
	if p.bar == nil {
		p.bar = p.pool.New(0, mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
			mpb.PrependDecorators(decor.Name("gate  ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.text() })))
	}
	p.bar.SetTotal(int64(barSteps*p.blocks(now)), false)
	p.bar.SetCurrent(int64(barSteps * p.passed(now)))
}

// text is what stands behind the bar.
func (p *gateProgress) text() string {
	now := *p.now.Load()
	slice := "starting"
	if now.Slices > 0 {
		slice = fmt.Sprintf("slice %d of %d", now.Slice+1, now.Slices)
	}
	return fmt.Sprintf("  block %d of %d%s · %s, %s · %s left", now.Block+1, p.blocks(now), p.extended(now), slice, now.Arm, clock(p.left(now)))
}

func (p *gateProgress) done() {
	if p.pool == nil {
		return
	}
	if p.bar != nil {
		p.bar.Abort(true)
	}
	p.pool.Wait()
}
