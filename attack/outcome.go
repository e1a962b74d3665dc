package attack

import (
	"encoding/binary"
	"errors"
	"io"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// outcome is what came of an exchange.
type outcome struct {
	code  int // 0 when there was no whole answer
	bytes int64
	kind  ErrorKind // empty when the answer is the expected one
}

// note is an outcome as a body: two bytes of code, eight of size, and the kind.
type note struct {
	outcome
	read bool
}

var _ io.ReadCloser = (*note)(nil)

const noteSize = 10

// Read gives the whole note at once.
func (n *note) Read(p []byte) (int, error) {
	switch {
	case n.read:
		return 0, io.EOF
	case len(p) < noteSize+len(n.kind):
		return 0, io.ErrShortBuffer
	}
	n.read = true
	binary.BigEndian.PutUint16(p, uint16(n.code))
	binary.BigEndian.PutUint64(p[2:], uint64(n.bytes))
	return noteSize + copy(p[noteSize:], n.kind), io.EOF
}

// Close does nothing.
func (n *note) Close() error { return nil }

// outcomeOf reads the note that vegeta hands over. Without one it was vegeta
// that failed, before the exchange.
func outcomeOf(r *vegeta.Result) outcome {
	if len(r.Body) < noteSize {
		return outcome{kind: errorKind(errors.New(r.Error))}
	}
	o := outcome{
		code:  int(binary.BigEndian.Uint16(r.Body)),
		bytes: int64(binary.BigEndian.Uint64(r.Body[2:])),
	}
	if len(r.Body) > noteSize {
		o.kind = ErrorKind(r.Body[noteSize:])
	}
	return o
}
