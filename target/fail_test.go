package target_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// Each way to fail is answered, reported as what it is, and survived.
func TestFail(t *testing.T) {
	log := &events{}
	s := serve(t, target.Config{Log: log.log()})
	for _, c := range []struct {
		how, event, body     string
		uncaught, rejections int // in all
	}{
		{"error", "", "boom, by error", 0, 0},
		{"exception", "uncaught error", "uncaught error: boom, by exception", 1, 0},
		{"rejection", "unhandled rejection", "unhandled rejection: boom, by rejection", 1, 1},
	} {
		before := len(log.all())
		if code, body := get(t, s.URL+"/fail?how="+c.how); code != http.StatusInternalServerError || body != c.body {
			t.Errorf("how=%s answered %d %q", c.how, code, body)
		}
		if got := counted(t, s); got.Uncaught != c.uncaught || got.Unhandled != c.rejections {
			t.Errorf("after how=%s %+v are counted", c.how, got)
		}
		events := log.all()[before:]
		switch {
		case c.event == "" && len(events) == 0:
		case len(events) != 1 || events[0].Msg != c.event || events[0].Route != "/fail" || events[0].Query != "how="+c.how ||
			events[0].Error != "boom, by "+c.how || !strings.Contains(events[0].Stack, "target/fail.go"):
			t.Errorf("how=%s gave the events %+v", c.how, events)
		}
		answersOthers(t, s)
	}
	_, text := get(t, s.ObserveURL+"/metrics")
	for _, want := range []string{
		`uncaught_errors_total{route="/fail"} 1`, `unhandled_rejections_total{route="/fail"} 1`,
		`http_request_duration_seconds_count{code="500",route="/fail"} 3`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics have no %q", want)
		}
	}
	ends(t, s)
}

// A rejection that is handled before both queues are empty is none; one of nobody's
// request is told all the same.
func TestRejections(t *testing.T) {
	log := &events{}
	s := serve(t, target.Config{Log: log.log()})
	target.Handle(s.server, "/handled", func(x *target.Exchange) {
		p := x.Reject("late")
		x.NextTick(func() {
			x.Then(p, nil, func(reason any) any { x.Reply(http.StatusOK, reason.(string)); return nil })
		})
	})
	target.Handle(s.server, "/answered", func(x *target.Exchange) {
		x.Reply(http.StatusOK, "answered")
		x.Reject("after the answer")
	})
	if code, body := get(t, s.URL+"/handled"); code != http.StatusOK || body != "late" {
		t.Errorf("answered %d %q", code, body)
	}
	if code, body := get(t, s.URL+"/answered"); code != http.StatusOK || body != "answered" {
		t.Errorf("answered %d %q", code, body)
	}
	until(func() bool { return counted(t, s).Unhandled == 1 && len(log.all()) > 0 }) // the count is first
	if all := log.all(); len(all) != 1 || all[0].Error != "after the answer" || all[0].Route != "/answered" {
		t.Errorf("the events are %+v", all)
	}
	ends(t, s)
}

// Without a handler of rejections Node ends at one, as at an uncaught error.
func TestExitOnRejection(t *testing.T) {
	log := &events{}
	s := serve(t, target.Config{Log: log.log(), ExitOnUncaught: true})
	w := dial(t, s)
	w.send(request("/fail?how=rejection"))
	crashed(t, s, target.ExitUncaught)
	if b, err := w.answer.ReadByte(); err == nil {
		t.Errorf("the connection got %q", b)
	}
	if all := log.all(); len(all) != 1 || all[0].Msg != "unhandled rejection" {
		t.Errorf("the events are %+v", all)
	}
}

// A request that hangs is waited for to the end of the grace period, and not when
// its client has gone.
func TestHang(t *testing.T) {
	s := serve(t, target.Config{Grace: 50 * time.Millisecond})
	w := dial(t, s)
	w.send(request("/fail?how=hang"))
	awaitInFlight(t, s)
	s.stop()
	if err := <-s.end; !errors.Is(err, target.ErrUnfinished) {
		t.Errorf("Serve: %v, want ErrUnfinished", err)
	}
	if b, err := w.answer.ReadByte(); err == nil {
		t.Errorf("the connection got %q", b)
	}

	s = serve(t, target.Config{Grace: time.Hour})
	w = dial(t, s)
	w.send(request("/fail?how=hang"))
	awaitInFlight(t, s)
	w.Close()
	s.stop()
	if err := <-s.end; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// Without any grace nothing is waited for.
func TestNoGrace(t *testing.T) {
	s := serve(t, target.Config{Grace: target.NoGrace})
	idle := answeredBefore(t, s)
	for range 2000 { // the client has its answer before the server is done with it
		if target.Working(s.server) == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	s.stop()
	if err := <-s.end; err != nil {
		t.Errorf("Serve: %v", err)
	}
	areClosed(t, map[string]*wire{"idle": idle})

	s = serve(t, target.Config{Grace: target.NoGrace})
	w := dial(t, s)
	w.send(request("/lookup?ms=100"))
	awaitInFlight(t, s)
	s.stop()
	if err := <-s.end; !errors.Is(err, target.ErrUnfinished) || !strings.Contains(err.Error(), "after 0s: 1 without an answer") {
		t.Errorf("Serve: %v, want ErrUnfinished", err)
	}
	areClosed(t, map[string]*wire{"working": w})
}
