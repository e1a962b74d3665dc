package attack

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// seqHeader is where vegeta writes a request's number.
const seqHeader = "X-Vegeta-Seq"

// exchange stands between vegeta and the connections: it sends the stream's
// request of that number, reads the answer to its end and judges it. Vegeta gets
// the outcome as the body of an answer that is always fine, so that nothing is
// lost on the way through its own notion of success.
type exchange struct {
	ctx      context.Context // ends the requests under way, which vegeta can't
	next     http.RoundTripper
	timeout  time.Duration
	requests []*http.Request // to be copied for each sending
	bodies   [][]byte
	order    cycle
	first    int // is added to vegeta's numbers
	answer   answer
	once     bool // what is sent twice counts as lost
}

var _ http.RoundTripper = (*exchange)(nil)

func newExchange(ctx context.Context, conns *connections, url string, s Stream) (*exchange, error) {
	x := &exchange{ctx: ctx, next: conns.transport, timeout: s.timeout(), answer: s.answer(), first: s.first, once: conns.once}
	for _, r := range s.Requests {
		req, err := r.on(url)
		if err == nil {
			err = conns.speaks(req.URL.Scheme)
		}
		if err != nil {
			return nil, fmt.Errorf("stream %q: request %q can't be sent: %w", s.Name, r.Label(), err)
		}
		x.requests = append(x.requests, req)
		x.bodies = append(x.bodies, r.Body)
	}
	var err error
	x.order, err = newCycle(s.Requests)
	return x, err
}

// on makes the request against the target at url.
func (r Request) on(url string) (*http.Request, error) {
	if strings.HasPrefix(r.URL, "/") {
		url += r.URL
	} else {
		url = r.URL
	}
	req, err := http.NewRequest(r.Method, url, nil)
	if err != nil {
		return nil, err
	}
	if user := req.URL.User; user != nil {
		password, _ := user.Password()
		login := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		req.Header.Set("Authorization", "Basic "+login)
	}
	for name, values := range r.Header {
		if strings.EqualFold(name, "Host") && len(values) > 0 {
			req.Host = values[0]
			continue
		}
		req.Header[name] = values
	}
	if len(r.Body) > 0 {
		req.ContentLength = int64(len(r.Body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
	}
	return req, nil
}

// RoundTrip carries out the exchange to its end. Its answer to vegeta holds the
// outcome, and is never an error.
func (x *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	seq := r.Header[seqHeader]
	n, err := strconv.Atoi(seq[0])
	if err != nil {
		return nil, err
	}
	if x.first > 0 {
		n += x.first
		seq = []string{strconv.Itoa(n)}
	}
	ctx, cancel := context.WithTimeout(x.ctx, x.timeout)
	defer cancel()
	o := x.carryOut(x.request(ctx, x.order.at(n), seq))
	return &http.Response{StatusCode: http.StatusOK, Body: &note{outcome: o}}, nil
}

// client is what vegeta sends with. The timeout is the exchange's own, and no
// redirect ever reaches the client: a stream measures the request that it names.
func (x *exchange) client() *http.Client { return &http.Client{Transport: x} }

func (x *exchange) request(ctx context.Context, i int, seq []string) *http.Request {
	req := x.requests[i].WithContext(ctx)
	header := make(http.Header, len(req.Header)+1)
	for name, values := range req.Header {
		header[name] = values
	}
	header[seqHeader] = seq
	req.Header = header
	if len(x.bodies[i]) > 0 {
		req.Body = io.NopCloser(bytes.NewReader(x.bodies[i]))
	}
	return req
}

func (x *exchange) carryOut(req *http.Request) outcome {
	if x.once {
		return x.sendOnce(req)
	}
	return x.send(req)
}

func (x *exchange) send(req *http.Request) outcome {
	res, err := x.next.RoundTrip(req)
	if err != nil {
		return outcome{kind: x.errorKind(err)}
	}
	defer res.Body.Close()
	kind, size, err := x.answer.read(res)
	switch {
	case err != nil:
		return outcome{bytes: size, kind: x.errorKind(err)}
	case kind == ErrTooLarge:
		return outcome{bytes: size, kind: kind}
	}
	return outcome{code: res.StatusCode, bytes: size, kind: kind}
}

func (x *exchange) errorKind(err error) ErrorKind {
	if x.ctx.Err() != nil && endedBy(err, x.ctx) {
		return ErrCanceled
	}
	return errorKind(err)
}
