package attack_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
)

// talker is a listener that does the same with every connection, once the
// request's first bytes are there.
func talker(t *testing.T, talk func(net.Conn)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var talking sync.WaitGroup
	talking.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			talking.Go(func() {
				defer conn.Close()
				var some [1024]byte
				if _, err := conn.Read(some[:]); err == nil {
					talk(conn)
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); talking.Wait() })
	return l.Addr().String()
}

// says answers with that text, whatever it is asked.
func says(t *testing.T, text string) string {
	return talker(t, func(c net.Conn) { io.WriteString(c, text) })
}

// untilClosed keeps a connection until the other side has had enough.
func untilClosed(c net.Conn) { io.Copy(io.Discard, c) }

// Every kind of failure is told apart, and none ends the run.
func TestFaults(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(answer))
	secure.Config.ErrorLog = silent
	defer secure.Close()
	plain := httptest.NewServer(http.HandlerFunc(answer))
	plain.Config.ErrorLog = silent
	defer plain.Close()
	trusting := &tls.Config{InsecureSkipVerify: true}
	overHTTP := func(address string) string { return "http://" + address }
	for _, c := range []struct {
		name      string
		url       string
		transport attack.Transport
		kind      attack.ErrorKind
	}{
		{"no such name", "http://nowhere.invalid", attack.Transport{}, attack.ErrName},
		{"unknown authority", secure.URL, attack.Transport{}, attack.ErrTLS},
		{"unknown authority, HTTP/2", secure.URL, attack.Transport{Protocol: attack.HTTP2}, attack.ErrTLS},
		{"another name", secure.URL, attack.Transport{TLS: &tls.Config{ServerName: "else.invalid"}}, attack.ErrTLS},
		{"no TLS there", "https://" + strings.TrimPrefix(plain.URL, "http://"), attack.Transport{}, attack.ErrTLS},
		{"garbage where TLS should be", "https://" + says(t, "no idea what that is"), attack.Transport{}, attack.ErrTLS},
		{"no HTTP/2 there", secure.URL, attack.Transport{Protocol: attack.HTTP2, TLS: trusting}, attack.ErrTLS},
		{"no h2c there", overHTTP(says(t, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")), attack.Transport{Protocol: attack.H2C}, attack.ErrGarbage},
		{"garbage", overHTTP(says(t, "no idea what that is\r\n\r\n")), attack.Transport{}, attack.ErrGarbage},
		{"a garbage code", overHTTP(says(t, "HTTP/1.1 much OK\r\n\r\n")), attack.Transport{}, attack.ErrGarbage},
		{"a garbage header", overHTTP(says(t, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n")), attack.Transport{}, attack.ErrGarbage},
		{"a garbage length", overHTTP(says(t, "HTTP/1.1 200 OK\r\nContent-Length: some\r\n\r\n")), attack.Transport{}, attack.ErrGarbage},
		{"a garbage chunk", overHTTP(says(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")), attack.Transport{}, attack.ErrGarbage},
		{"endless headers", overHTTP(talker(t, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := io.WriteString(c, "X: "+strings.Repeat("x", 4000)+"\r\n"); err != nil {
					return
				}
			}
		})), attack.Transport{}, attack.ErrGarbage},
		{"nothing, and closed", overHTTP(says(t, "")), attack.Transport{}, attack.ErrReset},
		{"cut off in the headers", overHTTP(says(t, "HTTP/1.1 200 OK\r\n")), attack.Transport{}, attack.ErrReset},
		{"cut off in the body", overHTTP(says(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")), attack.Transport{}, attack.ErrReset},
		{"reset", overHTTP(talker(t, func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) })), attack.Transport{}, attack.ErrReset},
		{"never answers", overHTTP(talker(t, untilClosed)), attack.Transport{}, attack.ErrTimeout},
		{"never ends the body", overHTTP(talker(t, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
			untilClosed(c)
		})), attack.Transport{}, attack.ErrTimeout},
		{"never shakes hands", "https://" + talker(t, untilClosed), attack.Transport{}, attack.ErrTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			stream := probe(100, 30*time.Millisecond)
			stream.Timeout = time.Second
			p := plan(bare(c.url), stream)
			p.Arms[0].Transport = c.transport
			runs, err := attack.Execute(context.Background(), p, attack.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			r := runs[0]
			if n := r.Streams[0]; n.Sent != 3 || n.Bad != 3 || n.Unsent != 0 || r.Partial {
				t.Errorf("%+v, partial %v", n, r.Partial)
			}
			for _, s := range r.Samples {
				if s.Err != c.kind || s.Code != 0 || s.Answered() {
					t.Errorf("%+v, want %q", s, c.kind)
				}
			}
		})
	}
}

// A target that goes away and comes back, of which nobody tells that it is gone:
// what was sent meanwhile was refused, and the run goes on to its end.
func TestTargetGoesAwayAndComesBack(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	start := func(l net.Listener) *http.Server {
		s := &http.Server{Handler: http.HandlerFunc(answer), ErrorLog: silent}
		go s.Serve(l)
		return s
	}
	server := start(l)
	defer func() { server.Close() }()
	// The samples themselves say when it is time for the next step.
	fine, refused, again := 0, 0, 0
	ctx, enough := context.WithCancel(context.Background())
	defer enough()
	p := plan(bare("http://"+address), probe(200, time.Minute))
	p.Arms[0].Warmup = attack.Warmup{Lasts: 50 * time.Millisecond} // leaves connections that die unused
	_, err = attack.Execute(ctx, p, attack.Hooks{Sample: func(s attack.Sample) {
		switch {
		case s.Err == "" && refused == 0:
			if fine++; fine == 20 {
				server.Close()
			}
		case s.Err == attack.ErrRefused && again == 0:
			if refused++; refused == 20 {
				l, err := net.Listen("tcp", address)
				if err != nil {
					t.Error(err)
					enough()
					return
				}
				server = start(l)
			}
		case s.Err == "":
			if again++; again == 20 {
				enough()
			}
		case s.Err == attack.ErrReset && again == 0, s.Err == attack.ErrCanceled, s.Err == attack.ErrRefused:
		default:
			t.Errorf("%+v after %d, %d, %d", s, fine, refused, again)
		}
	}})
	if again < 20 {
		t.Errorf("%d were fine, then %d refused, then %d fine; %v", fine, refused, again, err)
	}
}
