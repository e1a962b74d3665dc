package attack

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// drive sends the streams' requests against the target at url and gives every
// sample and the streams' accounts. It returns when all are answered, have
// timed out, or the context is done. Times are counted from origin.
func drive(ctx context.Context, conns *connections, url string, streams []Stream, origin time.Time) ([]Sample, []StreamCount, error) {
	samples := make([][]Sample, len(streams))
	counts := make([]StreamCount, len(streams))
	pacers := make([]*pacer, len(streams))
	for i, s := range streams {
		sleeper, err := newSleeper()
		if err != nil {
			return nil, nil, err
		}
		defer sleeper.close()
		pacers[i] = &pacer{ctx: ctx, schedule: s.Schedule, origin: origin, sleeper: sleeper}
	}
	var streaming sync.WaitGroup
	for i, s := range streams {
		streaming.Go(func() {
			samples[i] = send(conns.client(ctx, s.timeout()), url, i, s, pacers[i])
			counts[i] = account(s, samples[i], time.Since(origin), ctx.Err() != nil)
		})
	}
	streaming.Wait()
	return slices.Concat(samples...), counts, nil
}

// sendWorkers is how many senders vegeta starts with; it adds more whenever all
// of them wait for an answer, so that a slow target never slows the schedule.
const sendWorkers = 32

// send runs one stream to its end.
func send(client *http.Client, url string, index int, s Stream, p *pacer) []Sample {
	attacker := vegeta.NewAttacker(vegeta.Client(client), vegeta.Workers(sendWorkers))
	samples := make([]Sample, 0, s.Schedule.Count())
	for r := range attacker.Attack(targeter(url, s.Requests), p, 0, "") {
		sample := Sample{Stream: index, Seq: int(r.Seq), Code: int(r.Code), Bytes: int64(r.BytesIn)}
		sample.Intended, _ = s.Schedule.Due(sample.Seq)
		sample.Sent = r.Timestamp.Sub(p.origin)
		sample.Done = sample.Sent + r.Latency
		if r.Code == 0 {
			sample.Err = errorKind(r.Error)
		}
		samples = append(samples, sample)
	}
	slices.SortFunc(samples, func(a, b Sample) int { return a.Seq - b.Seq })
	return samples
}

// targeter gives the stream's requests in turn.
func targeter(url string, requests []Request) vegeta.Targeter {
	targets := make([]vegeta.Target, len(requests))
	for i, r := range requests {
		targets[i] = vegeta.Target{Method: r.Method, URL: r.URL, Header: r.Header, Body: r.Body}
		if r.Method == "" {
			targets[i].Method = http.MethodGet
		}
		if strings.HasPrefix(r.URL, "/") {
			targets[i].URL = url + r.URL
		}
	}
	var next atomic.Uint64
	return func(t *vegeta.Target) error {
		*t = targets[(next.Add(1)-1)%uint64(len(targets))]
		return nil
	}
}

// account compares what the schedule asked for with what was sent. An
// interrupted stream is only asked for what was due by then.
func account(s Stream, samples []Sample, elapsed time.Duration, interrupted bool) StreamCount {
	c := StreamCount{Name: s.Name, Role: s.Role, Offered: s.Schedule.Count(), Sent: len(samples), Span: s.Schedule.Span()}
	if interrupted && elapsed < c.Span {
		c.Span = max(elapsed, 0)
		for c.Offered = len(samples); ; c.Offered++ {
			if due, ok := s.Schedule.Due(c.Offered); !ok || due > elapsed {
				break
			}
		}
	}
	c.Unsent = c.Offered - c.Sent
	for _, sample := range samples {
		if sample.Err != "" || !s.Expects(sample.Code) {
			c.Bad++
		}
	}
	return c
}

func (s Stream) timeout() time.Duration {
	if s.Timeout == 0 {
		return DefaultTimeout
	}
	return s.Timeout
}
