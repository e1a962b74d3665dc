package target_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// events is a log that keeps its lines.
type events struct {
	mu    sync.Mutex
	lines []event
}

type event struct {
	Level, Msg, Route, Query, Error, Stack, Name string
	Closed                                       []string

	Method, Path string
	MS           float64
	Code         int

	HeldBy string  `json:"held_by"`
	Held   float64 `json:"held_ms"`
	Lag    float64 `json:"lag_ms"`
}

func (e *events) Write(line []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var read event
	if err := json.Unmarshal(line, &read); err != nil {
		return 0, err
	}
	e.lines = append(e.lines, read)
	return len(line), nil
}

// all gives what went wrong.
func (e *events) all() []event { return e.at("ERROR") }

// every gives all lines.
func (e *events) every() []event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.lines)
}

func (e *events) at(level string) (lines []event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, line := range e.lines {
		if line.Level == level {
			lines = append(lines, line)
		}
	}
	return lines
}

func (e *events) log() *slog.Logger { return slog.New(slog.NewJSONHandler(e, nil)) }

// counted is what /stats counts.
func counted(t *testing.T, s *running) (c struct {
	Uncaught  int `json:"uncaught_errors"`
	Unhandled int `json:"unhandled_rejections"`
}) {
	t.Helper()
	getJSON(t, s.ObserveURL+"/stats", &c)
	return c
}

// uncaught is how many of either kind there were.
func uncaught(t *testing.T, s *running) int {
	t.Helper()
	c := counted(t, s)
	return c.Uncaught + c.Unhandled
}

// ways is what /panic offers.
func ways(t *testing.T) []string {
	t.Helper()
	for _, r := range target.Routes(1) {
		if r.Path == "/panic" {
			return r.Params[0].Choices
		}
	}
	t.Fatal("there is no /panic")
	return nil
}

// Whatever callback throws: there is an event, the request gets a 500, and the
// server lives on.
func TestUncaughtErrors(t *testing.T) {
	log := &events{}
	s := serve(t, target.Config{Log: log.log()})
	for i, way := range ways(t) {
		if code, body := get(t, s.URL+"/panic?in="+way); code != http.StatusInternalServerError || !strings.Contains(body, "boom") {
			t.Errorf("in=%s answered %d %q", way, code, body)
		}
		answersOthers(t, s)
		if n := uncaught(t, s); n != i+1 {
			t.Errorf("after in=%s %d errors are counted, want %d", way, n, i+1)
		}
		all := log.all()
		if len(all) != i+1 {
			t.Fatalf("after in=%s there are %d events, want %d", way, len(all), i+1)
		}
		e := all[i]
		kind := map[bool]string{true: "unhandled rejection", false: "uncaught error"}[way == "promise"]
		if e.Msg != kind || e.Route != "/panic" || e.Query != "in="+way || !strings.Contains(e.Error, "boom") {
			t.Errorf("in=%s gave the event %+v", way, e)
		}
		if thrower := map[bool]string{true: "target/workerjob.go", false: "target/panic.go"}[way == "worker"]; !strings.Contains(e.Stack, thrower) {
			t.Errorf("in=%s: the stack does not name %s:\n%s", way, thrower, e.Stack)
		}
	}
	_, text := get(t, s.ObserveURL+"/metrics")
	for _, want := range []string{
		fmt.Sprintf(`uncaught_errors_total{route="/panic"} %d`, len(ways(t))-1), `unhandled_rejections_total{route="/panic"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics have no %q", want)
		}
	}
	if c := counted(t, s); c.Unhandled != 1 {
		t.Errorf("%d rejections are counted", c.Unhandled)
	}
	ends(t, s)
}

// later schedules fn in one of many ways.
func later(x *target.Exchange, way int, fn func()) {
	switch way % 6 {
	case 0:
		x.NextTick(fn)
	case 1:
		x.QueueMicrotask(fn)
	case 2:
		x.SetImmediate(fn)
	case 3:
		x.SetTimeout(fn, time.Millisecond)
	case 4:
		x.Work(func() {}, fn)
	case 5:
		x.Then(x.Resolve(nil), func(any) any { fn(); return nil }, nil)
	}
}

// Among many requests whose callbacks mix, each error finds its own request, a
// few steps away from the handler too, and every other request its answer.
func TestUncaughtErrorsFindTheirRequests(t *testing.T) {
	s := serve(t, target.Config{})
	var number atomic.Int64
	target.Handle(s.server, "/mixed", func(x *target.Exchange) {
		n := int(number.Add(1))
		later(x, n, func() {
			later(x, n/6, func() {
				if n%2 == 0 {
					panic("of " + x.Accept)
				}
				x.Reply(http.StatusOK, "to "+x.Accept)
			})
		})
	})
	const requests = 240
	var failed atomic.Int64
	var all sync.WaitGroup
	for i := range requests {
		all.Go(func() {
			req, _ := http.NewRequest(http.MethodGet, s.URL+"/mixed", nil)
			req.Header.Set("Accept", fmt.Sprintf("request %d", i))
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			want := fmt.Sprintf("to request %d", i)
			got := string(body)
			if res.StatusCode == http.StatusInternalServerError {
				failed.Add(1)
				want = fmt.Sprintf("of request %d", i)
				_, got, _ = strings.Cut(got, ": ") // behind what kind of error it is
			}
			if got != want {
				t.Errorf("request %d got %d %q", i, res.StatusCode, body)
			}
		})
	}
	all.Wait()
	if n := uncaught(t, s); failed.Load() != requests/2 || n != requests/2 {
		t.Errorf("%d of %d requests failed, and %d errors are counted", failed.Load(), requests, n)
	}
	ends(t, s)
}

// An error after the answer is an event and nothing else; so is one whose client
// has gone, and one that belongs to no request.
func TestUncaughtErrorsThatNobodyWaitsFor(t *testing.T) {
	log := &events{}
	s := serve(t, target.Config{Log: log.log()})
	target.Handle(s.server, "/answered", func(x *target.Exchange) {
		x.Reply(http.StatusOK, "answered")
		panic("after the answer")
	})
	begun, gone := make(chan struct{}), make(chan struct{})
	target.Handle(s.server, "/gone", func(x *target.Exchange) {
		close(begun)
		x.SlowWork(func() { <-gone }, func() { panic("after the client") })
	})
	if code, body := get(t, s.URL+"/answered"); code != http.StatusOK || body != "answered" {
		t.Errorf("answered %d %q", code, body)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-begun
		cancel()
	}()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/gone", nil)
	if res, err := http.DefaultClient.Do(req); err == nil {
		res.Body.Close()
		t.Error("a handler that was held has answered")
	}
	close(gone)
	target.Post(s.server, func() { panic("of nobody") })
	until(func() bool { return uncaught(t, s) == 3 })
	routes := map[string]string{}
	for _, e := range log.all() {
		routes[e.Error] = e.Route
	}
	if routes["after the answer"] != "/answered" || routes["after the client"] != "/gone" || routes["of nobody"] != "" {
		t.Errorf("the events are of %v", routes)
	}
	if _, text := get(t, s.ObserveURL+"/metrics"); !strings.Contains(text, `uncaught_errors_total{route="none"} 1`) {
		t.Error("the metrics don't count the error of nobody")
	}
	answersOthers(t, s)
	ends(t, s)
}

// A promise's handler gets the reason as it was thrown; what is caught is no
// event.
func TestACaughtRejectionIsNoEvent(t *testing.T) {
	s := serve(t, target.Config{})
	reason := errors.New("caught")
	target.Handle(s.server, "/caught", func(x *target.Exchange) {
		p := x.Then(x.Resolve(nil), func(any) any { panic(reason) }, nil)
		x.Then(p, nil, func(got any) any {
			x.Reply(http.StatusOK, fmt.Sprint(got == reason))
			return nil
		})
	})
	if code, body := get(t, s.URL+"/caught"); code != http.StatusOK || body != "true" {
		t.Errorf("answered %d %q", code, body)
	}
	if n := uncaught(t, s); n != 0 {
		t.Errorf("%d errors are counted", n)
	}
	ends(t, s)
}

// crashed checks that the server ended with that code of Node's.
func crashed(t *testing.T, s *running, code int) {
	t.Helper()
	err := <-s.end
	var crash *target.Crash
	if !errors.As(err, &crash) || crash.Code != code || !strings.Contains(err.Error(), "boom") {
		t.Errorf("Serve: %v, want a crash with code %d that tells of the boom", err, code)
	}
	http.DefaultClient.CloseIdleConnections()
}

// When asked, the server ends at the first uncaught error, whatever else is
// under way: the others' connections are closed without an answer.
func TestExitOnUncaught(t *testing.T) {
	for _, way := range ways(t) {
		if way == "worker" {
			continue // ends the worker alone
		}
		t.Run(way, func(t *testing.T) {
			log := &events{}
			s := serve(t, target.Config{Log: log.log(), ExitOnUncaught: true, Grace: 50 * time.Millisecond})
			begun, held := make(chan struct{}), make(chan struct{})
			target.Handle(s.server, "/held", func(x *target.Exchange) {
				close(begun)
				x.SlowWork(func() { <-held }, func() {})
			})
			defer close(held)
			idle, waiting, thrower := dial(t, s), dial(t, s), dial(t, s)
			waiting.send(request("/held"))
			<-begun
			thrower.send(request("/panic?in=" + way))
			crashed(t, s, target.ExitUncaught)
			for name, w := range map[string]*wire{"idle": idle, "waiting": waiting, "thrower": thrower} {
				if b, err := w.answer.ReadByte(); err == nil {
					t.Errorf("the %s connection got %q", name, b)
				}
			}
			if all := log.all(); len(all) != 1 || all[0].Query != "in="+way {
				t.Errorf("the events are %+v", all)
			}
		})
	}
}

func TestAWorkersErrorEndsTheWorkerAlone(t *testing.T) {
	s := serve(t, target.Config{ExitOnUncaught: true})
	if code, _ := get(t, s.URL+"/panic?in=worker"); code != http.StatusInternalServerError {
		t.Errorf("answered %d", code)
	}
	if code, body := get(t, s.URL+"/compute?n=10"); code != http.StatusOK || body != "55" {
		t.Errorf("the next worker answered %d %q", code, body)
	}
	ends(t, s)
}

// failing is a log that can't be written.
type failing struct{ slog.Handler }

func (failing) Enabled(context.Context, slog.Level) bool  { return true }
func (failing) Handle(context.Context, slog.Record) error { panic("no log") }

// When the handling of an error fails itself, the server ends with Node's code
// for that, whether or not it was to live on.
func TestAReportThatFails(t *testing.T) {
	for _, way := range []string{"timer", "worker"} {
		for _, exit := range []bool{false, true} {
			s := serve(t, target.Config{Log: slog.New(failing{}), ExitOnUncaught: exit})
			w := dial(t, s)
			w.send(request("/panic?in=" + way))
			crashed(t, s, target.ExitUncaughtFailed)
			if b, err := w.answer.ReadByte(); err == nil {
				t.Errorf("in=%s: the connection got %q", way, b)
			}
		}
	}
}
