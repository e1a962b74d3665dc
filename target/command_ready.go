package target

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// The pauses between two questions whether a command answers.
const (
	firstPause   = 10 * time.Millisecond
	longestPause = 200 * time.Millisecond
)

// errPortTaken is why a command ended whose port another had taken.
var errPortTaken = errors.New("address already in use")

// readyURL is what is asked for until it is answered.
func (c *Command) readyURL(base, port string) (string, error) {
	ready := strings.ReplaceAll(c.Ready, portMark, port)
	switch {
	case ready == "":
		return base + "/", nil
	case strings.HasPrefix(ready, "/"):
		return base + ready, nil
	}
	u, err := url.Parse(ready)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("the ready URL %q must be a path, such as /health, or a whole URL with http:// or https://", c.Ready)
	}
	return ready, nil
}

func (c *Command) readyTimeout() time.Duration {
	if c.ReadyTimeout == 0 {
		return DefaultReadyTimeout
	}
	return c.ReadyTimeout
}

// awaitReady returns when the URL was answered while the process lives, or with
// the reason why it wasn't.
func (c *Command) awaitReady(ctx context.Context, p *process, url, port string) error {
	asking, cancel := context.WithTimeout(ctx, c.readyTimeout())
	defer cancel()
	go func() {
		select {
		case <-p.gone:
			cancel()
		case <-asking.Done():
		}
	}()
	last := ask(asking, url)
	for pause := firstPause; last != nil && wait(asking, pause); pause = min(2*pause, longestPause) {
		if err := ask(asking, url); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			last = err // and not that we stopped asking
		}
	}
	select {
	case <-p.gone:
		return c.endedEarly(p, url)
	default:
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the target %q was not waited for: %w", c, context.Cause(ctx))
	case last != nil:
		return fmt.Errorf("the target %q did not answer GET %s within %v (%w)%s%s", c, url, c.readyTimeout(), last, c.portHint(port), p.said())
	}
	return nil
}

// endedEarly says that and, where it can be told, why the process ended before
// it was ready.
func (c *Command) endedEarly(p *process, url string) error {
	text := fmt.Sprintf("the target %q ended (%v) before it answered GET %s", c, p.cmd.ProcessState, url)
	if !saysPortTaken(p.output.String()) {
		return errors.New(text + p.said())
	}
	return fmt.Errorf("%s: %w; it must listen on the free port in the environment variable PORT, or written as %s in its arguments%s",
		text, errPortTaken, portMark, p.said())
}

// saysPortTaken recognises how programs report that they can't have their port.
func saysPortTaken(output string) bool {
	output = strings.ToLower(output)
	for _, sign := range []string{"eaddrinuse", "address already in use", "address in use", "only one usage of each socket address"} {
		if strings.Contains(output, sign) {
			return true
		}
	}
	return false
}

// portHint says what is wrong when nobody listens on the port's IPv4 address.
func (c *Command) portHint(port string) string {
	if c.Ready != "" && c.Ready[0] != '/' {
		return "" // it listens where it was said to
	}
	if listens("127.0.0.1:" + port) {
		return ""
	}
	if listens("[::1]:" + port) {
		return "; it listens on [::1] alone: make it listen on 127.0.0.1"
	}
	return "; it must listen on 127.0.0.1 and the port in the environment variable PORT, or written as " + portMark + " in its arguments"
}

func listens(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// wait pauses; it reports false when the context ends it.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// ask reports nil when the URL is answered with any status, over HTTP/1.1 or
// HTTP/2.
func ask(ctx context.Context, url string) error {
	var only1, only2 http.Protocols
	only1.SetHTTP1(true)
	only2.SetHTTP2(true)
	only2.SetUnencryptedHTTP2(true)
	err := askOver(ctx, url, &only1)
	var failed *net.OpError
	if err == nil || ctx.Err() != nil || errors.As(err, &failed) && failed.Op == "dial" {
		return err
	}
	if askOver(ctx, url, &only2) == nil { // someone is there who may speak nothing else
		return nil
	}
	return err
}

// askOver doesn't check certificates, since nothing is told to the server or
// believed of it.
func askOver(ctx context.Context, url string, protocols *http.Protocols) error {
	transport := &http.Transport{Protocols: protocols, DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var reached atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { reached.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if errors.Is(err, context.DeadlineExceeded) && reached.Load() {
		return errors.New("it was asked and gave no answer")
	}
	if err != nil {
		return withoutURL(err)
	}
	res.Body.Close() // unread: it may have no end
	return nil
}

// withoutURL leaves out what net/http puts before the reason.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
