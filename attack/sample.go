package attack

import (
	"net/http"
	"time"
)

// Sample is one request: when it was meant to be sent, when it was sent and
// when its answer was complete. The three times are offsets from the moment
// the measured part of the run began.
type Sample struct {
	Stream   int // index into Run.Streams
	Seq      int // which request of its stream, from 0: its intended time is the schedule's Due(Seq)
	Request  int // index into the stream's Requests
	Intended time.Duration
	Sent     time.Duration
	Done     time.Duration
	Code     int       // HTTP status, 0 when there was no answer
	Bytes    int64     // size of the response body
	Err      ErrorKind // what was wrong: no answer, or not the expected one; else empty
}

// Response is done − intended: what a user who wanted the answer at the
// intended moment had to wait. It is free of coordinated omission.
func (s Sample) Response() time.Duration { return s.Done - s.Intended }

// Service is done − sent: what the target took once the request was under way.
func (s Sample) Service() time.Duration { return s.Done - s.Sent }

// SendLag is sent − intended: the generator's own lateness.
func (s Sample) SendLag() time.Duration { return s.Sent - s.Intended }

// Answered reports whether an answer arrived, expected or not: only then do its
// times say something about the target's speed.
func (s Sample) Answered() bool { return s.Err == "" || s.Err == ErrStatus || s.Err == ErrBody }

// Shed reports whether the target was too busy to serve the request and said so,
// as the stream expects it to: a quick answer that served nobody. (An unexpected
// one is of kind ErrStatus.)
func (s Sample) Shed() bool { return s.Err == "" && s.Code == http.StatusServiceUnavailable }

// Served reports whether an answer arrived of a target that was not too busy.
func (s Sample) Served() bool { return s.Answered() && !s.Shed() }

// Timed reports whether the times say how long a user waited: of an answer, or of
// a request that was given up at its timeout, which waited at least that long.
func (s Sample) Timed() bool { return s.Answered() || s.Err == ErrTimeout }

// ErrorKind groups failures by what a user would do about them.
type ErrorKind string

// Answers that are not what the stream expects.
const (
	ErrStatus ErrorKind = "status" // an unexpected code
	ErrBody   ErrorKind = "body"   // a body that does not match
)

// The kinds of failure of a request that got no answer.
const (
	ErrTimeout     ErrorKind = "timeout"     // no answer within the stream's timeout
	ErrRefused     ErrorKind = "refused"     // nobody listens there
	ErrUnreachable ErrorKind = "unreachable" // no way to that host
	ErrReset       ErrorKind = "reset"       // the connection was closed before the answer was complete
	ErrCanceled    ErrorKind = "canceled"    // the run was interrupted
	ErrFiles       ErrorKind = "files"       // the generator ran out of file descriptors
	ErrPorts       ErrorKind = "ports"       // the generator ran out of local ports
	ErrName        ErrorKind = "dns"         // the host's name can't be resolved
	ErrTLS         ErrorKind = "tls"         // no secure connection: certificate or handshake
	ErrGarbage     ErrorKind = "garbage"     // what came back is not HTTP
	ErrTooLarge    ErrorKind = "too-large"   // the body was longer than the stream allows
	ErrOther       ErrorKind = "other"
)
