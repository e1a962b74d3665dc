package target_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/looptest/looptest/target"
)

// cacheStats mirrors the observation's account of a cache.
type cacheStats struct {
	Hits, Misses, Evictions, Entries, Bytes int
}

func cachesOf(t *testing.T, s *running) map[string]cacheStats {
	t.Helper()
	var stats struct{ Caches map[string]cacheStats }
	getJSON(t, s.ObserveURL+"/stats", &stats)
	return stats.Caches
}

// A value is computed once by what remembers it, and each time by what doesn't.
// The caches know nothing of each other.
func TestCacheModes(t *testing.T) {
	s := serve(t, target.Config{})
	for _, c := range []struct{ mode, hits string }{
		{"bounded", "false true true"}, {"unbounded", "false true true"}, {"none", "false false false"},
	} {
		var hits []string
		for range 3 {
			code, body := get(t, s.URL+"/cache/get?n=10&kb=1&key=7&mode="+c.mode)
			values, hit, found := strings.Cut(body, " Hit=")
			if code != 200 || !found || !strings.HasPrefix(values, "Key=7 Sum=") || !strings.HasSuffix(values, " Bytes=1024") {
				t.Errorf("%s: answered %d %q", c.mode, code, body)
			}
			hits = append(hits, hit)
		}
		if got := strings.Join(hits, " "); got != c.hits {
			t.Errorf("%s: hits are %s, want %s", c.mode, got, c.hits)
		}
	}
	// {"key":7,"sum":…,"text":"…"} with 1,024 bytes of text, and some more of the rest.
	all := cachesOf(t, s)
	if b := all["bounded"]; b.Hits != 2 || b.Misses != 1 || b.Entries != 1 || b.Bytes <= 1024 || b.Bytes > 1124 {
		t.Errorf("bounded: %+v", b)
	}
	if all["unbounded"] != all["bounded"] || all["none"] != (cacheStats{Misses: 3}) {
		t.Errorf("got %+v", all)
	}
	get(t, s.URL+"/cache/clear")
	if all := cachesOf(t, s); all["bounded"].Entries != 0 || all["bounded"].Bytes != 0 || all["unbounded"].Entries != 0 || all["unbounded"].Bytes != 0 {
		t.Errorf("after they were cleared: %+v", all)
	}
	if _, body := get(t, s.URL+"/cache/get?n=10&kb=1&key=7"); !strings.HasSuffix(body, "Hit=false") {
		t.Errorf("after it was cleared: %q", body)
	}
}

// All that a value depends on is its key.
func TestCacheKeys(t *testing.T) {
	s := serve(t, target.Config{})
	sums := map[string]bool{}
	for _, query := range []string{"key=1&n=10&kb=1", "key=2&n=10&kb=1", "key=1&n=11&kb=1", "key=1&n=10&kb=2"} {
		_, body := get(t, s.URL+"/cache/get?"+query)
		if !strings.HasSuffix(body, "Hit=false") {
			t.Errorf("%s: %q", query, body)
		}
		sums[body] = true
	}
	if len(sums) != 4 {
		t.Errorf("got %d answers for 4 values: %v", len(sums), sums)
	}
}

// Drawn keys are within their range, and the same ones in every server.
func TestDrawnKeys(t *testing.T) {
	var drawn [2]string
	for i := range drawn {
		s := serve(t, target.Config{})
		for range 50 {
			_, body := get(t, s.URL+"/cache/get?n=0&kb=1&key=100&spread=20")
			key := 0
			if _, err := fmt.Sscanf(body, "Key=%d", &key); err != nil || key < 100 || key >= 120 {
				t.Errorf("drew %d of 100 to 119: %q", key, body)
			}
			drawn[i] += fmt.Sprintln(key)
		}
	}
	if drawn[0] != drawn[1] {
		t.Errorf("two servers drew\n%s and\n%s", drawn[0], drawn[1])
	}
}

func TestCacheRefuses(t *testing.T) {
	s := serve(t, target.Config{})
	for query, says := range map[string]string{
		"get?mode=big":       "must be one of bounded, unbounded, none",
		"get?key=-1":         "from 0 to 1000000000",
		"get?spread=0":       "from 1 to 1000000",
		"get?n=10000001":     "from 0 to 10000000",
		"get?kb=1025":        "from 1 to 1024",
		"memo?session=1000":  "from 0 to 999",
		"memo?do=remember":   "must be one of use, drop",
		"clear?mode=bounded": "it takes none",
	} {
		if code, body := get(t, s.URL+"/cache/"+query); code != http.StatusBadRequest || !strings.Contains(body, says) {
			t.Errorf("%s answered %d %q, want %q", query, code, body, says)
		}
	}
}

func TestCachesInMetrics(t *testing.T) {
	s := serve(t, target.Config{})
	for range 3 {
		get(t, s.URL+"/cache/get?n=0&kb=1")
		get(t, s.URL+"/cache/memo?n=0")
	}
	_, text := get(t, s.ObserveURL+"/metrics")
	for _, line := range []string{
		`cache_hits_total{cache="bounded"} 2`, `cache_misses_total{cache="bounded"} 1`, `cache_evictions_total{cache="bounded"} 0`,
		`cache_entries{cache="bounded"} 1`, `cache_bytes{cache="bounded"} 10`, `cache_entries{cache="unbounded"} 0`,
		`cache_hits_total{cache="memo"} 2`, `cache_misses_total{cache="memo"} 1`,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the metrics have no %q", line)
		}
	}
}
