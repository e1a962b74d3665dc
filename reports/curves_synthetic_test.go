package reports

import (
	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
)

// within is an estimate over 6 blocks with an interval of that share of it.
func within(v, share float64) analysis.Estimate {
	return analysis.Estimate{Value: v, Low: v * (1 - share), High: v * (1 + share), Confidence: 0.969, N: 6}
}

// along makes points of the values at the settings.
func along(xs []float64, share float64, ys ...float64) []claims.Point {
	points := make([]claims.Point, len(xs))
	for i, x := range xs {
		points[i] = claims.Point{X: x, Y: within(ys[i], share)}
	}
	return points
}

// poolCurves are hashing and waiting jobs on pools of several sizes, on two
// cores: hashing stops to gain at the cores, waiting goes on.
func poolCurves() claims.Chart {
	sizes := []float64{1, 2, 4, 8}
	return claims.Chart{
		Kind: claims.Curves, Name: "pool-size-curves",
		Title:    "hashing gains up to 2 threads on 2 cores, waiting up to 8",
		Subtitle: "8 jobs at once on pools of 1, 2, 4 and 8 threads · n 96 jobs per size in 6 blocks",
		Foot:     "target: own loop · linux/amd64, 2 cores, Go 1.26 · 2026-01-02 · seed 1",
		Setting:  "pool size (threads)",
		Panels: []claims.Panel{
			{Label: "throughput (jobs/s)", Unit: "jobs/s", Lines: []claims.Line{
				{Name: "hashing (CPU)", Look: attack.LookPool, Points: along(sizes, 0.04, 27.4, 53.8, 54.1, 52.2)},
				{Name: "waiting", Look: attack.LookWorker, Points: along(sizes, 0.03, 24.8, 49.5, 98.7, 196)},
			}},
			{Label: "p99 of the jobs (ms)", Unit: "ms", Log: true, Lines: []claims.Line{
				{Name: "hashing (CPU)", Look: attack.LookPool, Points: along(sizes, 0.05, 291, 149, 148, 152)},
				{Name: "waiting", Look: attack.LookWorker, Points: along(sizes, 0.02, 322, 161, 81, 40.8)},
			}},
		},
		Marks: []claims.Mark{
			{X: 2, Text: "2 cores"},
			{X: 2, Text: "recommended for hashing: 2 threads", Recommended: true},
			{X: 8, Text: "recommended for waiting: 8 threads", Recommended: true},
		},
	}
}

// chunkCurves weigh the probes' delay against the work's overhead.
func chunkCurves() claims.Chart {
	chunks := []float64{0.2, 1, 5, 8, 15, 40}
	return claims.Chart{
		Kind: claims.Curves, Name: "chunk-size-curves",
		Title:    "chunks of 8 ms keep probe delay p99 at 8.4 ms, for 0.6 % more work",
		Subtitle: "/slow in chunks of 0.2 to 40 ms under 200 probes/s · n 6,000 probes in 6 blocks",
		Foot:     "target: own loop · linux/amd64, 2 cores, Go 1.26 · 2026-01-02 · seed 1",
		Setting:  "chunk length (ms)",
		Panels: []claims.Panel{
			{Label: "probe delay p99 (ms)", Unit: "ms", Log: true, Limit: &claims.Limit{Value: 10, Text: "lag budget 10 ms"},
				Lines: []claims.Line{{Name: "probe delay p99", Look: attack.LookChunk, Points: along(chunks, 0.08, 0.9, 1.5, 5.4, 8.4, 15.6, 41)}}},
			{Label: "overhead on /slow (%)", Unit: "%",
				Lines: []claims.Line{{Name: "overhead", Look: attack.LookChunk, Points: along(chunks, 0.3, 9.1, 2.4, 0.9, 0.6, -0.2, 0.1)}}},
		},
		Marks: []claims.Mark{{X: 8, Text: "recommended: 8 ms", Recommended: true}},
	}
}

// effectRow makes a row that had to pass a ratio.
func effectRow(name, text string, v, low, high, threshold float64, o analysis.Outcome) claims.Row {
	return claims.Row{
		Name: name, Text: text, Threshold: threshold, Outcome: claims.Word(o),
		Effect: analysis.Estimate{Value: v, Low: low, High: high, Confidence: 0.969, N: 6},
	}
}

// overview is claims of every outcome, not in the order of their effects.
func overview() claims.Chart {
	return claims.Chart{
		Kind: claims.Forest, Name: "overview",
		Title:    "6 of 9 claims proven; the largest: chunking cuts probe p99 65×",
		Subtitle: "each claim's effect with its interval over 6 blocks",
		Foot:     "target: own loop · linux/amd64, 2 cores, Go 1.26 · 2026-01-02 · seed 1",
		Rows: []claims.Row{
			effectRow("pool-size", "throughput of hashes, 1 against 2 threads", 1.94, 1.9, 1.97, 1.1, analysis.Pass),
			effectRow("chunking", "probe p99, block against chunk", 65, 58, 71, 2, analysis.Pass),
			effectRow("waits", "probe p99, hash in the handler against the pool", 31, 24, 39, 2, analysis.Pass),
			effectRow("lookup", "request time, array search against map", 188, 150, 241, 2, analysis.Pass),
			effectRow("clone", "tick time, whole state against its change", 8.2, 2.4, 29, 2, analysis.Pass),
			effectRow("immediate", "probe p99, next tick against immediate", 1.3, 0.4, 4.4, 2, analysis.Inconclusive),
			effectRow("pool-limit", "throughput of hashes, 2 against 4 threads", 1.01, 0.99, 1.03, 1.1, analysis.Pass),
			effectRow("timers", "probe p99, many timers against one", 0.81, 0.72, 0.9, 2, analysis.Fail),
			effectRow("keep-alive", "request time, new against kept connections", 3.1, 2.2, 4.4, 1.5, analysis.Invalid),
		},
	}
}
