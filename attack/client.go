package attack

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

// connections is a pool of keep-alive connections, shared by the streams of a
// run and its warm-up.
type connections struct{ transport *http.Transport }

// keptConnections is how many idle connections are kept warm: as many as a
// stalled target may leave waiting at once.
const keptConnections = 4096

func newConnections() connections {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return connections{&http.Transport{
		DialContext:         dialer.DialContext,
		MaxIdleConns:        keptConnections,
		MaxIdleConnsPerHost: keptConnections,
		DisableCompression:  true,
	}}
}

// client makes a client whose requests end with the context. It does not follow
// redirects: a stream measures the request that it names.
func (c connections) client(ctx context.Context, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     untilDone{ctx, c.transport},
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (c connections) close() { c.transport.CloseIdleConnections() }

// untilDone lets an interruption end the requests under way, which vegeta can't.
type untilDone struct {
	ctx  context.Context
	next http.RoundTripper
}

// RoundTrip sends the request under a context that ends with either of the two.
func (u untilDone) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(u.ctx, cancel)
	res, err := u.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		stop()
		cancel()
		return nil, err
	}
	res.Body = &releasing{res.Body, func() { stop(); cancel() }}
	return res, nil
}

// releasing runs release when the body is closed.
type releasing struct {
	io.ReadCloser
	release func()
}

// Close closes the body and releases what belongs to it.
func (r *releasing) Close() error {
	defer r.release()
	return r.ReadCloser.Close()
}
