package attack

import "time"

// Sample is one request: when it was meant to be sent, when it was sent and
// when its answer was complete. The three times are offsets from the moment
// the measured part of the run began.
type Sample struct {
	Stream   int // index into Run.Streams
	Seq      int // which request of its stream, from 0: its intended time is the schedule's Due(Seq)
	Intended time.Duration
	Sent     time.Duration
	Done     time.Duration
	Code     int       // HTTP status, 0 when there was no answer
	Bytes    int64     // size of the response body
	Err      ErrorKind // empty when an answer arrived
}

// Response is done − intended: what a user who wanted the answer at the
// intended moment had to wait. It is free of coordinated omission.
func (s Sample) Response() time.Duration { return s.Done - s.Intended }

// Service is done − sent: what the target took once the request was under way.
func (s Sample) Service() time.Duration { return s.Done - s.Sent }

// SendLag is sent − intended: the generator's own lateness.
func (s Sample) SendLag() time.Duration { return s.Sent - s.Intended }

// ErrorKind groups transport failures by what a user would do about them.
type ErrorKind string

// The kinds of failure of a request that got no answer.
const (
	ErrTimeout  ErrorKind = "timeout"  // no answer within the stream's timeout
	ErrRefused  ErrorKind = "refused"  // nobody listens there
	ErrReset    ErrorKind = "reset"    // the connection was closed before the answer was complete
	ErrCanceled ErrorKind = "canceled" // the run was interrupted
	ErrFiles    ErrorKind = "files"    // the generator ran out of file descriptors
	ErrPorts    ErrorKind = "ports"    // the generator ran out of local ports
	ErrOther    ErrorKind = "other"
)
