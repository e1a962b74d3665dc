package target_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// closings notes what a server closes.
type closings struct {
	mu    sync.Mutex
	names []string
}

func (c *closings) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.names)
}

// closing has the server close each of those at its end; some fail at it.
func closing(s *target.Server, fail map[string]func() error, names ...string) *closings {
	c := &closings{}
	for _, name := range names {
		target.OnClose(s, name, func() error {
			c.mu.Lock()
			c.names = append(c.names, name)
			c.mu.Unlock()
			if fail[name] != nil {
				return fail[name]()
			}
			return nil
		})
	}
	return c
}

// What was opened last is closed first, once, and after the last answer.
func TestCleanUpAtAShutdown(t *testing.T) {
	log := &events{}
	s := listen(t, target.Config{Log: log.log()})
	closed := closing(s, nil, "a", "b", "c")
	r := start(t, s)
	begun, held := make(chan struct{}), make(chan struct{})
	target.Handle(s, "/held", func(x *target.Exchange) {
		close(begun)
		x.SlowWork(func() { <-held }, func() {
			if n := closed.all(); len(n) > 0 {
				t.Errorf("%q were closed while a request was in flight", n)
			}
			x.Reply(http.StatusOK, "held")
		})
	})
	w := dial(t, r)
	w.send(request("/held"))
	<-begun
	r.stop()
	close(held)
	if code, _ := w.reads(); code != http.StatusOK {
		t.Errorf("answered %d", code)
	}
	ends(t, r)
	if !slices.Equal(closed.all(), []string{"c", "b", "a"}) {
		t.Errorf("closed %q", closed.all())
	}
	notes := log.at("INFO")
	if len(notes) != 1 || notes[0].Msg != "cleaned up" || !slices.Equal(notes[0].Closed, []string{"c", "b", "a", "database", "data folder", "observation"}) {
		t.Errorf("it noted %+v", notes)
	}
}

// An uncaught error that ends the server is followed by the same clean-up, and what
// fails there does not hide it.
func TestCleanUpAfterAnUncaughtError(t *testing.T) {
	for _, how := range []string{"exception", "rejection"} {
		log := &events{}
		s := listen(t, target.Config{Log: log.log(), ExitOnUncaught: true})
		closed := closing(s, map[string]func() error{"b": func() error { return errors.New("no longer there") }}, "a", "b", "c")
		r := start(t, s)
		dial(t, r).send(request("/fail?how=" + how))
		crashed(t, r, target.ExitUncaught)
		if !slices.Equal(closed.all(), []string{"c", "b", "a"}) {
			t.Errorf("%s: closed %q", how, closed.all())
		}
		all := log.all()
		if len(all) != 2 || all[1].Msg != "clean-up failed" || all[1].Name != "b" || all[1].Error != "no longer there" {
			t.Errorf("%s: the events are %+v", how, all)
		}
	}
}

// Whatever one of them does, the others have their turn, and the server ends.
func TestCleanUpThatFails(t *testing.T) {
	log := &events{}
	s := listen(t, target.Config{Log: log.log(), Grace: time.Second})
	held := make(chan struct{})
	defer close(held)
	closed := closing(s, map[string]func() error{
		"fails":  func() error { return errors.New("no longer there") },
		"panics": func() error { panic("boom") },
		"hangs":  func() error { <-held; return nil },
	}, "first", "fails", "panics", "hangs", "last")
	r := start(t, s)
	answersOthers(t, r)
	r.stop()
	err := <-r.end
	if !errors.Is(err, target.ErrUnclean) {
		t.Fatalf("Serve: %v, want ErrUnclean", err)
	}
	for _, says := range []string{"hangs: it was not done within", "panics: it panicked: boom", "fails: no longer there"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not say %q", err, says)
		}
	}
	if want := []string{"last", "hangs", "panics", "fails", "first"}; !slices.Equal(closed.all(), want) {
		t.Errorf("closed %q, want %q", closed.all(), want)
	}
	var failed []string
	for _, e := range log.all() {
		failed = append(failed, e.Name)
	}
	if !slices.Equal(failed, []string{"hangs", "panics", "fails"}) {
		t.Errorf("logged %q", failed)
	}
	http.DefaultClient.CloseIdleConnections()
}

// A shutdown that had to give up cleans up all the same, and says both.
func TestCleanUpAfterTheGrace(t *testing.T) {
	for _, grace := range []time.Duration{50 * time.Millisecond, target.NoGrace} {
		s := listen(t, target.Config{Grace: grace})
		closed := closing(s, map[string]func() error{"a": func() error { return errors.New("no longer there") }}, "a")
		r := start(t, s)
		dial(t, r).send(request("/fail?how=hang"))
		awaitInFlight(t, r)
		r.stop()
		if err := <-r.end; !errors.Is(err, target.ErrUnfinished) || !errors.Is(err, target.ErrUnclean) || len(closed.all()) != 1 {
			t.Errorf("grace %v: Serve: %v, closed %q", grace, err, closed.all())
		}
	}
}
