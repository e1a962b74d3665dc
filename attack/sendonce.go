package attack

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// sending watches whether a request is sent a second time. Where a connection
// closes under a request, net/http sends it again on another one, if that does no
// harm; but the first sending was lost, whatever comes of the second.
type sending struct{ sent, again atomic.Bool }

// within gives a context in which the sending is watched.
func (s *sending) within(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) {
			if s.sent.Load() {
				s.again.Store(true)
			}
		},
		WroteRequest: func(written httptrace.WroteRequestInfo) {
			if written.Err == nil {
				s.sent.Store(true)
			}
		},
	})
}

// sendOnce is send for who counts what a target lost.
func (x *exchange) sendOnce(req *http.Request) outcome {
	var s sending
	o := x.send(req.WithContext(s.within(req.Context())))
	if s.again.Load() {
		return outcome{kind: ErrReset}
	}
	return o
}
