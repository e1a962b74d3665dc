package attack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// connections is a pool of connections, shared by the streams of a run and its
// warm-up.
type connections struct {
	settings  Transport
	once      bool // what is sent twice counts as lost
	transport *http.Transport
	dialer    *net.Dialer
	ready     chan opened // opened beforehand, and not yet in use
	open      context.Context
	end       context.CancelFunc // of open: nothing is dialled any more
}

// opened is a connection and what was dialled for it.
type opened struct {
	net.Conn
	address string
}

const (
	// keptConnections is how many idle connections are kept warm: as many as a
	// stalled target may leave waiting at once.
	keptConnections = 4096
	connectTimeout  = 10 * time.Second
	headerBytes     = 1 << 20 // of an answer, at most
	// unusedFor is when an idle connection is closed: what a stall has piled up
	// would otherwise stay, with its memory, to the end of the run. The
	// connections used last are used first, so that it takes no other.
	unusedFor = 30 * time.Second
	// bufferBytes is of a connection's two buffers each. Larger bodies pass them by.
	bufferBytes = 2 << 10
)

func newConnections(t Transport) *connections {
	c := &connections{
		settings: t,
		dialer:   &net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second},
		ready:    make(chan opened, keptConnections),
	}
	c.open, c.end = context.WithCancel(context.Background())
	c.transport = &http.Transport{
		DialContext:            c.dial,
		Protocols:              t.Protocol.set(),
		MaxConnsPerHost:        t.Connections,
		DisableKeepAlives:      t.Fresh,
		TLSHandshakeTimeout:    connectTimeout,
		MaxIdleConns:           keptConnections,
		MaxIdleConnsPerHost:    keptConnections,
		IdleConnTimeout:        unusedFor,
		ReadBufferSize:         bufferBytes,
		WriteBufferSize:        bufferBytes,
		MaxResponseHeaderBytes: headerBytes,
		DisableCompression:     true,
	}
	if t.TLS != nil {
		c.transport.TLSClientConfig = t.TLS.Clone()
	}
	return c
}

func (p Protocol) set() *http.Protocols {
	var only http.Protocols
	switch p {
	case HTTP2:
		only.SetHTTP2(true)
	case H2C:
		only.SetUnencryptedHTTP2(true)
	default:
		only.SetHTTP1(true)
	}
	return &only
}

func (t Transport) validate() error {
	switch t.Protocol {
	case "", HTTP1, HTTP2, H2C:
	default:
		return fmt.Errorf("protocol %q is not one of %q, %q and %q", t.Protocol, HTTP1, HTTP2, H2C)
	}
	if t.Connections < 0 {
		return fmt.Errorf("%d connections: there can't be less than 0", t.Connections)
	}
	return nil
}

// speaks tells whether the protocol can be spoken with URLs of that scheme.
func (c *connections) speaks(scheme string) error {
	switch {
	case scheme != "http" && scheme != "https":
		return fmt.Errorf("the URL's scheme is %q; it has to be http or https", scheme)
	case scheme == "http" && c.settings.Protocol == HTTP2:
		return errors.New("http/2 needs an https URL; without TLS it is called h2c")
	case scheme == "https" && c.settings.Protocol == H2C:
		return errors.New("h2c needs an http URL; over TLS it is called http/2")
	}
	return nil
}

// dial hands out a connection that was opened beforehand, while there is one
// that the target has not closed since.
func (c *connections) dial(ctx context.Context, network, address string) (net.Conn, error) {
	for {
		select {
		case conn := <-c.ready:
			if conn.address == address && alive(conn.Conn) {
				return conn.Conn, nil
			}
			conn.Close()
		default:
			return c.connect(ctx, network, address)
		}
	}
}

// connect opens a connection. A run that is over gives up on it.
func (c *connections) connect(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.open, cancel)()
	if c.settings.Socket != "" {
		network, address = "unix", c.settings.Socket
	}
	return c.dialer.DialContext(ctx, network, address)
}

// openReady opens n connections to the target, so that a stall does not measure
// how long it takes to connect. It opens none that would not be used.
func (c *connections) openReady(ctx context.Context, target string, n int) error {
	switch {
	case c.settings.Fresh:
		n = 0
	case c.settings.Protocol == HTTP2 || c.settings.Protocol == H2C:
		n = min(n, 1)
	}
	if most := c.settings.Connections; most > 0 {
		n = min(n, most)
	}
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	for range min(n, cap(c.ready)-len(c.ready)) {
		conn, err := c.connect(ctx, "tcp", addressOf(u))
		if err != nil {
			return fmt.Errorf("the target can't be connected to: %w", err)
		}
		c.ready <- opened{conn, addressOf(u)}
	}
	return nil
}

// addressOf is what net/http dials for the URL.
func addressOf(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (c *connections) close() {
	c.end()
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
