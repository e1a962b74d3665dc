package attack

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strings"
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
	Name   string // in reports; method and path when empty
	Method string // GET when empty
	URL    string
	Header http.Header
	Body   []byte
	Weight int // how often it is sent among the stream's requests; 1 when zero
}

// Label is what reports call the request.
func (r Request) Label() string {
	if r.Name != "" {
		return r.Name
	}
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	path := r.URL
	if _, rest, found := strings.Cut(path, "://"); found {
		if at := strings.IndexByte(rest, '/'); at >= 0 {
			path = rest[at:]
		} else {
			path = "/"
		}
	}
	return method + " " + path
}

// Stream is one flow of requests with its own schedule.
type Stream struct {
	Name     string
	Role     Role
	Requests []Request // sent in turn, by weight
	Schedule Schedule
	Timeout  time.Duration // per request; DefaultTimeout when zero
	// Expect tells the codes that count as an answer; 2xx and 3xx when nil.
	Expect func(code int) bool
	Match  *regexp.Regexp // that the body has to match; nil for any
	// MaxBody is how many bytes of a body are read, at most; DefaultMaxBody when
	// zero. A longer one is an error of kind ErrTooLarge.
	MaxBody int64

	// first is the Seq of the schedule's request 0: a slice counts on where the
	// one before it ended.
	first int
}

// DefaultMaxBody bounds a body when the stream says nothing.
const DefaultMaxBody = 64 << 20

// DefaultTimeout is how long a request may take when its stream says nothing.
const DefaultTimeout = 30 * time.Second

// Expects reports whether code counts as an answer for this stream.
func (s Stream) Expects(code int) bool {
	if s.Expect != nil {
		return s.Expect(code)
	}
	return code >= 200 && code < 400
}

func (s Stream) timeout() time.Duration { return cmp.Or(s.Timeout, DefaultTimeout) }

func (s Stream) labels() []string {
	labels := make([]string, len(s.Requests))
	for i, r := range s.Requests {
		labels[i] = r.Label()
	}
	return labels
}

func (s Stream) validate() error {
	switch {
	case len(s.Requests) == 0:
		return fmt.Errorf("stream %q has no requests", s.Name)
	case s.Schedule == nil:
		return fmt.Errorf("stream %q has no schedule", s.Name)
	case s.MaxBody < 0 || s.MaxBody == math.MaxInt64:
		return fmt.Errorf("stream %q can't read bodies of %d bytes at most", s.Name, s.MaxBody)
	}
	if _, err := newCycle(s.Requests); err != nil {
		return fmt.Errorf("stream %q: %w", s.Name, err)
	}
	return nil
}
