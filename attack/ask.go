package attack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"
)

// Answer is what a target gives for one request, to be held against another's.
type Answer struct {
	Request string // its label
	Code    int    // 0 when there was no answer
	Size    int64  // of the body, bytes
	Hash    [sha256.Size]byte
	Err     ErrorKind
}

// Good reports whether it is an answer as the stream expects it.
func (a Answer) Good() bool { return a.Err == "" }

// String is the code, or why there is none.
func (a Answer) String() string {
	switch {
	case !a.Answered():
		return fmt.Sprintf("no answer (%s)", a.Err)
	case a.Err == ErrBody:
		return fmt.Sprintf("%d and an unexpected body", a.Code)
	}
	return fmt.Sprint(a.Code)
}

// Answered reports whether an answer arrived, expected or not.
func (a Answer) Answered() bool { return Sample{Err: a.Err}.Answered() }

// mostAsked is how many requests of a stream are asked, at most: a file may hold
// thousands.
const mostAsked = 50

// Ask starts the arm's target, sends each request of its streams once, one after
// the other, and stops it. took is how long the target needed to start.
func Ask(ctx context.Context, arm Arm) (answers []Answer, took time.Duration, err error) {
	if err := arm.validate(); err != nil {
		return nil, 0, err
	}
	began := time.Now()
	t, err := arm.Target.Start(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("arm %q: %w", arm.Name, errors.Join(context.Cause(ctx), err))
	}
	took = time.Since(began)
	defer t.Stop()
	ctx, cancel := WhileAlive(ctx, t)
	defer cancel()
	conns := newConnections(arm.Transport)
	defer conns.close()
	for _, s := range arm.Streams {
		x, err := newExchange(ctx, conns, t.URL(), s)
		if err != nil {
			return nil, took, err
		}
		for i := range min(len(s.Requests), mostAsked) {
			answers = append(answers, x.ask(i, s.Requests[i].Label()))
			if ctx.Err() != nil {
				return nil, took, fmt.Errorf("arm %q: %w", arm.Name, context.Cause(ctx))
			}
		}
	}
	return answers, took, nil
}

// ask sends the stream's request of that index.
func (x *exchange) ask(i int, label string) Answer {
	ctx, cancel := context.WithTimeout(x.ctx, x.timeout)
	defer cancel()
	a := Answer{Request: label}
	res, err := x.next.RoundTrip(x.request(ctx, i, []string{"0"}))
	if err != nil {
		a.Err = x.errorKind(err)
		return a
	}
	defer res.Body.Close()
	var body bytes.Buffer
	if _, err = io.Copy(&body, io.LimitReader(res.Body, x.answer.most+1)); err != nil {
		a.Err = x.errorKind(err)
		return a
	}
	a.Code, a.Size, a.Hash = res.StatusCode, int64(body.Len()), sha256.Sum256(body.Bytes())
	a.Err = x.answer.judge(a.Code, body.Bytes(), a.Size)
	return a
}
