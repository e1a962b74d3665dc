package target_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// answeredBefore gives a connection that has had an answer before.
func answeredBefore(t *testing.T, s *running) *wire {
	t.Helper()
	w := dial(t, s)
	w.send(request("/ok"))
	if code, _ := w.reads(); code != http.StatusOK {
		t.Errorf("answered %d", code)
	}
	return w
}

const halfHeader = "GET /ok HTTP/1.1\r\nHost: te"

const halfBody = "GET /ok HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf"

// unfinished gives connections on each of which no whole request is under way.
func unfinished(t *testing.T, s *running) map[string]*wire {
	t.Helper()
	wires := map[string]*wire{
		"fresh": dial(t, s), "half a header": dial(t, s), "half a body": dial(t, s),
		"idle": answeredBefore(t, s), "half a second header": answeredBefore(t, s), "half a second body": answeredBefore(t, s),
	}
	wires["half a header"].send(halfHeader)
	wires["half a body"].send(halfBody)
	wires["half a second header"].send(halfHeader)
	wires["half a second body"].send(halfBody)
	answersOthers(t, s) // so that the connections before were accepted
	return wires
}

func areClosed(t *testing.T, wires map[string]*wire) {
	t.Helper()
	for name, w := range wires {
		if b, err := w.answer.ReadByte(); err == nil {
			t.Errorf("%s: the connection got %q", name, b)
		}
	}
}

// A shutdown does not wait for requests that may never be whole, whatever the
// grace period.
func TestShutdownClosesUnfinishedRequests(t *testing.T) {
	s := serve(t, target.Config{Grace: time.Hour})
	wires := unfinished(t, s)
	ends(t, s)
	areClosed(t, wires)
}

// talking is a server that is never sure that its clients are quiet: it ends when
// every connection has.
func talking(t *testing.T) *running {
	t.Helper()
	s := listen(t, target.Config{Grace: time.Hour})
	target.Listening(s, time.Hour)
	return start(t, s)
}

// refusing waits until nobody is accepted any more.
func refusing(s *running) {
	until(func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
}

// A client that still has a connection is answered on it, whatever the connection was
// used for before, and is told that this was the last time. Nobody is reset, and new
// clients are turned away.
func TestShutdownAnswersOnOpenConnections(t *testing.T) {
	s := talking(t)
	begun, held := make(chan struct{}), make(chan struct{})
	target.Handle(s.server, "/held", func(x *target.Exchange) {
		close(begun)
		x.SlowWork(func() { <-held }, func() { x.Reply(http.StatusOK, "held") })
	})
	wires := unfinished(t, s)
	rest := map[string]string{
		"fresh": request("/ok"), "idle": request("/nowhere"), "half a header": "st\r\n\r\n", "half a second header": "st\r\n\r\n",
		"half a body": strings.Repeat("x", 96), "half a second body": strings.Repeat("x", 96),
	}
	working := dial(t, s)
	working.send(request("/held"))
	<-begun
	s.stop()
	refusing(s)
	for name, w := range wires {
		w.send(rest[name])
		code, body, last := w.hears()
		for !last { // the shutdown had not come to the point of saying so
			w.send(request("/ok"))
			_, _, last = w.hears()
		}
		if want := map[bool]int{true: 404, false: 200}[name == "idle"]; code != want {
			t.Errorf("%s: answered %d %q", name, code, body)
		}
	}
	areClosed(t, wires)
	close(held)
	if code, body, last := working.hears(); code != http.StatusOK || body != "held" || !last {
		t.Errorf("answered %d %q, the last is %v", code, body, last)
	}
	ends(t, s)
}

// Clients that keep on asking on the connections that they have lose nothing when
// the server ends: each is told, and asks no more.
func TestShutdownUnderLoad(t *testing.T) {
	s := talking(t)
	const clients = 50
	var all sync.WaitGroup
	var answered atomic.Int64
	for i := range clients {
		w := dial(t, s)
		all.Go(func() {
			for last := false; !last; answered.Add(1) {
				w.send(request([]string{"/ok", "/lookup?ms=1", "/slow?mode=chunk&n=2000&chunk=500"}[i%3]))
				var code int
				if code, _, last = w.hears(); code != http.StatusOK {
					t.Errorf("answered %d", code)
				}
			}
		})
	}
	until(func() bool { return answered.Load() > 4*clients })
	ends(t, s)
	all.Wait()
}

// It waits for a handler that works, and meanwhile the others are closed.
func TestShutdownWaitsForWorkingHandlersAlone(t *testing.T) {
	s := serve(t, target.Config{Grace: time.Hour})
	begun, held := make(chan struct{}), make(chan struct{})
	target.Handle(s.server, "/held", func(x *target.Exchange) {
		close(begun)
		x.SlowWork(func() { <-held }, func() { x.Reply(http.StatusOK, "held") })
	})
	wires := unfinished(t, s)
	w := dial(t, s)
	w.send(request("/held"))
	<-begun
	s.stop()
	areClosed(t, wires)
	close(held)
	if code, body := w.reads(); code != http.StatusOK || body != "held" {
		t.Errorf("answered %d %q", code, body)
	}
	ends(t, s)
}

// An answer that its client does not read costs a shutdown the grace period.
func TestShutdownWithASlowReader(t *testing.T) {
	s := serve(t, target.Config{Grace: 50 * time.Millisecond})
	replied := make(chan struct{})
	target.Handle(s.server, "/long", func(x *target.Exchange) {
		x.Reply(http.StatusOK, strings.Repeat("x", 32<<20))
		close(replied)
	})
	w := dial(t, s)
	w.send(request("/long"))
	<-replied
	s.stop()
	if err := <-s.end; !errors.Is(err, target.ErrUnfinished) || !strings.Contains(err.Error(), "1 connections in use") {
		t.Errorf("Serve: %v, want ErrUnfinished with a connection in use", err)
	}
}

// patience is short for a client that never sends, and long for one that does.
const patience = 400 * time.Millisecond

// impatient starts a server that gives its clients little time.
func impatient(t *testing.T) *running {
	t.Helper()
	s := listen(t, target.Config{})
	target.Impatient(s, patience)
	return start(t, s)
}

// A client that does not come to the end of its request in time gets a 408, as
// from Node, and its connection is closed.
func TestTooSlowRequests(t *testing.T) {
	s := impatient(t)
	wires := map[string]*wire{"nothing": dial(t, s)}
	for name, sent := range map[string]string{
		"half a header": halfHeader, "half a body": halfBody,
		"half a chunk": "GET /ok HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
	} {
		wires[name], wires["second "+name] = dial(t, s), answeredBefore(t, s)
		wires["second "+name].send(sent)
		wires[name].send(sent)
	}
	for name, w := range wires {
		if code, _ := w.reads(); code != http.StatusRequestTimeout {
			t.Errorf("%s: answered %d", name, code)
		}
		if rest, err := io.ReadAll(w.answer); err != nil || len(rest) > 0 {
			t.Errorf("%s: then came %q (%v)", name, rest, err)
		}
	}
	answersOthers(t, s)
	ends(t, s)
}

// A connection that idles is closed without a word, and the clients' time does
// not run while a handler works.
func TestPatienceIsForClientsAlone(t *testing.T) {
	s := impatient(t)
	target.Handle(s.server, "/long", func(x *target.Exchange) {
		x.SetTimeout(func() { x.Reply(http.StatusOK, "long") }, patience*3/2)
	})
	for _, body := range []string{"", "GET /long HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody"} {
		w := dial(t, s)
		if body == "" {
			body = request("/long")
		}
		w.send(body)
		if code, body := w.reads(); code != http.StatusOK || body != "long" {
			t.Errorf("answered %d %q", code, body)
		}
		if rest, err := io.ReadAll(w.answer); err != nil || len(rest) > 0 {
			t.Errorf("an idle connection got %q (%v)", rest, err)
		}
	}
	ends(t, s)
}

// A body is read and dropped, and the connection lives on; one that is too long
// is refused before the end of it.
func TestBodies(t *testing.T) {
	s := serve(t, target.Config{})
	w := dial(t, s)
	for range 2 {
		w.send("GET /ok HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody")
		if code, body := w.reads(); code != http.StatusOK || body != "OK" {
			t.Errorf("answered %d %q", code, body)
		}
	}
	w.send("GET /ok HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n")
	io.WriteString(w, strings.Repeat("x", 1<<20+1)) // as much of it as the server reads
	if code, body := w.reads(); code != http.StatusRequestEntityTooLarge || !strings.Contains(body, "at most") {
		t.Errorf("a long body was answered %d %q", code, body)
	}
	ends(t, s)
}
