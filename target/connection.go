package target

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
)

// connection is a client's connection with what is under way on it. It knows
// two things that net/http does not tell: whether a shutdown may close it at
// once, and that a client which took too long shall hear so.
type connection struct {
	*net.TCPConn
	use  atomic.Int32
	step atomic.Int32
}

// What a connection is used for.
const (
	unused  int32 = iota // no whole request is under way
	working              // from a whole request to the end of its answer
	closed               // by a shutdown
)

// What a connection waits for.
const (
	header  int32 = iota // the rest of a request's header
	idle                 // the first byte of another request
	handler              // an answer, or the rest of a request's body
)

// begin is said when a request is whole. It reports false when a shutdown has
// closed the connection before.
func (c *connection) begin() bool { return c.use.CompareAndSwap(unused, working) }

// Read reads; a header that did not come in time is answered as Node answers it.
func (c *connection) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if n > 0 {
		c.step.CompareAndSwap(idle, header)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && c.step.Load() == header {
		io.WriteString(c.TCPConn, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
	}
	return n, err
}

// changed follows net/http's own account of the connection.
func (c *connection) changed(state http.ConnState) {
	switch state {
	case http.StateActive: // the header is whole, or wrong
		c.step.Store(handler)
	case http.StateIdle: // the answer is out
		c.step.Store(idle)
		c.use.CompareAndSwap(working, unused)
	}
}

// connections is a listener that knows its open connections.
type connections struct {
	net.Listener
	mu      sync.Mutex
	open    map[*connection]struct{}
	closing bool
}

func newConnections(l net.Listener) *connections {
	return &connections{Listener: l, open: map[*connection]struct{}{}}
}

// Accept waits for a client.
func (l *connections) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &connection{TCPConn: accepted.(*net.TCPConn)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[c] = struct{}{}
	if l.closing {
		c.closeUnused()
	}
	return c, nil
}

// closeUnused closes every connection on which no whole request is under way,
// also one that is accepted from now on.
func (l *connections) closeUnused() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closing = true
	for c := range l.open {
		c.closeUnused()
	}
}

func (c *connection) closeUnused() {
	if c.use.CompareAndSwap(unused, closed) {
		c.Close()
	}
}

// working is how many connections still wait for an answer, or for their client
// to read it.
func (l *connections) working() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		if c.use.Load() == working {
			n++
		}
	}
	return n
}

// changed is net/http's hook.
func (l *connections) changed(conn net.Conn, state http.ConnState) {
	c := conn.(*connection)
	c.changed(state)
	if state == http.StateClosed {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.open, c)
	}
}

type connectionKey struct{}

// inContext lets a request find its connection.
func (l *connections) inContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

func connectionOf(r *http.Request) *connection {
	return r.Context().Value(connectionKey{}).(*connection)
}
