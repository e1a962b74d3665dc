package attack

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// volley is what a fine sender fires at one time.
type volley struct {
	sender  *FineSender
	ctx     context.Context // of what is under way
	streams []*barrel
	tail    time.Duration
	origin  time.Time

	mu       sync.Mutex
	samples  []Sample
	open     int           // requests under way
	awaited  int           // offenders' requests that are not answered, or not yet sent
	quietAt  time.Duration // when the last offender was answered
	finished *sync.Cond
}

// barrel is a stream on its way.
type barrel struct {
	stream   Stream
	requests []*prepared
	order    cycle
	next     int // number of its next request
	count    StreamCount
}

// prepared is a request as it goes over the line.
type prepared struct {
	request *http.Request
	bytes   []byte
	answer  answer
	timeout time.Duration
}

// smallRequest is up to how many bytes a request is written by the goroutine that
// keeps the time: it fits into the socket's buffer, so that nothing waits.
const smallRequest = 16 << 10

func (s *FineSender) newVolley(streams []Stream, tail time.Duration) (*volley, error) {
	if len(streams) == 0 {
		return nil, errors.New("the fine sender was given no stream")
	}
	v := &volley{sender: s, tail: tail}
	v.finished = sync.NewCond(&v.mu)
	for _, stream := range streams {
		if err := stream.validate(); err != nil {
			return nil, err
		}
		b, err := s.load(stream)
		if err != nil {
			return nil, fmt.Errorf("stream %q: %w", stream.Name, err)
		}
		if stream.Role == Offender {
			v.awaited += stream.Schedule.Count()
		}
		v.streams = append(v.streams, b)
	}
	return v, nil
}

// load prepares a stream's requests.
func (s *FineSender) load(stream Stream) (*barrel, error) {
	b := &barrel{stream: stream, count: StreamCount{Name: stream.Name, Role: stream.Role, Labels: stream.labels(), Span: stream.Schedule.Span()}}
	var err error
	if b.order, err = newCycle(stream.Requests); err != nil {
		return nil, err
	}
	for _, r := range stream.Requests {
		req, err := r.on(s.url)
		if err != nil {
			return nil, fmt.Errorf("request %q can't be sent: %w", r.Label(), err)
		}
		if req.GetBody != nil {
			req.Body, _ = req.GetBody()
		}
		var written bytes.Buffer
		if err := req.Write(&written); err != nil {
			return nil, fmt.Errorf("request %q can't be sent: %w", r.Label(), err)
		}
		b.requests = append(b.requests, &prepared{req, written.Bytes(), stream.answer(), stream.timeout()})
	}
	return b, nil
}

// send writes every request when it is due.
func (v *volley) send(ctx context.Context) {
	v.ctx = ctx
	for ctx.Err() == nil {
		b, index, due := v.nextDue()
		if b == nil {
			return
		}
		v.sender.sleeper.until(ctx, v.origin.Add(due))
		if ctx.Err() != nil || b.stream.Role != Offender && v.over() {
			return
		}
		v.shoot(b, index, due)
	}
}

// nextDue is the stream whose next request is due first; of two at the same
// moment the one that was named first.
func (v *volley) nextDue() (first *barrel, index int, at time.Duration) {
	for i, b := range v.streams {
		if due, more := b.stream.Schedule.Due(b.next); more && (first == nil || due < at) {
			first, index, at = b, i, due
		}
	}
	return first, index, at
}

// over reports whether the offenders are answered and the tail has passed.
func (v *volley) over() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.quietAt > 0 && v.awaited == 0 && time.Since(v.origin) > v.quietAt+v.tail
}

// shoot sends the stream's next request.
func (v *volley) shoot(b *barrel, index int, due time.Duration) {
	n := b.next
	b.next++
	b.count.Offered++
	l := v.sender.take()
	if l == nil {
		b.count.Unsent++
		v.settle(b.stream.Role, time.Since(v.origin))
		return
	}
	b.count.Sent++
	request := b.order.at(n)
	f := flight{volley: v, request: b.requests[request], sample: Sample{Stream: index, Seq: n, Request: request, Intended: due}}
	v.mu.Lock()
	v.open++
	v.mu.Unlock()
	l.conn.SetWriteDeadline(time.Now().Add(f.request.timeout))
	f.sample.Sent = time.Since(v.origin)
	if len(f.request.bytes) <= smallRequest {
		_, err := l.conn.Write(f.request.bytes)
		f.written = err == nil // a failed write fails again, and is told by the line
	}
	l.asked <- f
}

// done takes a sample in.
func (v *volley) done(s Sample) {
	v.mu.Lock()
	v.samples = append(v.samples, s)
	v.open--
	v.mu.Unlock()
	v.settle(v.streams[s.Stream].stream.Role, s.Done)
	v.finished.Broadcast()
}

// settle counts a request that is over.
func (v *volley) settle(role Role, at time.Duration) {
	if role != Offender {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.awaited--
	v.quietAt = max(v.quietAt, at)
}

// await returns when nothing is under way any more.
func (v *volley) await(ctx context.Context) {
	defer context.AfterFunc(ctx, func() {
		v.mu.Lock() // not between the look at the context and the wait
		defer v.mu.Unlock()
		v.finished.Broadcast()
	})()
	v.mu.Lock()
	defer v.mu.Unlock()
	for v.open > 0 && ctx.Err() == nil {
		v.finished.Wait()
	}
}

// run gives what was measured.
func (v *volley) run() Run {
	v.mu.Lock()
	defer v.mu.Unlock()
	r := Run{Began: v.origin, Samples: v.samples}
	slices.SortFunc(r.Samples, func(a, b Sample) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Seq, b.Seq))
	})
	for _, b := range v.streams {
		r.Streams = append(r.Streams, b.count)
	}
	for _, s := range r.Samples {
		if s.Err != "" {
			r.Streams[s.Stream].Bad++
		}
	}
	return r
}
