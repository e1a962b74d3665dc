package attack

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// seen is a server that notes what it is asked, in order.
type seen struct {
	*httptest.Server
	mu    sync.Mutex
	paths []string
}

func newSeen(t *testing.T, secure bool, handle http.HandlerFunc) *seen {
	s := &seen{}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.paths = append(s.paths, r.URL.Path)
		s.mu.Unlock()
		handle(w, r)
	})
	if secure {
		s.Server = httptest.NewTLSServer(handler)
	} else {
		s.Server = httptest.NewServer(handler)
	}
	t.Cleanup(s.Close)
	return s
}

func fine(t *testing.T, url string, transport Transport, connections int) *FineSender {
	t.Helper()
	s, err := NewFineSender(t.Context(), url, transport, connections)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func stream(name string, role Role, url string, schedule Schedule) Stream {
	return Stream{Name: name, Role: role, Requests: []Request{{URL: url}}, Schedule: schedule, Timeout: 10 * time.Second}
}

// Requests that are due a millisecond apart arrive in that order, over TLS too,
// and every sample has its three times in order.
func TestFineSenderKeepsTheOrder(t *testing.T) {
	for _, secure := range []bool{false, true} {
		s := newSeen(t, secure, func(http.ResponseWriter, *http.Request) { time.Sleep(20 * time.Millisecond) })
		sender := fine(t, s.URL, Transport{TLS: &tls.Config{InsecureSkipVerify: true}}, 8)
		run, err := sender.Fire(t.Context(), []Stream{
			stream("probe", Probe, "/probe", Constant{Rate: 1000, Lasts: 3 * time.Millisecond, Offset: 500 * time.Microsecond}), // due at 0.5, 1.5, 2.5 ms
			stream("x", Offender, "/x", Bursts{Size: 2, Times: 1}),
		}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(run.Samples) != 5 || run.Streams[0].Sent != 3 || run.Streams[1].Sent != 2 || run.Streams[0].Bad+run.Streams[1].Bad != 0 {
			t.Fatalf("%+v", run)
		}
		for _, sample := range run.Samples {
			if sample.Sent < sample.Intended || sample.Done < sample.Sent || sample.Code != 200 {
				t.Errorf("%+v", sample)
			}
		}
		sent := map[string]time.Duration{"probe": run.Samples[0].Sent, "x": run.Samples[3].Sent}
		if sent["x"] > sent["probe"] {
			t.Errorf("x at %v, the probe at %v", sent["x"], sent["probe"])
		}
	}
}

// The probes end with what they accompany, and not before.
func TestFineSenderEndsWithTheOffender(t *testing.T) {
	release := make(chan struct{})
	var probes sync.WaitGroup
	probes.Add(5)
	var once sync.Once
	s := newSeen(t, false, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			<-release
			return
		}
		defer func() { recover() }() // more than five
		probes.Done()
	})
	go func() {
		probes.Wait()
		once.Do(func() { close(release) })
	}()
	sender := fine(t, s.URL, Transport{}, 8)
	run, err := sender.Fire(t.Context(), []Stream{
		stream("probe", Probe, "/probe", Constant{Rate: 500, Lasts: time.Minute}),
		stream("x", Offender, "/x", Bursts{Size: 1, Times: 1}),
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := run.Streams[0].Sent; n < 5 || n > 5000 {
		t.Errorf("%d probes", n)
	}
	if run.Streams[1].Sent != 1 || sender.Idle() != 8 {
		t.Errorf("%+v, %d idle", run.Streams[1], sender.Idle())
	}
}

// Without a free connection a request stays unsent, and is counted.
func TestFineSenderCountsTheUnsent(t *testing.T) {
	release := make(chan struct{})
	s := newSeen(t, false, func(http.ResponseWriter, *http.Request) { <-release })
	sender := fine(t, s.URL, Transport{}, 2)
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	run, err := sender.Fire(t.Context(), []Stream{stream("x", Offender, "/x", Bursts{Size: 5, Times: 1})}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if c := run.Streams[0]; c.Offered != 5 || c.Sent != 2 || c.Unsent != 3 || len(run.Samples) != 2 {
		t.Errorf("%+v", c)
	}
}

// A connection that the server closes is replaced, between volleys and after an
// answer that announces it; a request that gets no answer is an error of its kind.
func TestFineSenderConnectsAnew(t *testing.T) {
	var count int
	s := newSeen(t, false, func(w http.ResponseWriter, r *http.Request) {
		switch count++; {
		case r.URL.Path == "/reset":
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		case count%2 == 0:
			w.Header().Set("Connection", "close")
		}
	})
	sender := fine(t, s.URL, Transport{}, 1)
	one := func(url string) Sample {
		run, err := sender.Fire(t.Context(), []Stream{stream("x", Offender, url, Bursts{Size: 1, Times: 1})}, 0)
		if err != nil || len(run.Samples) != 1 {
			t.Fatal(err, run)
		}
		return run.Samples[0]
	}
	for range 4 {
		if x := one("/ok"); x.Err != "" || x.Code != 200 {
			t.Errorf("%+v", x)
		}
	}
	if x := one("/reset"); x.Err != ErrReset {
		t.Errorf("%+v", x)
	}
	s.CloseClientConnections()
	if x := one("/ok"); x.Err != "" {
		t.Errorf("%+v", x)
	}
}

// A connection that could not be replaced is passed over, whatever is drawn.
func TestFineSenderTakesWhatIsThere(t *testing.T) {
	there, end := net.Pipe()
	defer there.Close()
	defer end.Close()
	live := &line{conn: there}
	s := &FineSender{}
	for range 100 {
		s.idle = []*line{{}, {}, {}, live, {}, {}, {}}
		if s.take() != live || len(s.idle) != 6 || s.take() != nil || len(s.idle) != 6 {
			t.Fatal("the only connection that is there was not taken, or twice")
		}
	}
}

// The connections are there until the sender is closed: the end of the context in
// which it was made takes none from under a volley.
func TestFineSenderOutlivesItsContext(t *testing.T) {
	s := newSeen(t, false, func(http.ResponseWriter, *http.Request) {})
	ctx, cancel := context.WithCancel(t.Context())
	sender, err := NewFineSender(ctx, s.URL, Transport{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	cancel()
	for range 10 {
		run, err := sender.Fire(t.Context(), []Stream{stream("x", Offender, "/x", Bursts{Size: 2, Times: 1})}, 0)
		if err != nil || run.Streams[0].Sent != 2 || run.Streams[0].Bad != 0 {
			t.Fatalf("%v, %+v", err, run)
		}
	}
}

func TestFineSenderGivesUp(t *testing.T) {
	release := make(chan struct{})
	s := newSeen(t, false, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	sender := fine(t, s.URL, Transport{}, 2)
	x := stream("x", Offender, "/x", Bursts{Size: 1, Times: 1})
	x.Timeout = 30 * time.Millisecond
	run, err := sender.Fire(t.Context(), []Stream{x}, 0)
	if err != nil || run.Samples[0].Err != ErrTimeout {
		t.Errorf("%v, %+v", err, run.Samples)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	x.Timeout = time.Minute
	if run, err = sender.Fire(ctx, []Stream{x}, 0); err == nil || !run.Partial {
		t.Errorf("an interruption: %v, %+v", err, run)
	}
}

func TestFineSenderSendsBodies(t *testing.T) {
	var got [2]int
	s := newSeen(t, false, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got[len(r.URL.Path)-2] = len(body)
	})
	sender := fine(t, s.URL, Transport{}, 2)
	for i, url := range []string{"/a", "/bb"} {
		body := make([]byte, []int{100, smallRequest * 2}[i])
		st := Stream{Name: "x", Role: Offender, Requests: []Request{{Method: "POST", URL: url, Body: body}}, Schedule: Bursts{Size: 1, Times: 1}}
		run, err := sender.Fire(t.Context(), []Stream{st}, 0)
		if err != nil || run.Streams[0].Bad != 0 || got[i] != len(body) {
			t.Errorf("%v, %+v, %d bytes", err, run.Samples, got[i])
		}
	}
}

func TestFineSenderRefuses(t *testing.T) {
	if _, err := NewFineSender(t.Context(), "http://127.0.0.1:1", Transport{}, 1); err == nil {
		t.Error("nobody listens there")
	}
	if _, err := NewFineSender(t.Context(), "http://127.0.0.1:1", Transport{Protocol: H2C}, 1); err == nil {
		t.Error("HTTP/2")
	}
	s := newSeen(t, false, func(http.ResponseWriter, *http.Request) {})
	if _, err := fine(t, s.URL, Transport{}, 1).Fire(t.Context(), nil, 0); err == nil {
		t.Error("no stream")
	}
}

// A look gives the answer's code and header.
func TestFineSenderLooks(t *testing.T) {
	s := newSeen(t, false, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Via", "1.1 "+r.Header.Get("X-Name"))
		w.WriteHeader(http.StatusTeapot)
	})
	code, header, err := fine(t, s.URL, Transport{}, 1).Look(t.Context(), Request{URL: "/x", Header: http.Header{"X-Name": {"proxy"}}}, time.Second)
	if err != nil || code != http.StatusTeapot || header.Get("Via") != "1.1 proxy" || len(s.paths) != 1 {
		t.Errorf("%d %v %v, asked for %v", code, header, err, s.paths)
	}
}
