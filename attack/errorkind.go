package attack

import (
	"context"
	"errors"
	"net"
	"strings"
)

// errorPhrases tells a failure's kind from its message, since net/http gives
// most of them no type; the first that fits counts.
var errorPhrases = []struct {
	phrase string
	kind   ErrorKind
}{
	{"too many open files", ErrFiles},
	{"cannot assign requested address", ErrPorts},
	{"no such host", ErrName},
	{"server gave HTTP response to HTTPS client", ErrTLS},
	{"certificate", ErrTLS},
	{"x509: ", ErrTLS},
	{"tls: ", ErrTLS},
	{"unexpected ALPN protocol", ErrTLS},
	{"malformed", ErrGarbage},
	{"invalid header", ErrGarbage},
	{"invalid byte in chunk length", ErrGarbage},
	{"transfer encoding", ErrGarbage},
	{"Content-Length", ErrGarbage},
	{"response headers exceeded", ErrGarbage},
	{"looked like an HTTP/1.1 header", ErrGarbage},
	{"frame too large", ErrGarbage},
	{"client conn could not be established", ErrGarbage}, // nothing of HTTP/2 came back
	{"PROTOCOL_ERROR", ErrGarbage},
	{"Client.Timeout", ErrTimeout},
	{"i/o timeout", ErrTimeout},
	{"handshake timeout", ErrTimeout},
	{"timeout awaiting", ErrTimeout},
	{"connection refused", ErrRefused},
	{"no such file or directory", ErrRefused}, // of a Unix socket
	{"no route to host", ErrUnreachable},
	{"network is unreachable", ErrUnreachable},
	{"host is down", ErrUnreachable},
	{"connection reset", ErrReset},
	{"broken pipe", ErrReset},
	{"EOF", ErrReset},
	{"closed network connection", ErrReset},
	{"server closed idle connection", ErrReset},
	{"GOAWAY", ErrReset},
	{"stream error", ErrReset},
	{"connection lost", ErrReset},
	{"connection error", ErrReset},
}

// errorKind sorts why a request got no answer.
func errorKind(err error) ErrorKind {
	var name *net.DNSError
	message := err.Error()
	switch {
	case errors.Is(err, context.Canceled):
		return ErrCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return ErrTimeout
	case errors.As(err, &name) && !strings.Contains(message, "too many open files"):
		return ErrName
	}
	for _, p := range errorPhrases {
		if strings.Contains(message, p.phrase) {
			return p.kind
		}
	}
	return ErrOther
}

// endedBy reports whether the context's end is what the request failed of.
func endedBy(err error, ctx context.Context) bool {
	return errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))
}
