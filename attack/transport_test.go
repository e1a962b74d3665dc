package attack_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
)

// seen notes what requests a server got.
type seen struct {
	mu     sync.Mutex
	protos map[string]int
	peers  map[string]int // by the address they came from
}

func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.protos == nil {
		s.protos, s.peers = map[string]int{}, map[string]int{}
	}
	proto := r.Proto
	if r.TLS != nil {
		proto += " over TLS"
	}
	s.protos[proto]++
	s.peers[r.RemoteAddr]++
	s.mu.Unlock()
	answer(w, r)
}

func serve(t *testing.T, h http.Handler, secure bool, allow func(*http.Protocols)) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Config.Protocols = new(http.Protocols)
	allow(server.Config.Protocols)
	if secure {
		server.EnableHTTP2 = server.Config.Protocols.HTTP2()
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

// drive runs one stream of 50 requests against the URL.
func drive(t *testing.T, url string, transport attack.Transport, warmup attack.Warmup) attack.Run {
	t.Helper()
	p := plan(bare(url), probe(250, 200*time.Millisecond))
	p.Arms[0].Transport, p.Arms[0].Warmup = transport, warmup
	runs, err := attack.Execute(context.Background(), p, attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return runs[0]
}

func allFine(t *testing.T, r attack.Run) {
	t.Helper()
	for _, s := range r.Samples {
		if s.Err != "" || s.Code != 200 || s.Bytes != 2 {
			t.Fatalf("%+v", s)
		}
	}
	if len(r.Samples) != 50 {
		t.Fatalf("%d samples", len(r.Samples))
	}
}

func TestProtocols(t *testing.T) {
	trusting := &tls.Config{InsecureSkipVerify: true}
	all := func(p *http.Protocols) { p.SetHTTP1(true); p.SetHTTP2(true); p.SetUnencryptedHTTP2(true) }
	for _, c := range []struct {
		protocol attack.Protocol
		secure   bool
		want     string
	}{
		{"", false, "HTTP/1.1"},
		{attack.HTTP1, false, "HTTP/1.1"},
		{attack.HTTP1, true, "HTTP/1.1 over TLS"}, // also where the server would speak HTTP/2
		{attack.HTTP2, true, "HTTP/2.0 over TLS"},
		{attack.H2C, false, "HTTP/2.0"},
	} {
		for _, warmup := range []attack.Warmup{{}, {Lasts: 50 * time.Millisecond, Connections: 4}} {
			var s seen
			server := serve(t, &s, c.secure, all)
			allFine(t, drive(t, server.URL, attack.Transport{Protocol: c.protocol, TLS: trusting}, warmup))
			want := 50
			if warmup.Lasts > 0 {
				want += 16
			}
			if s.protos[c.want] != want {
				t.Errorf("%q, secure %v: %v, want %d × %s", c.protocol, c.secure, s.protos, want, c.want)
			}
		}
	}
}

// What can't be spoken is told before anything is sent.
func TestProtocolsThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		url       string
		transport attack.Transport
		says      string
	}{
		{"http://127.0.0.1:1", attack.Transport{Protocol: attack.HTTP2}, "http/2 needs an https URL"},
		{"https://127.0.0.1:1", attack.Transport{Protocol: attack.H2C}, "h2c needs an http URL"},
		{"ftp://127.0.0.1:1", attack.Transport{}, `the URL's scheme is "ftp"`},
		{"http://127.0.0.1:1", attack.Transport{Protocol: "gopher"}, `protocol "gopher" is not one of`},
		{"http://127.0.0.1:1", attack.Transport{Connections: -1}, "-1 connections"},
		{"http://[::1", attack.Transport{}, "missing ']'"},
	} {
		p := plan(bare(c.url), probe(10, time.Second))
		p.Arms[0].Transport = c.transport
		if _, err := attack.Execute(context.Background(), p, attack.Hooks{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %+v: %v, want %q", c.url, c.transport, err, c.says)
		}
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	var s seen
	server := httptest.NewUnstartedServer(&s)
	server.Listener.Close()
	server.Listener = l
	server.Start()
	defer server.Close()
	// The host is only a name then, and need not resolve.
	r := drive(t, "http://nowhere.invalid", attack.Transport{Socket: path}, attack.Warmup{Lasts: 50 * time.Millisecond, Connections: 4})
	allFine(t, r)
	if s.protos["HTTP/1.1"] != 66 {
		t.Errorf("%v", s.protos)
	}
	for _, sample := range drive(t, "http://nowhere.invalid", attack.Transport{Socket: path + "-missing"}, attack.Warmup{}).Samples {
		if sample.Err != attack.ErrRefused {
			t.Fatalf("%+v", sample)
		}
	}
}

// Requests beyond the connections wait in the generator; the wait is part of
// both their service and their response time.
func TestFewConnections(t *testing.T) {
	var s seen
	const takes = 20 * time.Millisecond
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(takes)
		s.ServeHTTP(w, r)
	}), false, func(p *http.Protocols) { p.SetHTTP1(true) })
	r := drive(t, server.URL, attack.Transport{Connections: 2}, attack.Warmup{Lasts: 50 * time.Millisecond})
	allFine(t, r)
	if len(s.peers) != 2 {
		t.Errorf("%d connections: %v", len(s.peers), s.peers)
	}
	// 50 requests, 2 at a time, take 25 turns; all are due in the first 10.
	if last := r.Samples[49]; last.Service() < 10*takes || last.Response() < last.Service() {
		t.Errorf("the last one waited %v, and took %v in all", last.Service(), last.Response())
	}
}

func TestFreshConnections(t *testing.T) {
	var s seen
	server := serve(t, &s, false, func(p *http.Protocols) { p.SetHTTP1(true) })
	allFine(t, drive(t, server.URL, attack.Transport{Fresh: true}, attack.Warmup{Lasts: 50 * time.Millisecond}))
	if len(s.peers) != 66 {
		t.Errorf("%d connections for 66 requests", len(s.peers))
	}
}

// The warm-up's connections are those that the measured part uses.
func TestWarmConnections(t *testing.T) {
	for _, secure := range []bool{false, true} {
		var accepted sync.Map
		server := httptest.NewUnstartedServer(http.HandlerFunc(answer))
		server.Config.ConnState = func(c net.Conn, state http.ConnState) {
			if state == http.StateNew {
				accepted.Store(c.RemoteAddr().String(), true)
			}
		}
		server.Config.ErrorLog = silent // of the connections that are never used
		if secure {
			server.StartTLS()
		} else {
			server.Start()
		}
		url := strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // by name, too
		allFine(t, drive(t, url, attack.Transport{TLS: &tls.Config{InsecureSkipVerify: true}}, attack.Warmup{Lasts: 50 * time.Millisecond, Connections: 64}))
		server.Close()
		n := 0
		accepted.Range(func(any, any) bool { n++; return true })
		if n != 64 {
			t.Errorf("secure %v: %d connections were opened, want 64", secure, n)
		}
	}
}
