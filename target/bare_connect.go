package target

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// connectTimeout is how long a server that runs already may take to accept a
// connection.
const connectTimeout = 5 * time.Second

// connectable makes a connection and closes it, or says what to check.
func connectable(ctx context.Context, network, address string) error {
	within, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	c, err := (&net.Dialer{}).DialContext(within, network, address)
	if err == nil {
		return c.Close()
	}
	if ctx.Err() != nil {
		return fmt.Errorf("no connection was made to %s: %w", address, context.Cause(ctx))
	}
	return fmt.Errorf("no connection to %s: %s (%w)", address, advice(network, err), err)
}

// advice says in words what went wrong, and what to check.
func advice(network string, err error) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("no address is known for the host %q; is it spelled right?", dns.Name)
	case errors.As(err, &dns):
		return fmt.Sprintf("the address of the host %q can't be looked up; is the network up?", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "it refuses connections; does the server run, and does it listen there?"
	case network == "unix" && errors.Is(err, fs.ErrNotExist):
		return "there is no such socket; does the server run, and is the path right?"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be connected to; who may use it, and does a firewall forbid it?"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no way leads there; are the network and the address right?"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "no more files may be opened here; raise the limit (ulimit -n)"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("it did not answer within %v; is the host up, and is a firewall in the way?", connectTimeout)
	}
	return "is the address right?"
}

// IsLoopback says whether all addresses of the URL's host are this machine's own:
// load on others needs its owner's word. A URL with the scheme unix is a socket
// and therefore here. The error is that the address can't be read or looked up.
func IsLoopback(raw string) (bool, error) {
	if u, err := url.Parse(raw); err == nil && (u.Scheme == "unix" || u.Scheme == "http+unix") {
		return true, nil
	}
	base, err := ParseURL(withoutQuery(raw))
	if err != nil {
		return false, err
	}
	host, _, err := net.SplitHostPort(hostPort(base))
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return false, fmt.Errorf("%s (%w)", advice("tcp", err), err)
	}
	for _, a := range addresses {
		if !isThisMachine(a) {
			return false, nil
		}
	}
	return len(addresses) > 0, nil
}

// withoutQuery leaves out what belongs to a request and not to its host.
func withoutQuery(raw string) string {
	for i, r := range raw {
		if r == '?' || r == '#' {
			return raw[:i]
		}
	}
	return raw
}

// isThisMachine is true of the loopback addresses, and of the unspecified ones,
// which lead there too.
func isThisMachine(a netip.Addr) bool { return a.Unmap().IsLoopback() || a.Unmap().IsUnspecified() }
