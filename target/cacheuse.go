package target

import "github.com/prometheus/client_golang/prometheus"

// cacheUse is how a cache was used since the server began, and what it holds.
type cacheUse struct {
	Hits      int64 `json:"hits"`
	Misses    int64 `json:"misses"`
	Evictions int64 `json:"evictions"` // entries that the cache itself let go of, or that were cleared
	Entries   int   `json:"entries"`
	Bytes     int64 `json:"bytes"` // as JSON; 0 where sizes aren't counted
}

func (u *cacheUse) count(hit bool) {
	if hit {
		u.Hits++
		return
	}
	u.Misses++
}

// cacheUses gives the use of every cache by its name.
func (s *Server) cacheUses() map[string]cacheUse {
	uses := map[string]cacheUse{"memo": s.sessions.memo.use()}
	for mode, c := range s.caches.stores {
		uses[mode] = c.use()
	}
	return uses
}

// cacheCollector reads the caches' accounts when it is asked.
type cacheCollector struct{ server *Server }

var _ prometheus.Collector = cacheCollector{}

var (
	hitsDescription      = cacheDescription("hits_total", "Requests whose value the cache had.")
	missesDescription    = cacheDescription("misses_total", "Requests whose value had to be computed.")
	evictionsDescription = cacheDescription("evictions_total", "Entries that the cache let go of.")
	entriesDescription   = cacheDescription("entries", "Entries that the cache holds.")
	bytesDescription     = cacheDescription("bytes", "What the cache's entries are as JSON.")
)

func cacheDescription(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("cache_"+name, help, []string{"cache"}, nil)
}

// Describe is for the registry.
func (cacheCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{hitsDescription, missesDescription, evictionsDescription, entriesDescription, bytesDescription} {
		to <- d
	}
}

// Collect is for the registry.
func (c cacheCollector) Collect(to chan<- prometheus.Metric) {
	for name, use := range c.server.cacheUses() {
		value := func(d *prometheus.Desc, kind prometheus.ValueType, v float64) {
			to <- prometheus.MustNewConstMetric(d, kind, v, name)
		}
		value(hitsDescription, prometheus.CounterValue, float64(use.Hits))
		value(missesDescription, prometheus.CounterValue, float64(use.Misses))
		value(evictionsDescription, prometheus.CounterValue, float64(use.Evictions))
		value(entriesDescription, prometheus.GaugeValue, float64(use.Entries))
		value(bytesDescription, prometheus.GaugeValue, float64(use.Bytes))
	}
}
