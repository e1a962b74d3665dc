package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/reports"
)

// detectProgress shows how far a scan is: a bar on a terminal, a line when an
// endpoint begins elsewhere; and everywhere what was found, as it is.
type detectProgress struct {
	w         io.Writer // nil to be quiet
	endpoints int
	began     time.Time

	pool *mpb.Progress // nil without a terminal
	bar  *mpb.Bar

	mu    sync.Mutex // of what stands behind the bar
	index int
	name  string
	doing string
	part  float64 // of the endpoint
}

func newDetectProgress(w io.Writer, quiet bool, endpoints int) *detectProgress {
	p := &detectProgress{endpoints: endpoints, began: time.Now()}
	switch {
	case quiet:
		return p
	case isTerminal(w):
		p.show(mpb.New(mpb.WithOutput(w), mpb.WithWidth(12)))
	default:
		p.w = w
	}
	return p
}

// show puts a bar into the pool, above which lines are written from then on.
func (p *detectProgress) show(pool *mpb.Progress) {
	p.pool, p.w = pool, pool
	p.bar = pool.New(0, mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
		mpb.PrependDecorators(decor.Name("detect  ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.text() })))
	p.bar.SetTotal(int64(barSteps*p.endpoints), false)
}

func (p *detectProgress) begins(index int, e detect.Endpoint) {
	p.mu.Lock()
	p.index, p.name, p.doing, p.part = index, e.Request.Label(), "alone", 0
	p.mu.Unlock()
	p.move()
	if p.w != nil && p.pool == nil {
		fmt.Fprintf(p.w, "detect: endpoint %d of %d, %s\n", index+1, p.endpoints, e.Request.Label())
	}
}

// parts are how far an endpoint is when a step begins, and how much the step is of
// it.
var parts = map[string][2]float64{"alone": {0, 0.1}, "paired shots": {0.1, 0.5}, "bursts": {0.6, 0.3}}

func (p *detectProgress) step(what string, done float64) {
	p.mu.Lock()
	p.doing = what
	if part, known := parts[what]; known {
		p.part = part[0] + part[1]*min(done, 1)
	} else {
		p.part = 0.9
	}
	p.mu.Unlock()
	p.move()
}

func (p *detectProgress) done(index int, f detect.Finding) {
	p.mu.Lock()
	p.index, p.part = index+1, 0
	p.mu.Unlock()
	p.move()
	if p.w != nil {
		fmt.Fprintf(p.w, "%s\n", reports.Line(f))
	}
}

func (p *detectProgress) passed() float64 { return float64(p.index) + p.part }

func (p *detectProgress) move() {
	if p.bar != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.bar.SetCurrent(int64(barSteps * p.passed()))
	}
}

// nameMost is how long a name may be behind the bar, which is to fit into 80 columns.
const nameMost = 20

// text is what stands behind the bar.
func (p *detectProgress) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.index >= p.endpoints {
		return "  " + p.doing
	}
	text := fmt.Sprintf("  %d of %d · %s · %s", p.index+1, p.endpoints, shortened(p.name, nameMost), p.doing)
	if passed := p.passed(); p.index > 0 { // from then on it is known how long one takes
		left := time.Since(p.began).Seconds() * (float64(p.endpoints) - passed) / passed
		text += fmt.Sprintf(" · %s left", clock(time.Duration(left*float64(time.Second))))
	}
	return text
}

func (p *detectProgress) end() {
	if p.pool != nil {
		p.bar.Abort(true)
		p.pool.Wait()
	}
}
