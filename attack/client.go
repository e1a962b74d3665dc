package attack

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// connections is a pool of keep-alive connections, shared by the streams of a
// run and its warm-up.
type connections struct {
	transport *http.Transport
	dialer    *net.Dialer
	ready     chan net.Conn // opened beforehand, and not yet in use
}

// keptConnections is how many idle connections are kept warm: as many as a
// stalled target may leave waiting at once.
const keptConnections = 4096

func newConnections() *connections {
	c := &connections{
		dialer: &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second},
		ready:  make(chan net.Conn, keptConnections),
	}
	c.transport = &http.Transport{
		DialContext:         c.dial,
		MaxIdleConns:        keptConnections,
		MaxIdleConnsPerHost: keptConnections,
		DisableCompression:  true,
	}
	return c
}

// dial hands out a connection that was opened beforehand, while there is one.
func (c *connections) dial(ctx context.Context, network, address string) (net.Conn, error) {
	for {
		select {
		case conn := <-c.ready:
			if conn.RemoteAddr().String() == address {
				return conn, nil
			}
			conn.Close()
		default:
			return c.dialer.DialContext(ctx, network, address)
		}
	}
}

// open opens n connections to the target, so that a stall does not measure how
// long it takes to connect.
func (c *connections) open(ctx context.Context, target string, n int) error {
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	for range min(n, cap(c.ready)-len(c.ready)) {
		conn, err := c.dialer.DialContext(ctx, "tcp", u.Host)
		if err != nil {
			return fmt.Errorf("the target can't be connected to: %w", err)
		}
		c.ready <- conn
	}
	return nil
}

// client makes a client whose requests end with the context. It does not follow
// redirects: a stream measures the request that it names.
func (c *connections) client(ctx context.Context, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     untilDone{ctx, c.transport},
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (c *connections) close() {
	c.transport.CloseIdleConnections()
	for {
		select {
		case conn := <-c.ready:
			conn.Close()
		default:
			return
		}
	}
}

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
