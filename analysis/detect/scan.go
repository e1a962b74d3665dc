package detect

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Shooter fires streams of requests and gives what came of them, as
// attack.FineSender does.
type Shooter interface {
	Fire(ctx context.Context, streams []attack.Stream, tail time.Duration) (attack.Run, error)
}

var _ Shooter = (*attack.FineSender)(nil)

// Hooks are told how a scan goes; each may be nil.
type Hooks struct {
	Begins func(index int, e Endpoint)
	// Step tells what is being done to the endpoint, and how far it is, from 0 to 1.
	Step func(what string, done float64)
	Done func(index int, f Finding)
}

// Scan judges the endpoints one after the other. On an interruption, or when the
// server is gone, it gives the findings so far with the error.
func Scan(ctx context.Context, shooter Shooter, endpoints []Endpoint, settings Settings, hooks Hooks) ([]Finding, error) {
	s := &scan{shooter: shooter, settings: settings, hooks: hooks, coin: rand.New(rand.NewPCG(settings.Seed, 0))}
	var findings []Finding
	for i, e := range endpoints {
		if hooks.Begins != nil {
			hooks.Begins(i, e)
		}
		f, err := s.endpoint(ctx, e)
		if err != nil {
			if errors.Is(err, errGone) {
				err = fmt.Errorf("%w, since %s was asked for", err, e.Request.Label())
			}
			f.Partial = true
			if f.Kind == "" {
				f.Kind, f.Because = target.Unsure, err.Error()
			}
			return append(findings, f), err
		}
		f.Advice = f.advice()
		findings = append(findings, f)
		if hooks.Done != nil {
			hooks.Done(i, f)
		}
	}
	return s.sharePools(ctx, findings)
}

// scan is a scan under way.
type scan struct {
	shooter  Shooter
	settings Settings
	hooks    Hooks
	coin     *rand.Rand
	sent     int // requests to the endpoint at hand
}

// fire counts what is sent.
func (s *scan) fire(ctx context.Context, streams []attack.Stream, tail time.Duration) (attack.Run, error) {
	run, err := s.shooter.Fire(ctx, streams, tail)
	if len(run.Streams) > suspectStream {
		s.sent += run.Streams[suspectStream].Sent
	}
	return run, err
}

func (s *scan) step(what string, done float64) {
	if s.hooks.Step != nil {
		s.hooks.Step(what, done)
	}
}

// errGone says that the server doesn't answer its probe any more.
var errGone = errors.New("the server does not answer the probe any more")

// endpoint judges one endpoint.
func (s *scan) endpoint(ctx context.Context, e Endpoint) (f Finding, err error) {
	began := time.Now()
	s.sent = 0
	f.Endpoint = e
	defer func() { f.Sent, f.Took = s.sent, time.Since(began) }()
	alone, err := s.alone(ctx, e)
	if err != nil {
		return f, err
	}
	f.Service, f.Stall.Trials = took(alone), alone
	if f.Kind, f.Because = unfit(e, alone); f.Kind != "" {
		return f, s.recover(ctx)
	}
	if f.Stall, err = s.stall(ctx, e, f.Service.P50, began); err != nil {
		return f, err
	}
	f.Service = took(append(alone, f.Stall.Trials...))
	if f.Bursts, err = s.bursts(ctx, e, burstOf(f.Service.P50, s.settings.timeout()), began); err != nil {
		return f, err
	}
	f.Warnings = remarks(f.Stall.Trials, f.Bursts)
	if why := undone(f.Stall, f.Bursts); why != "" {
		f.Kind, f.Because = target.Unsure, why
	} else if err = s.conclude(ctx, &f); err != nil {
		return f, err
	}
	if f.Kind == target.Unsure {
		return f, s.recover(ctx)
	}
	return f, nil
}

// alone sends the suspect a few times by itself, with the probes beside it. It is
// the first to be asked of it, so the first answer may be slower than the others.
func (s *scan) alone(ctx context.Context, e Endpoint) ([]Trial, error) {
	var trials []Trial
	for i := range solos {
		s.step("alone", float64(i)/solos)
		run, err := s.fire(ctx, s.settings.volley(e.Request, 1), tail)
		if err != nil {
			return trials, err
		}
		t := newTrial(run, false, 0)
		trials = append(trials, t)
		if t.Failed == attack.ErrTimeout {
			break // once is enough of that
		}
		if err := s.rest(ctx); err != nil {
			return trials, err
		}
	}
	return trials, nil
}

// unfit says why an endpoint can't be judged; no kind when it can.
func unfit(e Endpoint, trials []Trial) (target.Kind, string) {
	last := trials[len(trials)-1]
	switch {
	case last.Failed == attack.ErrTimeout:
		return neverReturned(last)
	case last.Code == 0 && last.Failed == "":
		return target.Unsure, "it could not be sent: there is no connection"
	case last.Code == 0:
		return target.Unsure, fmt.Sprintf("it gives no answer (%s)", last.Failed)
	case (last.Code == 503 || last.Code == 429) && !e.expects(last.Code):
		return target.Sheds, fmt.Sprintf("it answers %d already when it is asked alone%s", last.Code, hint(last.Code))
	case !e.expects(last.Code):
		return target.Unsure, fmt.Sprintf("it answers %d, so that what it usually does can't be judged%s; --expect %d takes that for a good answer", last.Code, hint(last.Code), last.Code)
	}
	return "", ""
}

// neverReturned tells by the probes what a request does that gave no answer in time.
func neverReturned(t Trial) (target.Kind, string) {
	answered, sent := 0, 0
	x, _ := sampleOf(t.Run, suspectStream)
	for _, p := range probesOf(t.Run) {
		sent++
		answered += count(p.Answered() && p.Done < x.Done) // and not once it was given up
	}
	within := analysis.Human(t.Took)
	if answered <= sent/10 {
		return target.Blocking, fmt.Sprintf("it gave no answer within %s, and nobody else got one meanwhile", within)
	}
	return target.Unsure, fmt.Sprintf("it gave no answer within %s, while others were answered: it doesn't hold the loop, and --timeout may be too short for it", within)
}

// recover waits until the probe is answered again.
func (s *scan) recover(ctx context.Context) error {
	until := time.Now().Add(s.settings.timeout())
	for {
		run, err := s.fire(ctx, []attack.Stream{s.settings.suspects(s.settings.Probe, 1)}, 0)
		if err != nil {
			return err
		}
		if p, ok := sampleOf(run, 0); ok && p.Answered() {
			return nil
		}
		if time.Now().After(until) {
			return errGone
		}
		if err := s.rest(ctx); err != nil {
			return err
		}
	}
}

// stall shoots until a declared look decides.
func (s *scan) stall(ctx context.Context, e Endpoint, span time.Duration, began time.Time) (Stall, error) {
	var trials []Trial
	var found Stall
	for _, l := range looks {
		for pairs(trials) < l.pairs {
			s.step("paired shots", float64(pairs(trials))/enough)
			if len(trials) > mostTrials*l.pairs || time.Since(began) > s.settings.budget() && len(trials) > 0 {
				found, _ = decide(trials, stallLook{pairs(trials), 0})
				return found, nil
			}
			for _, placebo := range s.coins() {
				t, err := s.shoot(ctx, e, placebo, span)
				if err != nil {
					return found, err
				}
				trials = append(trials, t)
			}
		}
		var done bool
		if found, done = decide(trials, l); done {
			break
		}
	}
	return found, nil
}

// coins is a pair in an order that a coin draws.
func (s *scan) coins() []bool {
	first := s.coin.IntN(2) == 0
	return []bool{first, !first}
}

// shoot is one trial.
func (s *scan) shoot(ctx context.Context, e Endpoint, placebo bool, span time.Duration) (Trial, error) {
	if err := s.rest(ctx); err != nil {
		return Trial{}, err
	}
	request, after := e.Request, tail
	if placebo {
		request, after = s.settings.Probe, max(span, tail)
	}
	run, err := s.fire(ctx, s.settings.volley(request, 1), after)
	return newTrial(run, placebo, span), err
}

// rest waits for a random moment, so that the shots keep no step with what the
// server does from time to time.
func (s *scan) rest(ctx context.Context) error {
	timer := time.NewTimer(restAtLeast + time.Duration(s.coin.Int64N(int64(restAtMost-restAtLeast))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

const restAtLeast, restAtMost = 4 * time.Millisecond, 20 * time.Millisecond

// burstOf is how many suspects a burst has: fewer of slow ones, so that all of them
// can be answered in time though they come one after the other.
func burstOf(alone, timeout time.Duration) int {
	return max(burstLeast, min(burstSize, int(timeout/2/max(alone, 1))))
}

// bursts sends so many suspects at once, a few times; once when the time is over.
func (s *scan) bursts(ctx context.Context, e Endpoint, size int, began time.Time) ([]Burst, error) {
	var bursts []Burst
	for i := range burstTimes {
		if i > 0 && time.Since(began) > s.settings.budget() {
			break
		}
		s.step("bursts", float64(i)/burstTimes)
		if err := s.rest(ctx); err != nil {
			return bursts, err
		}
		run, err := s.fire(ctx, s.settings.volley(e.Request, size), tail)
		if err != nil {
			return bursts, err
		}
		bursts = append(bursts, newBurst(run))
	}
	return bursts, nil
}

// conclude draws the conclusions from the evidence.
func (s *scan) conclude(ctx context.Context, f *Finding) error {
	features := read(f.Stall, f.Bursts)
	f.Kind, f.Because = classify(features)
	f.Confidence = confidence(f.Kind, f.Stall, f.Bursts)
	if why := tooNoisy(f.Stall, f.Bursts); why != "" {
		f.Kind, f.Because, f.Confidence = target.Unsure, why, 0
	} else if f.Confidence < leastConfidence {
		f.Kind, f.Because = target.Unsure, fmt.Sprintf("its bursts don't agree; all together look %s: %s", f.Kind, f.Because)
	}
	switch f.Kind {
	case target.Blocking:
		f.Stall.amplify(f.Bursts, features.probe)
	case target.Processes:
		f.Processes = max(2, int(1/features.share+0.5))
	case target.Cooperative:
		f.Chunk = chunkLength(f.Stall.Trials, features.probe)
	case target.OffLoop:
		return s.capacity(ctx, f)
	}
	return nil
}

// capacity finds how many of the jobs run at once.
func (s *scan) capacity(ctx context.Context, f *Finding) error {
	if s.settings.PoolProbe != nil {
		s.step("pool size", 0)
		if c, ok := s.occupancy(ctx, f.Endpoint, *s.settings.PoolProbe); ok {
			f.Capacity = c
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f.Warnings = append(f.Warnings, "the pool probe doesn't wait for this endpoint's pool; its capacity is told by the steps of its bursts")
	}
	f.Capacity = capacityBySteps(f.Bursts, f.Service.P50)
	return nil
}
