package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/reports"
)

// metricsServer lets Prometheus read the attack under way; nil serves nothing.
type metricsServer struct {
	server  *http.Server
	address net.Addr
	served  sync.WaitGroup
}

// loadEvery is how often the load is put together at most, however many ask: it
// holds the samples up meanwhile.
const loadEvery = time.Second

func (a *attacking) serveMetrics() (*metricsServer, error) {
	if a.flags.metricsAddr == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", a.flags.metricsAddr)
	if err != nil {
		return nil, fmt.Errorf("--metrics-addr %q can't be listened on: %w", a.flags.metricsAddr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", reports.Exposition(newlyAtMost(loadEvery, func() analysis.Load { return a.load(nil) })))
	m := &metricsServer{
		server:  &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ErrorLog: log.New(io.Discard, "", 0)},
		address: listener.Addr(),
	}
	m.served.Go(func() { m.server.Serve(listener) })
	return m, nil
}

func (m *metricsServer) announce(w io.Writer) {
	if m != nil {
		fmt.Fprintf(w, "metrics for Prometheus on http://%s/metrics\n", m.address)
	}
}

// close ends the server and those who ask it at the moment.
func (m *metricsServer) close() {
	if m != nil {
		m.server.Close()
		m.served.Wait()
	}
}

// newlyAtMost gives what make made, and lets it make anew once it is that old.
func newlyAtMost[T any](age time.Duration, make func() T) func() T {
	var mu sync.Mutex
	var made T
	var at time.Time
	return func() T {
		mu.Lock()
		defer mu.Unlock()
		if at.IsZero() || time.Since(at) >= age {
			made, at = make(), time.Now()
		}
		return made
	}
}
