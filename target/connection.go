package target

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
)

// connection is a client's connection with what is under way on it. It knows
// two things that net/http does not tell: whether a shutdown may close it at
// once, and that a client which took too long shall hear so.
type connection struct {
	*net.TCPConn
	of   *connections
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
		c.of.heard.Add(1)
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

// closeUnused closes the connection when no whole request is under way on it.
func (c *connection) closeUnused() {
	if c.use.CompareAndSwap(unused, closed) {
		c.Close()
	}
}
