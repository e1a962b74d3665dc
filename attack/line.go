package attack

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// line is one connection of a fine sender. It carries one request at a time; a
// goroutine of its own reads the answers.
type line struct {
	sender                *FineSender
	scheme, host, address string

	raw    net.Conn // nil when there is none
	conn   net.Conn // raw, or TLS over it
	reader *bufio.Reader
	asked  chan flight
}

// flight is a request under way.
type flight struct {
	volley  *volley
	sample  Sample
	request *prepared
	written bool // already; else the line writes it
}

// connect opens the line's connection.
func (l *line) connect(ctx context.Context) error {
	raw, err := l.sender.conns.connect(ctx, "tcp", l.address)
	if err != nil {
		return err
	}
	l.raw, l.conn = raw, raw
	if l.scheme == "https" {
		settings := &tls.Config{}
		if given := l.sender.conns.settings.TLS; given != nil {
			settings = given.Clone()
		}
		if settings.ServerName == "" {
			settings.ServerName = l.host
		}
		settings.NextProtos = []string{"http/1.1"}
		secure := tls.Client(raw, settings)
		ctx, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		if err := secure.HandshakeContext(ctx); err != nil {
			l.hangUp()
			return err
		}
		l.conn = secure
	}
	l.reader = bufio.NewReaderSize(l.conn, bufferBytes)
	return nil
}

func (l *line) hangUp() {
	if l.raw != nil {
		l.raw.Close()
	}
	l.raw, l.conn = nil, nil
}

// reconnect replaces the connection. Without one the line is passed over until
// the next attempt.
func (l *line) reconnect(ctx context.Context) {
	l.hangUp()
	l.connect(ctx)
}

// serve reads the answers, one after the other, until the sender is closed.
func (l *line) serve(ctx context.Context) {
	defer l.hangUp()
	for {
		select {
		case f := <-l.asked:
			l.carry(ctx, f)
		case <-ctx.Done():
			return
		}
	}
}

// carry takes a request to its end.
func (l *line) carry(ctx context.Context, f flight) {
	raw := l.raw // which may be hung up before that
	release := context.AfterFunc(ctx, func() { raw.SetDeadline(time.Unix(1, 0)) })
	defer release()
	if ctx.Err() == nil { // else it has its deadline already
		l.conn.SetDeadline(time.Now().Add(f.request.timeout))
	}
	keeps, err := l.exchange(&f)
	f.sample.Done = time.Since(f.volley.origin)
	if err != nil {
		f.sample.Err = errorKind(err)
		if ctx.Err() != nil || f.volley.ctx.Err() != nil {
			f.sample.Err = ErrCanceled
		}
	}
	if err == nil && keeps {
		l.sender.release(l) // first, so that the next volley finds it
		f.volley.done(f.sample)
		return
	}
	f.volley.done(f.sample)
	l.reconnect(ctx)
	l.sender.release(l)
}

// exchange writes the request where that is left to do, and reads its answer.
// keeps reports whether the connection can be used again.
func (l *line) exchange(f *flight) (keeps bool, err error) {
	if !f.written {
		if _, err := l.conn.Write(f.request.bytes); err != nil {
			return false, err
		}
	}
	var res *http.Response
	for {
		if res, err = http.ReadResponse(l.reader, f.request.request); err != nil {
			return false, err
		}
		if res.StatusCode >= 200 || res.StatusCode == http.StatusSwitchingProtocols {
			break
		}
	}
	defer res.Body.Close()
	kind, size, err := f.request.answer.read(res)
	f.sample.Code, f.sample.Bytes, f.sample.Err = res.StatusCode, size, kind
	return !res.Close && kind != ErrTooLarge && res.StatusCode != http.StatusSwitchingProtocols, err
}
