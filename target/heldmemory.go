package target

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// heldMemory is the part of /stats about what is held, and where it leaks.
type heldMemory struct {
	Live   int64               `json:"live_heap_bytes"` // after the last collection of garbage
	Events int64               `json:"leak_events"`
	Leaks  []leakDocument      `json:"leaks"` // since since_ms; none without --watch-heap
	Caches map[string]cacheUse `json:"caches"`
}

func (s *Server) heldMemory(since time.Duration) heldMemory {
	live, _ := liveHeap()
	leaks, events := s.heapWatch.since(since)
	return heldMemory{Live: live, Events: events, Leaks: describeLeaks(leaks), Caches: s.cacheUses()}
}

// cached is the use of all caches together.
func (h heldMemory) cached() (all cacheUse) {
	for _, use := range h.Caches {
		all.Hits += use.Hits
		all.Misses += use.Misses
	}
	return all
}

// leakDocument is an alarm as the observation shows it.
type leakDocument struct {
	At          float64      `json:"at_ms"`
	Grown       int64        `json:"grown_bytes"`
	Heap        int64        `json:"heap_bytes"`
	Over        float64      `json:"over_ms"`
	Collections int          `json:"collections"`
	Site        string       `json:"site"`
	Sites       []siteGrowth `json:"sites"` // that grew since the watch began, the most first
}

func describeLeaks(events []leakEvent) []leakDocument {
	documents := make([]leakDocument, len(events))
	for i, e := range events {
		documents[i] = leakDocument{
			At: ms(e.at), Grown: e.what.Grown, Heap: e.what.Live, Over: ms(e.what.Over), Collections: e.what.Collections,
			Site: e.site(), Sites: e.sites,
		}
	}
	return documents
}

// heapCollector shows the heap to Prometheus, beside what the Go collector does:
// collections and their pauses are its go_gc_duration_seconds.
type heapCollector struct{ server *Server }

var _ prometheus.Collector = heapCollector{}

var (
	liveDescription = prometheus.NewDesc("heap_live_bytes",
		"What the last collection of garbage left.", nil, nil)
	leaksDescription = prometheus.NewDesc("heap_leak_events_total",
		"How often the heap kept growing for longer than --watch-heap; 0 without it.", nil, nil)
)

// Describe is for the registry.
func (heapCollector) Describe(to chan<- *prometheus.Desc) {
	to <- liveDescription
	to <- leaksDescription
}

// Collect is for the registry.
func (c heapCollector) Collect(to chan<- prometheus.Metric) {
	live, _ := liveHeap()
	_, events := c.server.heapWatch.since(0)
	to <- prometheus.MustNewConstMetric(liveDescription, prometheus.GaugeValue, float64(live))
	to <- prometheus.MustNewConstMetric(leaksDescription, prometheus.CounterValue, float64(events))
}
