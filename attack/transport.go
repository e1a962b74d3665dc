package attack

import "crypto/tls"

// Protocol is the version of HTTP that is spoken.
type Protocol string

// The protocols. The empty one is HTTP/1.1.
const (
	HTTP1 Protocol = "http/1.1"
	HTTP2 Protocol = "http/2" // over TLS
	H2C   Protocol = "h2c"    // HTTP/2 without TLS, known beforehand
)

// Transport is how a target is talked to. The zero value is HTTP/1.1 with as
// many connections as the load needs.
type Transport struct {
	Protocol Protocol
	// Connections is how many may be open at once; as many as the load needs when
	// zero. Fewer than the load needs makes requests wait in the generator. The
	// wait is part of their service time, and so of their response time: a request
	// counts as sent once it asks for a connection.
	Connections int
	Socket      string      // path of a Unix socket to connect to, whatever the URL's host
	TLS         *tls.Config // nil for the default
	// Fresh opens a new connection for each request.
	Fresh bool
}
