package attack

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"
	"time"
)

// FineSender sends a few requests at precise moments: all of them are written by
// one goroutine that waits on a timerfd, each on a warm connection of its own, so
// that two requests can be some hundred microseconds apart and in a known order.
// Load is vegeta's; this is for finding out what one request does to another. It
// speaks HTTP/1.1, with or without TLS.
type FineSender struct {
	url     string
	conns   *connections
	sleeper *sleeper
	stop    context.CancelFunc

	mu    sync.Mutex
	idle  []*line
	lines sync.WaitGroup
}

// NewFineSender opens so many connections to the target at url.
func NewFineSender(ctx context.Context, target string, t Transport, connections int) (*FineSender, error) {
	if t.Protocol == HTTP2 || t.Protocol == H2C {
		return nil, fmt.Errorf("over %s all requests share a connection; the fine sender needs %s", t.Protocol, HTTP1)
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	s := &FineSender{url: target, conns: newConnections(t)}
	if s.sleeper, err = newSleeper(ctx); err != nil {
		return nil, err
	}
	// The lines outlive the context: a volley that it interrupts may be writing to one.
	open, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	for range max(connections, 1) {
		l := &line{sender: s, scheme: u.Scheme, host: u.Hostname(), address: addressOf(u), asked: make(chan flight, 1)}
		if err := l.connect(ctx); err != nil {
			s.Close()
			return nil, fmt.Errorf("the target can't be connected to: %w", err)
		}
		s.lines.Go(func() { l.serve(open) })
		s.idle = append(s.idle, l)
	}
	return s, nil
}

// Close ends the connections, and with them what is still under way when Fire was
// interrupted.
func (s *FineSender) Close() {
	s.stop()
	s.sleeper.close()
	s.lines.Wait()
	s.conns.close()
}

// fineLead is the time between deciding to fire and the first due request.
const fineLead = 2 * time.Millisecond

// Fire sends the streams' requests when they are due and gives the run: what was
// sent, in the order of streams and numbers. Streams with the role Offender are
// sent whole; once all of theirs are answered the others go on for the tail and
// end, or before that at the end of their schedules. A request that is due while
// no connection is free is left unsent and counted. It returns when everything
// that was sent is answered or has timed out. One Fire at a time.
func (s *FineSender) Fire(ctx context.Context, streams []Stream, tail time.Duration) (Run, error) {
	v, err := s.newVolley(streams, tail)
	if err != nil {
		return Run{}, err
	}
	s.renew(ctx)
	v.origin = time.Now().Add(fineLead)
	v.send(ctx)
	v.await(ctx)
	run := v.run()
	if ctx.Err() != nil {
		run.Partial, run.Failure = true, "interrupted"
		return run, context.Cause(ctx)
	}
	return run, nil
}

// renew connects anew where the target has closed an idle connection.
func (s *FineSender) renew(ctx context.Context) {
	s.mu.Lock()
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, l := range idle {
		if l.raw == nil || !alive(l.raw) {
			l.reconnect(ctx)
		}
		s.release(l)
	}
}

// take gives any of the free connections, nil when there is none. They are drawn:
// those that a stall of one process among several has held up come back together,
// and would be used together.
func (s *FineSender) take() *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := len(s.idle); n > 0; n-- {
		i := rand.IntN(n)
		l := s.idle[i]
		if l.conn != nil {
			s.idle = slices.Delete(s.idle, i, i+1)
			return l
		}
		s.idle[i], s.idle[n-1] = s.idle[n-1], l // is not drawn again
	}
	return nil
}

func (s *FineSender) release(l *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, l)
}

// Idle is how many connections are free.
func (s *FineSender) Idle() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.idle)
}
