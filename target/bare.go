package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Bare is a server that runs already: looptest neither starts nor stops it. It
// is comparable.
type Bare struct {
	Address string // its URL, or as ParseURL takes it
	Socket  string // path of the Unix socket that it listens on, if it does; then Address may be empty
}

var _ Starter = Bare{}

// String is the address, as it was given.
func (b Bare) String() string {
	if b.Socket == "" {
		return b.Address
	}
	return strings.TrimSpace(b.Address + " on the socket " + b.Socket)
}

// Start checks that a connection can be made.
func (b Bare) Start(ctx context.Context) (Target, error) {
	address := b.Address
	if b.Socket != "" && address == "" {
		address = "http://localhost"
	}
	base, err := ParseURL(address)
	if err != nil {
		return nil, err
	}
	if b.Socket != "" {
		if err := connectable(ctx, "unix", b.Socket); err != nil {
			return nil, err
		}
		return &bareTarget{url: base}, nil
	}
	if err := connectable(ctx, "tcp", hostPort(base)); err != nil {
		return nil, err
	}
	return &bareTarget{url: base, loop: findObserver(ctx, base)}, nil
}

// ParseURL makes the URL that requests go to of what a user writes: http or
// https, a host, a port and a path before the requests' own, all but the host
// optional. It has no slash at its end.
func ParseURL(address string) (string, error) {
	whole := address
	if !strings.Contains(whole, "://") {
		whole = "http://" + whole
	}
	u, err := url.Parse(whole)
	switch {
	case err != nil:
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return "", fmt.Errorf("the URL %q can't be read: %w", address, err)
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("the URL %q begins with %s://; it must begin with http:// or https://", address, u.Scheme)
	case u.User != nil:
		return "", fmt.Errorf("the URL %q holds a user name; give it as a header (Authorization) instead", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", fmt.Errorf("the URL %q of a target ends with a query or fragment; these belong to its requests", address)
	case u.Hostname() == "" && u.Port() == "":
		return "", fmt.Errorf("the URL %q names no host; write it as http://localhost:3000", address)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "", fmt.Errorf("the URL %q has the port %s; it must be from 1 to 65535", address, port)
		}
	}
	if u.Hostname() == "" {
		u.Host = "localhost:" + u.Port()
	}
	u.Host = strings.TrimSuffix(u.Host, ":")
	return strings.TrimRight(u.String(), "/"), nil
}

// hostPort is what a connection to the URL is made to.
func hostPort(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// bareTarget is a server that answers and is not ours.
type bareTarget struct {
	url  string
	loop *httpObserver // of a reference server; else nil
}

func (t *bareTarget) URL() string { return t.url }

// Observer shows the loop of a reference server on this machine, and nothing of
// any other.
func (t *bareTarget) Observer() Observer {
	if t.loop != nil {
		return t.loop
	}
	return nil
}

// Gone is nil: whether the server lives, its answers tell.
func (t *bareTarget) Gone() <-chan struct{} { return nil }

// Err is nil: see Gone.
func (t *bareTarget) Err() error { return nil }

// Stop leaves the server as it is.
func (t *bareTarget) Stop() error {
	if t.loop != nil {
		t.loop.client.CloseIdleConnections()
	}
	return nil
}
