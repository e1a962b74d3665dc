package attack_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// warmedUp runs the arm with a warm-up as its load and gives how many requests of
// each path came in that, and how many connections were opened by its end.
func warmedUp(t *testing.T, streams ...attack.Stream) (served map[string]int, connections int) {
	t.Helper()
	served = map[string]int{}
	var mu sync.Mutex
	s := newStarter(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		served[r.URL.Path]++
		mu.Unlock()
		answer(w, r)
	})
	var opened atomic.Int32
	plain := s.server
	s.server = httptest.NewUnstartedServer(plain.Config.Handler)
	s.server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.server.Start()
	t.Cleanup(s.server.Close)
	p := plan(target.Starter(s), streams...)
	p.Arms[0].Warmup = attack.Warmup{Lasts: 300 * time.Millisecond, AsLoad: true}
	began := map[string]int{}
	_, err := attack.Execute(t.Context(), p, attack.Hooks{Began: func(time.Time) {
		mu.Lock()
		for path, n := range served {
			began[path] = n
		}
		mu.Unlock()
		connections = int(opened.Load())
	}})
	if err != nil {
		t.Fatal(err)
	}
	return began, connections
}

// A warm-up as the load sends what the streams send, at their initial rates.
func TestWarmupAsLoad(t *testing.T) {
	slow := probe(5, 100*time.Millisecond)
	slow.Requests = []attack.Request{{URL: "/a"}, {URL: "/b", Method: http.MethodPost}}
	late := probe(1, 100*time.Millisecond)
	late.Requests = []attack.Request{{URL: "/late"}}
	late.Schedule = attack.Sequence{attack.Silence{Lasts: 90 * time.Millisecond}, attack.Silence{Lasts: 10 * time.Millisecond}}
	fast := probe(40, time.Second)
	fast.Requests = []attack.Request{{URL: "/fast"}}
	served, connections := warmedUp(t, slow, late, fast)
	for path, want := range map[string]int{"/a": 1, "/b": 0, "/late": 1, "/fast": 12} {
		if served[path] != want {
			t.Errorf("%s was asked for %d times, want %d", path, served[path], want)
		}
	}
	if connections > 42 {
		t.Errorf("%d connections for 42 requests a second", connections)
	}
}

// A load of few requests opens few connections.
func TestWarmupOpensWhatTheLoadNeeds(t *testing.T) {
	if _, connections := warmedUp(t, probe(3, time.Second)); connections > 3 {
		t.Errorf("%d connections for 3 requests a second", connections)
	}
	if _, connections := warmedUp(t, probe(900, 200*time.Millisecond)); connections < attack.DefaultConnections {
		t.Errorf("%d connections for 900 requests a second", connections)
	}
}
