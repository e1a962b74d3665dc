package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// cache proves the guide's bounded cache: against no cache, and against a map that
// grows for ever.
func cache() Claim {
	return Claim{
		Name:   "cache",
		Title:  "a bounded cache answers what is asked for often, and holds its memory when it is flooded",
		Proves: "a bounded cache makes expensive answers quick, keeps its hits under a flood of keys that come once, and holds far less memory than a map that grows for ever",
		Arms:   cacheArms,
		Judge:  judgeCache,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, "none", hotMean) - typicalTime(blocks, "bounded", hotMean)
		},
		Extra: true,
	}
}

const (
	hotKeys = 5
	// hotRate is how often one of them is asked for, a second; computing it takes
	// hotSteps of about 1 µs.
	hotRate, hotSteps, hotKB = 100, 5_000, 8
	// The flood is values that are quickly computed and large, of keys drawn from so
	// many that hardly one comes twice.
	floodKB, floodSpread = 512, 1_000_000
	floodKey             = 1_000 // the first of them
)

var cacheModes = []string{"none", "unbounded", "bounded"}

// floodLoad is when the flood begins and how strong it is.
type floodLoad struct {
	begins, lasts time.Duration
	rate          float64
}

func floodLoadOf(s Settings) floodLoad {
	if s.Quick {
		return floodLoad{100 * time.Millisecond, 700 * time.Millisecond, 125}
	}
	return floodLoad{300 * time.Millisecond, 1200 * time.Millisecond, 100}
}

func cacheArms(s Settings) []attack.Arm {
	f := floodLoadOf(s)
	looks := map[string]attack.Look{"none": attack.LookBlock, "unbounded": attack.LookPool, "bounded": attack.LookChunk}
	var arms []attack.Arm
	for _, mode := range cacheModes {
		server := s.Target
		server.Apart = mode
		arms = append(arms, attack.Arm{
			Name: mode, Look: looks[mode], Target: server, Warmup: warmup(s, 50*time.Millisecond, 0), Takes: f.lasts,
			Streams: []attack.Stream{probe(s, f.lasts), {
				Name: "hot keys", Role: attack.Offender, Timeout: offenderTimeout, Requests: hotRequests(mode),
				Schedule: attack.Constant{Rate: hotRate, Lasts: f.lasts},
			}, {
				Name: "flood", Role: attack.Offender, Timeout: offenderTimeout,
				Requests: []attack.Request{{URL: fmt.Sprintf("/cache/get?mode=%s&key=%d&spread=%d&n=0&kb=%d", mode, floodKey, floodSpread, floodKB)}},
				Schedule: attack.Constant{Rate: f.rate, Lasts: f.lasts, Offset: f.begins},
			}},
		})
	}
	return arms
}

// hotRequests ask for the k-th of the hot keys 1/k times as often as for the
// first: Zipf's law.
func hotRequests(mode string) []attack.Request {
	const often = 60 // divided by each number up to hotKeys
	requests := make([]attack.Request, hotKeys)
	for i := range requests {
		requests[i] = attack.Request{
			URL:    fmt.Sprintf("/cache/get?mode=%s&key=%d&n=%d&kb=%d", mode, i+1, hotSteps, hotKB),
			Weight: often / (i + 1),
		}
	}
	return requests
}

func judgeCache(s Settings, blocks []analysis.Block) Judgement {
	quick := better("response time of hot keys, mean", blocks, hotMean, "none", "bounded")
	heap := analysis.Compare("heap after the flood", blocks, liveAfter, "unbounded", "bounded").Above(atLeast)
	heap.Statement = fmt.Sprintf("after the flood the heap holds %s without bounds and %s with them, %s",
		analysis.Bytes(typical(blocks, "unbounded", liveAfter)), analysis.Bytes(typical(blocks, "bounded", liveAfter)), analysis.TimesWithin(heap.Effect))
	hits := analysis.Compare("hits", blocks, cacheHits, "unbounded", "bounded").Under(little)
	hits.Statement = fmt.Sprintf("of all requests %.0f %% are hits without bounds and %.0f %% with them: %s as many",
		typical(blocks, "unbounded", hitRate), typical(blocks, "bounded", hitRate), analysis.TimesWithin(hits.Effect))

	v := analysis.Verdict{Findings: []analysis.Finding{quick, heap, hits}}
	v.Headline = fmt.Sprintf("%s; flooded, it holds %s and a map without bounds %s", improves("a bounded cache", quick, blocks, hotMean),
		analysis.Bytes(typical(blocks, "bounded", liveAfter)), analysis.Bytes(typical(blocks, "unbounded", liveAfter)))
	v.Settle()
	return Judgement{
		Verdict: v,
		Figures: []Figure{
			figure("hits", "%", blocks, hitRate, cacheModes...),
			figure("live heap", "MiB", blocks, liveMiB, cacheModes...),
		},
		Charts: cacheCharts(s, blocks, v),
	}
}

// hotMean is the mean response time of the hot keys.
func hotMean(r attack.Run) float64 {
	return float64(analysis.Describe(responses(r, attack.Offender)).Mean)
}

func cacheHits(r attack.Run) float64 {
	if r.Target == nil {
		return 0
	}
	return float64(r.Target.CacheHits)
}

// hitRate is in percent of all requests, those of the flood too.
func hitRate(r attack.Run) float64 {
	if r.Target == nil || r.Target.CacheHits+r.Target.CacheMisses == 0 {
		return 0
	}
	return 100 * float64(r.Target.CacheHits) / float64(r.Target.CacheHits+r.Target.CacheMisses)
}

func cacheCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	f := floodLoadOf(s)
	subtitle := fmt.Sprintf("%d hot keys at %d/s, values of %d ms; from %s on a flood of other keys at %g/s, values of %d KiB · %d blocks",
		hotKeys, hotRate, hotSteps/1000, analysis.Human(f.begins), f.rate, floodKB, len(blocks))
	return []Chart{
		{
			Kind: Memory, Name: "cache-memory", Arms: cacheModes, Outcome: v.Findings[1].Outcome,
			Title: fmt.Sprintf("flooded with keys, a bounded cache holds %s, a map without bounds %s and growing",
				analysis.Bytes(typical(blocks, "bounded", liveAfter)), analysis.Bytes(typical(blocks, "unbounded", liveAfter))),
			Subtitle: subtitle,
		},
		{
			Kind: Dots, Name: "cache-cost", Title: v.Headline, Subtitle: subtitle,
			Measures: []Measure{
				milliseconds("hot keys, mean response time", blocks, hotMean, cacheModes...),
				measure("hits among all requests", "%", 1, blocks, hitRate, cacheModes...),
				measure("heap after the flood", "bytes", 1, blocks, liveAfter, cacheModes...),
			},
		},
	}
}
