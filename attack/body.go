package attack

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"regexp"
	"sync"
)

// answer is what a stream wants of an answer.
type answer struct {
	expects func(code int) bool
	match   *regexp.Regexp // nil for any body
	most    int64          // bytes of a body
}

func (s Stream) answer() answer {
	return answer{expects: s.Expects, match: s.Match, most: cmp.Or(s.MaxBody, DefaultMaxBody)}
}

// read reads the body to its end, or to one byte more than is allowed, and tells
// what is wrong with the answer and how many bytes there were. The body is only
// kept where it has to be matched.
func (a answer) read(res *http.Response) (ErrorKind, int64, error) {
	body := io.LimitedReader{R: res.Body, N: a.most + 1}
	if a.match == nil {
		size, err := io.Copy(io.Discard, &body)
		return a.judge(res.StatusCode, nil, size), size, err
	}
	kept := keptBodies.Get().(*bytes.Buffer)
	kept.Reset()
	size, err := kept.ReadFrom(&body)
	kind := a.judge(res.StatusCode, kept.Bytes(), size)
	if kept.Cap() <= keptLargest {
		keptBodies.Put(kept)
	}
	return kind, size, err
}

// keptLargest is the largest buffer that is used again.
const keptLargest = 1 << 20

var keptBodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (a answer) judge(code int, body []byte, size int64) ErrorKind {
	switch {
	case size > a.most:
		return ErrTooLarge
	case !a.expects(code):
		return ErrStatus
	case a.match != nil && !a.match.Match(body):
		return ErrBody
	}
	return ""
}
