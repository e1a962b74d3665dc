package target

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// patience is how long a client may take to send its request.
type patience struct {
	header time.Duration
	body   time.Duration
	idle   time.Duration // and to begin another
	quiet  time.Duration // and for a shutdown to take it that no more will come
}

// defaultPatience is that of Node's servers (headersTimeout, requestTimeout),
// but for idle connections, which load generators keep for longer than Node's 5 s.
var defaultPatience = patience{header: 60 * time.Second, body: 300 * time.Second, idle: 2 * time.Minute}

// quietMost bounds how long a shutdown listens to clients that keep connections open
// and send nothing on them.
const quietMost = 500 * time.Millisecond

// within adds what follows from the grace period: a tenth of a second from the
// default one.
func (p patience) within(grace time.Duration) patience {
	p.quiet = min(grace/50, quietMost)
	return p
}

// maxBody bounds the body of a request, in bytes; no route has a use for one.
const maxBody = 1 << 20

// receive waits until the request is whole, and drops its body. It reports
// false when there is nobody left to be served: the client was too slow or sent
// too much, which it is told, or it has gone.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) bool {
	if r.Body == http.NoBody {
		return true
	}
	deadline := http.NewResponseController(w)
	deadline.SetReadDeadline(time.Now().Add(s.patience.body))
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		deadline.SetReadDeadline(time.Time{})
		return true
	}
	w.Header().Set("Connection", "close")
	var tooMuch *http.MaxBytesError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		http.Error(w, "the request took too long to arrive", http.StatusRequestTimeout)
	case errors.As(err, &tooMuch):
		http.Error(w, fmt.Sprintf("a body may have %d bytes at most", maxBody), http.StatusRequestEntityTooLarge)
	default:
		http.Error(w, "the request is not whole", http.StatusBadRequest)
	}
	return false
}
