package attack

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// drive sends the streams' requests against the target at url and gives every
// sample to the collector, and the streams' accounts. It returns when all are
// answered, have timed out, or the context is done. Times are counted from
// origin.
func drive(ctx context.Context, conns *connections, url string, streams []Stream, origin time.Time, c *collector) ([]StreamCount, error) {
	senders := make([]sender, len(streams))
	for i, s := range streams {
		exchange, err := newExchange(ctx, conns, url, s)
		if err != nil {
			return nil, err
		}
		sleeper, err := newSleeper(ctx)
		if err != nil {
			return nil, err
		}
		defer sleeper.close()
		senders[i] = sender{index: i, stream: s, exchange: exchange, pacer: newPacer(ctx, s.Schedule, origin, sleeper)}
	}
	interrupted := watch(ctx, origin)
	var streaming sync.WaitGroup
	for i := range senders {
		streaming.Go(func() { senders[i].send(c) })
	}
	streaming.Wait()
	counts := make([]StreamCount, len(streams))
	for i, s := range senders {
		counts[i] = s.account(interrupted())
	}
	return counts, nil
}

// watch notes when the context is done. What it gives tells that, from origin,
// and whether it is.
func watch(ctx context.Context, origin time.Time) func() (time.Duration, bool) {
	var at atomic.Pointer[time.Duration]
	note := func() {
		now := time.Since(origin)
		at.CompareAndSwap(nil, &now)
	}
	stop := context.AfterFunc(ctx, note)
	return func() (time.Duration, bool) {
		stop()
		if ctx.Err() == nil {
			return 0, false
		}
		note() // where the other one has not come to it yet
		return *at.Load(), true
	}
}

const (
	// sendWorkers is how many senders vegeta starts with; it adds more whenever
	// all of them wait for an answer, so that a slow target never slows the
	// schedule.
	sendWorkers = 32
	// mostWorkers bounds memory when the target stalls for long. Beyond that many
	// requests under way the next ones leave late, which their send lag shows.
	mostWorkers = 1 << 14
)

// sender is a stream on its way.
type sender struct {
	index     int
	stream    Stream
	exchange  *exchange
	pacer     *pacer
	sent, bad int
}

// send runs the stream to its end.
func (s *sender) send(c *collector) {
	attacker := vegeta.NewAttacker(
		vegeta.Client(s.exchange.client()), vegeta.Workers(sendWorkers), vegeta.MaxWorkers(mostWorkers))
	// The exchange knows the requests; vegeta only has to have one.
	targeter := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: "http://target"})
	for r := range attacker.Attack(targeter, s.pacer, 0, "") {
		sample := s.sample(r)
		s.sent++
		if sample.Err != "" {
			s.bad++
		}
		c.add(sample)
	}
}

// sample is made of readings of the monotonic clock alone: both of vegeta's
// times and origin hold one, and a clock that is set leaves no trace.
func (s *sender) sample(r *vegeta.Result) Sample {
	o := outcomeOf(r)
	sample := Sample{Stream: s.index, Seq: s.stream.first + int(r.Seq), Code: o.code, Bytes: o.bytes, Err: o.kind}
	sample.Request = s.exchange.order.at(sample.Seq)
	sample.Intended, _ = s.stream.Schedule.Due(int(r.Seq))
	sample.Sent = r.Timestamp.Sub(s.pacer.origin)
	sample.Done = sample.Sent + r.Latency
	return sample
}

// account compares what the schedule asked for with what was sent. An
// interrupted stream is only asked for what was due by then.
func (s *sender) account(elapsed time.Duration, interrupted bool) StreamCount {
	schedule := s.stream.Schedule
	c := StreamCount{
		Name: s.stream.Name, Role: s.stream.Role, Labels: s.stream.labels(),
		Offered: schedule.Count(), Sent: s.sent, Bad: s.bad, Span: schedule.Span(),
	}
	if interrupted && elapsed < c.Span {
		c.Span = max(elapsed, 0)
		c.Offered = max(s.sent, DueBefore(schedule, elapsed+1))
	}
	c.Unsent = c.Offered - c.Sent
	return c
}
