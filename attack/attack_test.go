package attack_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// fake is a target in this process.
type fake struct {
	url      string
	gone     chan struct{}
	stopped  *atomic.Int32
	observer target.Observer
}

func (f *fake) URL() string               { return f.url }
func (f *fake) Observer() target.Observer { return f.observer }
func (f *fake) Gone() <-chan struct{}     { return f.gone }
func (f *fake) Stop() error               { f.stopped.Add(1); return nil }
func (f *fake) Err() error {
	select {
	case <-f.gone:
		return errors.New("the fake is gone")
	default:
		return nil
	}
}

// starter starts fakes in front of a handler and counts them.
type starter struct {
	name             string
	server           *httptest.Server
	started, stopped atomic.Int32
	gone             chan struct{}
	err              error
}

func (s *starter) String() string { return s.name }
func (s *starter) Start(context.Context) (target.Target, error) {
	if s.err != nil {
		return nil, s.err
	}
	s.started.Add(1)
	return &fake{url: s.server.URL, gone: s.gone, stopped: &s.stopped}, nil
}

func newStarter(t *testing.T, handler http.HandlerFunc) *starter {
	s := &starter{name: t.Name(), server: httptest.NewServer(handler), gone: make(chan struct{})}
	t.Cleanup(s.server.Close)
	return s
}

func answer(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "OK") }

func probe(rate float64, lasts time.Duration) attack.Stream {
	return attack.Stream{
		Name: "/ok", Role: attack.Probe, Timeout: 5 * time.Second,
		Requests: []attack.Request{{URL: "/ok"}},
		Schedule: attack.Constant{Rate: rate, Lasts: lasts},
	}
}

func plan(s target.Starter, streams ...attack.Stream) attack.Plan {
	return attack.Plan{Blocks: 1, Arms: []attack.Arm{{Name: "arm", Target: s, Streams: streams}}}
}

// Every due request becomes one sample with its own intended time, in order.
func TestSamplesFollowTheSchedule(t *testing.T) {
	s := newStarter(t, answer)
	schedule := attack.Constant{Rate: 500, Lasts: 300 * time.Millisecond}
	burst := attack.Stream{
		Name: "burst", Role: attack.Offender, Requests: []attack.Request{{URL: "/a"}, {URL: "/b"}},
		Schedule: attack.Bursts{Size: 8, Every: 100 * time.Millisecond, Times: 2},
	}
	runs, err := attack.Execute(context.Background(), plan(s, probe(500, 300*time.Millisecond), burst), attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	r := runs[0]
	if len(runs) != 1 || r.Partial || len(r.Samples) != 150+16 {
		t.Fatalf("%d runs, %d samples, %q", len(runs), len(r.Samples), r.Failure)
	}
	for i, sample := range r.Of(attack.Probe) {
		due, _ := schedule.Due(i)
		if sample.Seq != i || sample.Intended != due || sample.Code != 200 || sample.Err != "" || sample.Bytes != 2 {
			t.Fatalf("sample %d: %+v, due at %v", i, sample, due)
		}
		if sample.Sent < sample.Intended || sample.Done < sample.Sent {
			t.Fatalf("sample %d goes back in time: %+v", i, sample)
		}
		if sample.Response() != sample.Service()+sample.SendLag() {
			t.Fatalf("sample %d: %v is not %v + %v", i, sample.Response(), sample.Service(), sample.SendLag())
		}
	}
	for i, want := range []int{150, 16} {
		if c := r.Streams[i]; c.Offered != want || c.Sent != want || c.Unsent != 0 || c.Bad != 0 {
			t.Errorf("%+v, want %d offered and sent", c, want)
		}
	}
	if r.Environment.Target != t.Name() || r.Environment.CPUs < 1 || r.Began.IsZero() {
		t.Errorf("environment %+v, began %v", r.Environment, r.Began)
	}
}

// A target that stalls does not slow the schedule down: the requests that were
// due during the stall are sent during it, and their response times say how
// long they waited (a closed-loop generator would have sent none).
func TestAStallDoesNotStopTheSchedule(t *testing.T) {
	release := make(chan struct{})
	var held atomic.Int32
	const behind = 40
	s := newStarter(t, func(w http.ResponseWriter, r *http.Request) {
		if held.Add(1) == behind {
			close(release) // only once that many are there at the same time
		}
		<-release
		answer(w, r)
	})
	runs, err := attack.Execute(context.Background(), plan(s, probe(200, time.Second)), attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	samples := runs[0].Of(attack.Probe)
	last := samples[behind-1].Sent
	for i, sample := range samples[:behind-1] {
		if sample.Done < last {
			t.Errorf("request %d was done at %v, before request %d was sent at %v", i, sample.Done, behind, last)
		}
	}
}

func TestWarmupIsLeftOut(t *testing.T) {
	var served atomic.Int32
	s := newStarter(t, func(w http.ResponseWriter, r *http.Request) { served.Add(1); answer(w, r) })
	p := plan(s, probe(100, 100*time.Millisecond))
	p.Arms[0].Warmup = attack.Warmup{Lasts: 100 * time.Millisecond, Connections: 5}
	runs, err := attack.Execute(context.Background(), p, attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	// Two bursts of 16, 50 ms apart, then 10 measured requests.
	if len(runs[0].Samples) != 10 || served.Load() != 42 {
		t.Errorf("%d samples of %d requests served", len(runs[0].Samples), served.Load())
	}
}

func TestErrorsAreSortedByKind(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + closed.Addr().String()
	closed.Close()
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		url     string
		timeout time.Duration
		code    int
		kind    attack.ErrorKind
	}{
		{"an answer", answer, "/ok", time.Second, 200, ""},
		{"a redirect is an answer", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/else", http.StatusFound) }, "/ok", time.Second, 302, ""},
		{"an unexpected code", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "/ok", time.Second, 503, attack.ErrStatus},
		{"nobody listens", answer, nobody, time.Second, 0, attack.ErrRefused},
		{"no answer in time", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "/ok", 50 * time.Millisecond, 0, attack.ErrTimeout},
		{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "/ok", time.Second, 0, attack.ErrReset},
	} {
		t.Run(c.name, func(t *testing.T) {
			stream := probe(50, 100*time.Millisecond)
			stream.Requests[0].URL, stream.Timeout = c.url, c.timeout
			runs, err := attack.Execute(context.Background(), plan(newStarter(t, c.handler), stream), attack.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range runs[0].Samples {
				if s.Code != c.code || s.Err != c.kind {
					t.Errorf("code %d, kind %q; want %d, %q", s.Code, s.Err, c.code, c.kind)
				}
			}
			bad := 0
			if c.kind != "" {
				bad = 5
			}
			if n := runs[0].Streams[0]; n.Bad != bad || n.Offered != 5 {
				t.Errorf("%d of %d bad, want %d of 5", n.Bad, n.Offered, bad)
			}
		})
	}
}

func TestExpectedCodes(t *testing.T) {
	s := newStarter(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	stream := probe(50, 100*time.Millisecond)
	stream.Expect = func(code int) bool { return code == 503 }
	runs, err := attack.Execute(context.Background(), plan(s, stream), attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if bad := runs[0].Streams[0].Bad; bad != 0 {
		t.Errorf("%d answers were unexpected", bad)
	}
}

// An interruption ends the run at once, also while requests wait, and keeps
// what was measured; only what was due by then was asked for.
func TestInterruption(t *testing.T) {
	var served atomic.Int32
	ctx, interrupt := context.WithCancel(context.Background())
	s := newStarter(t, func(w http.ResponseWriter, r *http.Request) {
		if served.Add(1) > 20 {
			interrupt()
			<-r.Context().Done()
			return
		}
		answer(w, r)
	})
	runs, err := attack.Execute(ctx, plan(s, probe(200, time.Hour)), attack.Hooks{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	r := runs[0]
	if !r.Partial || r.Failure == "" || len(r.Samples) < 20 {
		t.Fatalf("partial %v %q with %d samples", r.Partial, r.Failure, len(r.Samples))
	}
	c := r.Streams[0]
	if c.Offered != c.Sent+c.Unsent || c.Offered > 100_000 || c.Sent != len(r.Samples) {
		t.Errorf("%+v with %d samples", c, len(r.Samples))
	}
	for i, sample := range r.Samples {
		if i < 20 && sample.Err != "" || i >= 20 && sample.Err != attack.ErrCanceled {
			t.Errorf("sample %d: %q", i, sample.Err)
		}
	}
	if s.stopped.Load() != 1 {
		t.Errorf("the target was stopped %d times", s.stopped.Load())
	}
}

// A target that dies ends the run with its reason; what was measured is kept.
func TestTargetDies(t *testing.T) {
	var served atomic.Int32
	var s *starter
	var once sync.Once
	s = newStarter(t, func(w http.ResponseWriter, r *http.Request) {
		if served.Add(1) > 10 {
			once.Do(func() { close(s.gone) })
		}
		answer(w, r)
	})
	p := plan(s, probe(200, time.Hour))
	p.Blocks = 3
	runs, err := attack.Execute(context.Background(), p, attack.Hooks{})
	if err == nil || !strings.Contains(err.Error(), `block 1, arm "arm": the fake is gone`) {
		t.Fatalf("error %v", err)
	}
	if len(runs) != 1 || !runs[0].Partial || len(runs[0].Samples) < 10 {
		t.Errorf("%d runs, the first %+v", len(runs), runs[0].Streams)
	}
}

func TestTargetDoesNotStart(t *testing.T) {
	s := &starter{name: "x", err: errors.New("no such program")}
	runs, err := attack.Execute(context.Background(), plan(s, probe(10, time.Second)), attack.Hooks{})
	if len(runs) != 0 || err == nil || !strings.Contains(err.Error(), "no such program") {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

// Every block runs every arm once, in an order that the seed repeats; arms with
// equal starters share a process within a block and none is kept beyond it.
func TestBlocks(t *testing.T) {
	one, two := newStarter(t, answer), newStarter(t, answer)
	brief := probe(100, 10*time.Millisecond)
	p := attack.Plan{Blocks: 4, FirstBlock: 2, Seed: 7, Arms: []attack.Arm{
		{Name: "a", Target: one, Streams: []attack.Stream{brief}},
		{Name: "b", Target: two, Streams: []attack.Stream{brief}},
		{Name: "c", Target: one, Streams: []attack.Stream{brief}},
	}}
	order := func() (names string) {
		var reported []attack.Progress
		runs, err := attack.Execute(context.Background(), p, attack.Hooks{Progress: func(p attack.Progress) { reported = append(reported, p) }})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for i, r := range runs {
			names += r.Arm
			seen[r.Arm]++
			if r.Block != 2+i/3 || r.Order != i%3 {
				t.Errorf("run %d is in block %d at place %d", i, r.Block, r.Order)
			}
		}
		if seen["a"] != 4 || seen["b"] != 4 || seen["c"] != 4 {
			t.Errorf("runs by arm: %v", seen)
		}
		if last := reported[len(reported)-1]; last.Done != 12 || last.Total != 12 || len(reported) != 13 {
			t.Errorf("%d reports, the last %+v", len(reported), last)
		}
		return names
	}
	first := order()
	if one.started.Load() != 4 || two.started.Load() != 4 || one.stopped.Load() != 4 || two.stopped.Load() != 4 {
		t.Errorf("started %d and %d, stopped %d and %d; want 4 each", one.started.Load(), two.started.Load(), one.stopped.Load(), two.stopped.Load())
	}
	if again := order(); again != first {
		t.Errorf("the seed gave %s and then %s", first, again)
	}
	p.Seed = 8
	if other := order(); other == first {
		t.Errorf("seeds 7 and 8 both gave %s", other)
	}
}

func TestBadPlans(t *testing.T) {
	s := &starter{name: "x"}
	good := probe(10, time.Second)
	for _, c := range []struct {
		plan attack.Plan
		says string
	}{
		{attack.Plan{Blocks: 1}, "no arms"},
		{attack.Plan{Arms: plan(s, good).Arms}, "0 blocks"},
		{plan(nil, good), `arm "arm" has no target`},
		{plan(s, attack.Stream{Name: "x", Schedule: good.Schedule}), `arm "arm": stream "x" has no requests`},
		{plan(s, attack.Stream{Name: "x", Requests: good.Requests}), `stream "x" has no schedule`},
	} {
		if _, err := attack.Execute(context.Background(), c.plan, attack.Hooks{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v, want %q", err, c.says)
		}
	}
}
