package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// How often the load under way is looked at, over which time, and how much of it
// the trend shows.
const (
	lookEvery   = time.Second
	recentSpan  = 3 * time.Second
	trendPoints = 30
)

// watching looks at an attack once a second: it shows how it goes, and ends it
// when a budget that asks for it can't be kept any more.
type watching struct {
	attacking *attacking
	abort     context.CancelCauseFunc
	view      view
	trend     []time.Duration // negative where nothing was answered
	warned    bool            // of records that can't be written
	stop      chan struct{}
	stopped   sync.WaitGroup
}

// watch begins to look; ctx is done when the user wants to stop.
func (a *attacking) watch(ctx context.Context, abort context.CancelCauseFunc) *watching {
	w := &watching{attacking: a, abort: abort, view: a.newView(), stop: make(chan struct{})}
	w.stopped.Go(func() { w.run(ctx) })
	return w
}

func (w *watching) run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	interrupted := ctx.Done()
	for {
		select {
		case <-w.stop:
			return
		case <-interrupted:
			interrupted = nil
			w.view.say("stopping; what was measured is saved, a second Ctrl-C leaves at once")
		case <-ticker.C:
			w.warn()
			if m, measuring := w.look(); measuring && w.view.show(m) != nil {
				w.abort(errNobodyReads)
			}
		}
	}
}

// end stops looking, and takes the view away.
func (w *watching) end() {
	close(w.stop)
	w.stopped.Wait()
	w.view.end()
}

// warn says once that samples are not recorded any more.
func (w *watching) warn() {
	if w.attacking.writer == nil || w.warned {
		return
	}
	if err := w.attacking.writer.Err(); err != nil {
		w.warned = true
		w.view.say(fmt.Sprintf("the records will not be complete: %v; measuring goes on", err))
	}
}

// look takes the moment; there is none before the measured part has lasted a
// little.
func (w *watching) look() (reports.Moment, bool) {
	a := w.attacking
	a.mu.Lock()
	defer a.mu.Unlock()
	elapsed := time.Since(a.origin)
	if a.origin.IsZero() || elapsed < lookEvery/2 {
		return reports.Moment{}, false
	}
	m := reports.Moment{
		Elapsed: elapsed, Span: a.scenario.Span(), Phase: phaseAt(a.scenario.Phases, elapsed),
		Recent: a.tally.Recent(min(elapsed, a.scenario.Span()), recentSpan), Budgets: len(a.scenario.Budgets), Failed: a.failed,
	}
	if elapsed > m.Span {
		m.Recent = a.tally.Recent(elapsed, recentSpan)
		m.Waiting = a.scenario.Requests() - a.done
	}
	m.Lag, m.Silent = a.beats.recent(time.Now())
	m.Trend = w.follow(m.Recent)
	m.Broken = w.broken()
	return m, true
}

// follow adds to the trend.
func (w *watching) follow(r analysis.Recent) []time.Duration {
	p99 := r.Response.P99
	if r.Response.N == 0 {
		p99 = -1
	}
	w.trend = append(w.trend, p99)
	w.trend = w.trend[max(0, len(w.trend)-trendPoints):]
	return w.trend
}

// beats are the target's heartbeats of the last moments, the longest of each
// batch in which they came.
type beats struct {
	list []beat
	seen bool
}

type beat struct {
	at  time.Time
	lag time.Duration
}

func (b *beats) add(at time.Time, readings []target.LagReading) {
	longest := time.Duration(0)
	for _, r := range readings {
		longest = max(longest, r.Lag())
	}
	b.list, b.seen = append(b.list, beat{at, longest}), true
}

// recent is the longest lately, negative when there was none; silent says that
// there were some before.
func (b *beats) recent(now time.Time) (longest time.Duration, silent bool) {
	b.list = slices.DeleteFunc(b.list, func(x beat) bool { return now.Sub(x.at) > recentSpan })
	longest = -1
	for _, x := range b.list {
		longest = max(longest, x.lag)
	}
	return longest, b.seen && len(b.list) == 0
}

// broken are the budgets that can't be kept any more; one that asks for it ends
// the attack.
func (w *watching) broken() []string {
	a := w.attacking
	var broken []string
	for i, b := range a.scenario.Budgets {
		why, lost := a.lost[i], a.lost[i] != ""
		if !lost {
			why, lost = analysis.Broken(b, a.tally)
		}
		if !lost {
			continue
		}
		broken = append(broken, why)
		if b.Abort && a.lost[i] == "" {
			a.lost[i] = why
			w.abort(fmt.Errorf("%w: %s", errAborted, why))
		}
	}
	return broken
}

func phaseAt(phases []attack.Phase, moment time.Duration) string {
	if i := attack.PhaseOf(phases, moment); i >= 0 {
		return phases[i].Name
	}
	return ""
}
