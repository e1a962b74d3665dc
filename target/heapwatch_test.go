package target_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// leakStats mirrors the observation's account of the alarms.
type leakStats struct {
	At     float64 `json:"at_ms"`
	Live   int64   `json:"live_heap_bytes"`
	Events int     `json:"leak_events"`
	Leaks  []struct {
		Grown       int64 `json:"grown_bytes"`
		Heap        int64 `json:"heap_bytes"`
		Collections int
		Site        string
	}
}

// A leak that goes on is an alarm which names where it was allocated: in the log,
// in the stats and metrics, and to who observes the server.
func TestWatchNamesTheLeak(t *testing.T) {
	log := &lines{}
	s := serve(t, target.Config{WatchHeap: 160 * time.Millisecond, Log: slog.New(slog.NewJSONHandler(log, nil))})
	observer := target.FindObserver(t.Context(), s.URL)
	mark, err := observer.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var stats leakStats
	for range 200 { // 16 windows of 10 ms, with a collection in each, should be enough
		plant(t, s, 1)
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
		if getJSON(t, s.ObserveURL+"/stats", &stats); stats.Events > 0 {
			break
		}
	}
	if stats.Events == 0 || len(stats.Leaks) != stats.Events {
		t.Fatalf("no alarm: %+v", stats)
	}
	l := stats.Leaks[0]
	if !strings.Contains(l.Site, "target.(*leak).plant (target/leak.go:") || l.Grown < 8*mib || l.Heap <= l.Grown || l.Collections < 16 || stats.Live < l.Heap {
		t.Errorf("the alarm is %+v, live are %d bytes", l, stats.Live)
	}
	usage, _, err := observer.Since(t.Context(), mark, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(usage.Leaks) == 0 || usage.Leaks[0].Site != l.Site || usage.Leaks[0].After <= 0 || usage.LiveAfter < usage.LiveBefore+8*mib {
		t.Errorf("observed were %+v, %d to %d bytes", usage.Leaks, usage.LiveBefore, usage.LiveAfter)
	}
	if _, text := get(t, s.ObserveURL+"/metrics"); !strings.Contains(text, "heap_leak_events_total 1") || !strings.Contains(text, "heap_live_bytes ") {
		t.Error("the metrics don't count the alarm")
	}
	var event struct {
		Level, Msg, Site string
		Grown            int64 `json:"grown_bytes"`
	}
	if err := json.Unmarshal([]byte(strings.SplitAfter(log.String(), "\n")[0]), &event); err != nil || event.Level != "WARN" || event.Site != l.Site || event.Grown != l.Grown {
		t.Errorf("the log has %q (%v)", log.String(), err)
	}
	var later leakStats
	if getJSON(t, s.ObserveURL+"/stats?since_ms=1e11", &later); later.Events != stats.Events || len(later.Leaks) != 0 {
		t.Errorf("since then: %+v", later)
	}
}

// Without a watch nothing is judged, and the stats say so.
func TestNoWatch(t *testing.T) {
	s := serve(t, target.Config{})
	var stats leakStats
	if getJSON(t, s.ObserveURL+"/stats", &stats); stats.Events != 0 || stats.Leaks == nil || len(stats.Leaks) != 0 {
		t.Errorf("got %+v", stats)
	}
}
