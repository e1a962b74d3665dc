package attack

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Look asks for a request once, beside any measurement, and gives the answer's code
// and header.
func (s *FineSender) Look(ctx context.Context, r Request, timeout time.Duration) (code int, header http.Header, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := r.on(s.url)
	if err != nil {
		return 0, nil, err
	}
	if req.GetBody != nil {
		req.Body, _ = req.GetBody()
	}
	res, err := s.conns.transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	_, err = io.CopyN(io.Discard, res.Body, DefaultMaxBody)
	if err == io.EOF {
		err = nil
	}
	return res.StatusCode, res.Header, err
}
