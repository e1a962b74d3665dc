package target_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// What goes wrong with one request costs no other. The tests wait for what
// happens and never for a time; main_test.go sees to it that nothing leaks.

// wire is a connection on which a test writes its request by hand.
type wire struct {
	net.Conn
	t      *testing.T
	answer *bufio.Reader
}

func dial(t *testing.T, s *running) *wire {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &wire{c, t, bufio.NewReader(c)}
}

func (w *wire) send(text string) {
	w.t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		w.t.Error(err)
	}
}

// reads gives the code and the body of the next answer.
func (w *wire) reads() (int, string) {
	w.t.Helper()
	code, body, _ := w.hears()
	return code, body
}

// hears also says whether it is the last answer on the connection.
func (w *wire) hears() (code int, body string, last bool) {
	w.t.Helper()
	res, err := http.ReadResponse(w.answer, nil)
	if err != nil {
		w.t.Error(err)
		return 0, "", true
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Error(err)
	}
	return res.StatusCode, string(all), res.Close
}

// request is the text of a request.
func request(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n" }

// answersOthers checks that a request beside the one in trouble is answered.
func answersOthers(t *testing.T, s *running) {
	t.Helper()
	if code, body := get(t, s.URL+"/ok"); code != http.StatusOK || body != "OK" {
		t.Errorf("meanwhile /ok answered %d %q", code, body)
	}
}

// until waits for a condition, at most as long as go test itself waits.
func until(condition func() bool) {
	for !condition() {
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
}

// gate is a handler that holds the loop until the test opens it.
type gate struct {
	entered chan struct{}
	open    func()
	opened  chan struct{}
}

func blocking(t *testing.T, s *running, path string) *gate {
	g := &gate{entered: make(chan struct{}), opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	t.Cleanup(g.open)
	target.Handle(s.server, path, func(x *target.Exchange) {
		close(g.entered)
		<-g.opened
		x.Reply(http.StatusOK, "opened")
	})
	return g
}

// ends stops the server and checks that nothing was left in flight.
func ends(t *testing.T, s *running) {
	t.Helper()
	s.stop()
	http.DefaultClient.CloseIdleConnections()
	if err := <-s.end; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if left := target.InFlight(s.server); left != 0 {
		t.Errorf("%d requests are still counted as in flight", left)
	}
}

// A handler that panics among others costs its own request: it gets a 500, the
// others their answers, and its connection lives on.
func TestPanicsAmongOthers(t *testing.T) {
	s := serve(t, target.Config{})
	var panicked, answered atomic.Int32
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if i%4 == 0 {
				if code, body := get(t, s.URL+"/panic"); code == http.StatusInternalServerError && strings.Contains(body, "boom") {
					panicked.Add(1)
				}
				return
			}
			if code, _ := get(t, s.URL+"/ok"); code == http.StatusOK {
				answered.Add(1)
			}
		})
	}
	all.Wait()
	if panicked.Load() != 50 || answered.Load() != 150 {
		t.Errorf("%d of 50 panics got a 500, %d of 150 others their answer", panicked.Load(), answered.Load())
	}
	w := dial(t, s)
	w.send(request("/panic"))
	if code, _ := w.reads(); code != http.StatusInternalServerError {
		t.Errorf("answered %d", code)
	}
	w.send(request("/ok"))
	if code, body := w.reads(); code != http.StatusOK || body != "OK" {
		t.Errorf("after it the connection answered %d %q", code, body)
	}
	ends(t, s)
}

// A client that sends a byte at a time holds up nobody, and is answered when
// its request is whole.
func TestSlowSender(t *testing.T) {
	s := serve(t, target.Config{})
	w := dial(t, s)
	text := request("/ok")
	for i := range len(text) {
		w.send(text[i : i+1])
		if i%10 == 0 {
			answersOthers(t, s)
		}
	}
	if code, body := w.reads(); code != http.StatusOK || body != "OK" {
		t.Errorf("answered %d %q", code, body)
	}
	ends(t, s)
}

// A client that does not read its answer holds up nobody, and can read all of
// it later. The answer is longer than what the kernel takes on its way.
func TestSlowReader(t *testing.T) {
	s := serve(t, target.Config{})
	long := strings.Repeat("x", 32<<20)
	replied := make(chan struct{})
	target.Handle(s.server, "/long", func(x *target.Exchange) {
		x.Reply(http.StatusOK, long)
		close(replied)
	})
	w := dial(t, s)
	w.send(request("/long"))
	<-replied
	for range 10 {
		answersOthers(t, s)
	}
	if code, body := w.reads(); code != http.StatusOK || body != long {
		t.Errorf("answered %d with %d of %d bytes", code, len(body), len(long))
	}
	ends(t, s)
}

// A request of which the client sends half never reaches the loop. When its
// connection is closed, nothing of it is left.
func TestHalfSentRequest(t *testing.T) {
	s := serve(t, target.Config{})
	for _, half := range []string{"", "GET", "GET /ok HTTP/1.1\r\n", "GET /ok HTTP/1.1\r\nHost: te", "\x00\x01\x02"} {
		w := dial(t, s)
		w.send(half)
		answersOthers(t, s)
		w.Close()
	}
	if waiting := target.InFlight(s.server); waiting != 0 {
		t.Errorf("%d requests are in flight", waiting)
	}
	ends(t, s)
}

// Clients that go away while their handlers work cost nobody else anything: the
// handlers come to their end, and their answers are dropped.
func TestAbortedClients(t *testing.T) {
	s := serve(t, target.Config{})
	const clients = 50
	var begun, replied atomic.Int32
	held := make(chan struct{})
	target.Handle(s.server, "/held", func(x *target.Exchange) {
		begun.Add(1)
		x.SlowWork(func() { <-held }, func() {
			x.Reply(http.StatusOK, "too late")
			replied.Add(1)
		})
	})
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/held", nil)
			if res, err := http.DefaultClient.Do(req); err == nil {
				res.Body.Close()
				t.Error("a handler that was held has answered")
			}
		})
	}
	until(func() bool { return begun.Load() == clients })
	cancel()
	all.Wait()
	answersOthers(t, s)
	if waiting := target.InFlight(s.server); waiting != clients {
		t.Errorf("%d requests are in flight, want the %d whose handlers still work", waiting, clients)
	}
	close(held)
	until(func() bool { return replied.Load() == clients })
	ends(t, s)
}

// A handler that never gives the loop back: the shutdown ends at its deadline,
// the observation answers to the last, and the waiting are turned away.
func TestHandlerThatNeverReturns(t *testing.T) {
	s := serve(t, target.Config{Grace: 50 * time.Millisecond})
	stuck := blocking(t, s, "/stuck")
	var all sync.WaitGroup
	ask := func(path string) {
		all.Go(func() {
			if res, err := http.Get(s.URL + path); err == nil {
				res.Body.Close()
				if res.StatusCode == http.StatusOK {
					t.Errorf("%s answered 200", path)
				}
			}
		})
	}
	ask("/stuck")
	<-stuck.entered
	for range 10 {
		ask("/ok")
	}
	until(func() bool { return target.InFlight(s.server) == 11 })
	var stats struct {
		Running struct{ Label string }
	}
	getJSON(t, s.ObserveURL+"/stats", &stats)
	if stats.Running.Label != "/stuck" {
		t.Errorf("the loop is held by %q", stats.Running.Label)
	}
	s.stop()
	if err := <-s.end; !errors.Is(err, target.ErrUnfinished) || !strings.Contains(err.Error(), "held by /stuck") {
		t.Errorf("Serve: %v, want ErrUnfinished that names /stuck", err)
	}
	all.Wait()
}

// A handler that returns and never answers keeps its own request and the grace
// period, and nothing else.
func TestHandlerThatNeverAnswers(t *testing.T) {
	s := serve(t, target.Config{Grace: 50 * time.Millisecond})
	begun := make(chan struct{})
	target.Handle(s.server, "/silent", func(*target.Exchange) { close(begun) })
	w := dial(t, s)
	w.send(request("/silent"))
	<-begun
	answersOthers(t, s)
	s.stop()
	if err := <-s.end; !errors.Is(err, target.ErrUnfinished) {
		t.Errorf("Serve: %v, want ErrUnfinished", err)
	}
}

// While the loop is blocked the queue fills to its bound: what fits waits and is
// answered, what doesn't gets a 503 at once. No request is lost.
func TestFullQueueWhileBlocked(t *testing.T) {
	s := serve(t, target.Config{})
	held := blocking(t, s, "/blocked")
	const fits, tooMany = 100, 40
	target.Leave(s.server, fits+1)
	codes := make(chan int, fits+1)
	go func() {
		code, _ := get(t, s.URL+"/blocked")
		codes <- code
	}()
	<-held.entered
	for range fits {
		go func() {
			code, _ := get(t, s.URL+"/ok")
			codes <- code
		}()
	}
	until(func() bool { return target.InFlight(s.server) == target.Bound })
	for range tooMany {
		if code, body := get(t, s.URL+"/ok"); code != http.StatusServiceUnavailable {
			t.Errorf("with the queue full /ok answered %d %q", code, body)
		}
	}
	if len(codes) != 0 {
		t.Errorf("%d requests were answered while the loop was blocked", len(codes))
	}
	held.open()
	for range fits + 1 {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("a request that waited got %d", code)
		}
	}
	answersOthers(t, s)
	target.Leave(s.server, target.InFlight(s.server)-(target.Bound-fits-1)+target.Bound) // the invented ones go
	ends(t, s)
}
