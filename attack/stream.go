package attack

import (
	"fmt"
	"net/http"
	"time"
)

// Role says what a stream is for.
type Role string

// A probe is cheap and feels the loop's stalls; an offender is suspected of
// causing them.
const (
	Probe    Role = "probe"
	Offender Role = "offender"
)

// Request is what a stream sends: a path on the arm's target (or a whole URL).
type Request struct {
	Method string // GET when empty
	URL    string
	Header http.Header
	Body   []byte
}

// Stream is one flow of requests with its own schedule.
type Stream struct {
	Name     string
	Role     Role
	Requests []Request // sent in turn
	Schedule Schedule
	Timeout  time.Duration // per request; DefaultTimeout when zero
	// Expect tells the codes that count as an answer; 2xx and 3xx when nil.
	Expect func(code int) bool
}

// DefaultTimeout is how long a request may take when its stream says nothing.
const DefaultTimeout = 30 * time.Second

// Expects reports whether code counts as an answer for this stream.
func (s Stream) Expects(code int) bool {
	if s.Expect != nil {
		return s.Expect(code)
	}
	return code >= 200 && code < 400
}

func (s Stream) validate() error {
	switch {
	case len(s.Requests) == 0:
		return fmt.Errorf("stream %q has no requests", s.Name)
	case s.Schedule == nil:
		return fmt.Errorf("stream %q has no schedule", s.Name)
	}
	return nil
}
