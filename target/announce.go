package target

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// announcePath is where a reference server names its observation, beside the
// loop, so that whoever has only its URL can see its lag.
const announcePath = "/.well-known/looptest"

type announcement struct {
	ObserveURL string `json:"observe_url"`
}

// announce answers on announcePath.
func (s *Server) announce(w http.ResponseWriter) {
	at := s.observeAt.Addr().(*net.TCPAddr).AddrPort()
	if at.Addr().IsUnspecified() {
		at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port())
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(announcement{"http://" + at.String()})
}

// announceTimeout is how long a target may take to say whether it is a reference
// server.
const announceTimeout = time.Second

// findObserver asks the target on this machine whether it is a reference server;
// nil when it isn't, or runs elsewhere. It asks loopback addresses alone and goes
// where the answer points only when that is one too.
func findObserver(ctx context.Context, base string) *httpObserver {
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" {
		return nil
	}
	said, err := askAnnouncement(ctx, "http://"+u.Host+announcePath)
	if err != nil || !isLoopbackLiteral(said.ObserveURL) {
		return nil
	}
	o := newHTTPObserver(said.ObserveURL)
	if _, err := o.Mark(ctx); err != nil {
		o.client.CloseIdleConnections()
		return nil
	}
	return o
}

func askAnnouncement(ctx context.Context, at string) (announcement, error) {
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{Control: loopbackOnly}).DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	var said announcement
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return said, err
	}
	res, err := client.Do(req)
	if err != nil {
		return said, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return said, errors.New(res.Status)
	}
	return said, json.NewDecoder(io.LimitReader(res.Body, 4<<10)).Decode(&said)
}

var errElsewhere = errors.New("not an address of this machine")

// loopbackOnly refuses a connection that would leave this machine.
func loopbackOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !isThisMachine(at.Addr()) {
		return errElsewhere
	}
	return nil
}

// isLoopbackLiteral says whether the URL is http, a loopback address and a port,
// and nothing more.
func isLoopbackLiteral(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || raw != "http://"+u.Host {
		return false
	}
	at, err := netip.ParseAddrPort(u.Host)
	return err == nil && at.Addr().Unmap().IsLoopback()
}
