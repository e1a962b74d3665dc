package claims

import (
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// cacheRuns are blocks in which hot keys take so long without a cache and 1 ms with
// one; the heap holds so many MiB without bounds and 12 with them; and so many
// of 400 requests are hits with bounds, 200 without.
func cacheRuns(blocks int, none time.Duration, unbounded, hits int64) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		add := func(arm string, hot time.Duration, u target.Usage) {
			r := synthetic(arm, b, probes{ms, ms}, hot, hot, hot)
			r.Target = &u
			runs = append(runs, r)
		}
		add("bounded", ms, target.Usage{LiveAfter: 12 * mi, CacheHits: hits, CacheMisses: 400 - hits})
		add("none", none, target.Usage{LiveAfter: 6 * mi, CacheMisses: 400})
		add("unbounded", ms, target.Usage{LiveAfter: unbounded * mi, CacheHits: 200, CacheMisses: 200})
	}
	return runs
}

func TestCache(t *testing.T) {
	for _, c := range []struct {
		name string
		runs []attack.Run
		expect
	}{
		{"proven", cacheRuns(6, 5*ms, 48, 190), expect{outcome: analysis.Pass, blocks: 6,
			headline: "a bounded cache cuts response time of hot keys, mean 5.0 ms → 1.0 ms, 5.0×; flooded, it holds 12 MiB and a map without bounds 48 MiB"}},
		{"hot keys are no quicker", cacheRuns(6, 2*ms, 48, 190), expect{outcome: analysis.Fail, blocks: 6, headline: "with a bounded cache,"}},
		{"the bound saves less than half", cacheRuns(6, 5*ms, 24, 190), expect{outcome: analysis.Fail, blocks: 6, headline: "24 MiB"}},
		// 200/160 = 1.25, 200/159 is more.
		{"the bound costs a fifth of the hits", cacheRuns(6, 5*ms, 48, 160), expect{outcome: analysis.Pass, blocks: 6, headline: "5.0×"}},
		{"the bound costs more hits", cacheRuns(6, 5*ms, 48, 159), expect{outcome: analysis.Fail, blocks: 6, headline: "5.0×"}},
		{"five blocks settle nothing", cacheRuns(5, 5*ms, 48, 190), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "5.0×", warnings: tooFew(5)}},
	} {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, cache().judge(settings(2), c.runs)) })
	}
}

func TestCacheSays(t *testing.T) {
	r := cache().judge(settings(2), cacheRuns(6, 5*ms, 48, 160))
	for i, want := range []string{
		"response time of hot keys, mean: 5.0 ms with none, 1.0 ms with bounded, 5.0× (5.0–5.0×)",
		"after the flood the heap holds 48 MiB without bounds and 12 MiB with them, 4.0× (4.0–4.0×)",
		"of all requests 50 % are hits without bounds and 40 % with them: 1.2× (1.2–1.2×) as many",
	} {
		if got := r.Verdict.Findings[i].Statement; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got, want := r.Charts[0].Title, "Flooded with keys, a bounded cache holds 12 MiB, a map without bounds 48 MiB and growing"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	checkFigure(t, r, "hits", map[string]float64{"none": 0, "unbounded": 50, "bounded": 40})
	checkFigure(t, r, "live heap", map[string]float64{"none": 6, "unbounded": 48, "bounded": 12})
}

// Each arm has a process of its own, so that its memory is its own, and is asked
// for the same; the hot keys by Zipf's law, the flood by keys that are not hot.
func TestCacheArms(t *testing.T) {
	s := settings(2)
	processes := map[target.Starter]bool{}
	asked := map[string]bool{}
	for _, arm := range cacheArms(s) {
		processes[arm.Target] = true
		hot := arm.Streams[1]
		if first, last := hot.Requests[0].Weight, hot.Requests[hotKeys-1].Weight; first != hotKeys*last {
			t.Errorf("arm %q: the first key comes %d times, the last %d times", arm.Name, first, last)
		}
		var urls strings.Builder
		for _, stream := range arm.Streams {
			for _, r := range stream.Requests {
				urls.WriteString(strings.Replace(r.URL, "mode="+arm.Name, "mode=", 1) + " ")
			}
		}
		asked[urls.String()] = true
	}
	if len(processes) != 3 || len(asked) != 1 {
		t.Errorf("%d processes, asked for %v", len(processes), asked)
	}
	if floodKey <= hotKeys {
		t.Error("the flood has hot keys")
	}
	// A flood of values of 512 KiB is more than the cache's 8 MiB several times over,
	// and each hot key is asked for again before as much has come.
	for _, quick := range []bool{false, true} {
		s.Quick = quick
		f := floodLoadOf(s)
		if bytes := f.rate * (f.lasts - f.begins).Seconds() * floodKB * 1024; bytes < 3*8*mi || bytes > 100*mi {
			t.Errorf("quick is %v: the flood brings %.0f MiB", quick, bytes/mi)
		}
		coldest := hotRate / (1 + 1./2 + 1./3 + 1./4 + 1./5) / hotKeys // times a second
		if kept := 8 * 1024 / floodKB / f.rate; kept*coldest < 1 {
			t.Errorf("quick is %v: what is not asked for is kept for %.2f s, the coldest of the hot keys comes every %.2f s", quick, kept, 1/coldest)
		}
	}
}
