package claims

import (
	"math"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

const mib = 1 << 20

// holding is the run with a target that held so many MiB in the middle of it, and
// three quarters of them on its heap; it had that many files open.
func holding(r attack.Run, most float64, files int) attack.Run {
	resident := int64(most * mib)
	r.Target = &target.Usage{OpenFiles: files, Memory: []target.MemoryReading{
		{At: 0, Heap: 4 * mib, Resident: 10 * mib},
		{At: 100 * ms, Heap: resident * 3 / 4, Resident: resident},
		{At: 200 * ms, Heap: 5 * mib, Resident: 20 * mib},
	}}
	return r
}

// forgetful is the run with a target that does not show its memory.
func forgetful(r attack.Run) attack.Run {
	usage := *r.Target
	usage.Memory = nil
	r.Target = &usage
	return r
}

// everywhere are the blocks of runs as they are made here.
var everywhere = []int{0, 1, 2, 3, 4, 5}

var notShown = []analysis.Warning{"the target does not show its memory"}

func TestFileMetrics(t *testing.T) {
	held := holding(attack.Run{}, 100, 7)
	unread := attack.Run{Target: &target.Usage{Memory: []target.MemoryReading{{Heap: 3}, {Heap: 9}, {Heap: 5}}}}
	for _, c := range []struct {
		name   string
		metric analysis.Metric
		of     attack.Run
		want   float64
	}{
		{"the most of 10, 100 and 20 MiB", peakMemory, held, 100 * mib},
		{"the most of 4, 75 and 5 MiB", peakHeap, held, 75 * mib},
		{"the heap where nothing else can be read", peakMemory, unread, 9},
		{"files", openAtOnce, held, 7},
		{"a target that says nothing", peakMemory, attack.Run{}, 0},
		{"its heap", peakHeap, attack.Run{}, 0},
		{"its files", openAtOnce, attack.Run{}, 0},
	} {
		if got := c.metric(c.of); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// readRuns are blocks in which the handler's arm makes probes wait up to so long,
// the others 4 ms; whole files take the target to so many MiB, chunks to 30.
func readRuns(blocks int, wait time.Duration, whole func(b int) float64) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		sync := synthetic("sync", b, probes{ms, wait}, 80*ms)
		sync.Lag = []target.LagReading{{Due: 0, Ran: wait}}
		pool := synthetic("pool", b, probes{ms, 4 * ms}, 90*ms)
		pool.Lag = []target.LagReading{{Due: 0, Ran: 2 * ms}}
		stream := synthetic("stream", b, probes{ms, 4 * ms}, 60*ms)
		stream.Lag = []target.LagReading{{Due: 0, Ran: 2 * ms}}
		runs = append(runs, holding(pool, whole(b), 1), holding(stream, 30, 1), holding(sync, whole(b), 1))
	}
	return runs
}

func steadily(mib float64) func(int) float64 { return always(mib) }

func TestFileRead(t *testing.T) {
	for _, c := range []struct {
		name string
		runs []attack.Run
		expect
	}{
		// 80/4 and 120/30.
		{"proven", readRuns(6, 80*ms, steadily(120)), expect{outcome: analysis.Pass, blocks: 6,
			headline: "streaming a file on the pool cuts probe p99 80 ms → 4.0 ms, 20×; the server holds 30 MiB, with whole files 120 MiB"}},
		{"probes wait twice as long, not more", readRuns(6, 8*ms, steadily(120)), expect{outcome: analysis.Fail, blocks: 6,
			headline: "with streaming a file on the pool, probe p99 8.0 ms → 4.0 ms, 2.0×; the server holds 30 MiB"}},
		{"twice the memory is not more", readRuns(6, 80*ms, steadily(60)), expect{outcome: analysis.Fail, blocks: 6, headline: "80 ms → 4.0 ms, 20×"}},
		// 50/30 to 75/30, the whole range over six blocks.
		{"the memory's interval crosses 2×", readRuns(6, 80*ms, func(b int) float64 { return float64(50 + 5*b) }), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "20×",
			reasons: []string{"peak memory: the interval of 2.1× (1.7–2.5×) crosses 2.0×; more blocks would narrow it"},
		}},
		{"the target does not show its memory", in(readRuns(6, 80*ms, steadily(120)), forgetful, everywhere...), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "20×", warnings: notShown,
		}},
		{"too few blocks", readRuns(5, 80*ms, steadily(120)), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "20×", warnings: tooFew(5)}},
	} {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, fileRead().judge(settings(2), c.runs)) })
	}
}

func TestFileReadSays(t *testing.T) {
	r := fileRead().judge(settings(2), readRuns(6, 80*ms, steadily(120)))
	says(t, r, []string{
		"probe p99: 80 ms with sync, 4.0 ms with stream, 20× (20–20×)",
		"loop lag, longest: 80 ms with sync, 2.0 ms with stream, 40× (40–40×)",
		"probe p99: 80 ms with sync, 4.0 ms with pool, 20× (20–20×)",
		"peak memory: 120 MiB with pool, 30 MiB with stream, 4.0× (4.0–4.0×)",
		// Three quarters of 120 and of 30.
		"peak heap: 90 MiB with pool, 22.5 MiB with stream, 4.0× (4.0–4.0×)",
		"/fs/read takes: 90 ms with pool, 60 ms with stream",
	}, []string{
		"While the handler reads a file, probes typically wait up to 80 ms; streamed on the pool, up to 4.0 ms",
		"Streaming on the pool cuts probe p99 80 ms → 4.0 ms, 20×",
		"Reading whole files on the pool takes the server to 120 MiB, in chunks of 64 KiB to 30 MiB, 4.0×",
	})
}

// copyRuns are blocks in which whole files take the target to so many MiB, and
// pipelines to 25; two copies take 80 and 100 ms.
func copyRuns(blocks int, whole func(b int) float64) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs,
			holding(synthetic("stream", b, probes{ms, 5 * ms}, 50*ms, 80*ms), 25, 4),
			holding(synthetic("whole", b, probes{ms, 6 * ms}, 60*ms, 100*ms), whole(b), 4))
	}
	return runs
}

func TestFileCopy(t *testing.T) {
	lateBy := func(late time.Duration) func(attack.Run) attack.Run {
		return func(r attack.Run) attack.Run {
			if r.Arm == "whole" {
				r = sentLate(r, late)
			}
			return r
		}
	}
	for _, c := range []struct {
		name string
		runs []attack.Run
		expect
	}{
		{"proven", copyRuns(6, steadily(150)), expect{outcome: analysis.Pass, blocks: 6,
			headline: "2 files of 48 MiB, copied at once, take the server to 150 MiB whole and to 25 MiB through a pipeline, 6.0×"}},
		{"twice is not more", copyRuns(6, steadily(50)), expect{outcome: analysis.Fail, blocks: 6, headline: "2.0×"}},
		// 40/25 to 65/25.
		{"crosses 2×", copyRuns(6, func(b int) float64 { return float64(40 + 5*b) }), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "2.1×",
			reasons: []string{"peak memory: the interval of 2.1× (1.6–2.6×) crosses 2.0×; more blocks would narrow it"},
		}},
		{"no memory is shown", in(copyRuns(6, steadily(150)), forgetful, everywhere...), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "0 B", warnings: notShown,
		}},
		// A fifth of the 100 ms that copies take is 20 ms.
		{"a little late does no harm", in(copyRuns(6, steadily(150)), lateBy(19*ms), 2), expect{outcome: analysis.Pass, blocks: 6, headline: "6.0×",
			warnings: []analysis.Warning{"block 3, whole: send lag p99 19 ms"}}},
		{"too late", in(copyRuns(7, steadily(150)), lateBy(21*ms), 2), expect{outcome: analysis.Pass, blocks: 6, headline: "6.0×",
			reasons: []string{"block 3, whole, left out: 99.0 % of the requests were sent more than 20 ms late (send lag p99 21 ms)"}}}, // 200 of 202
	} {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, fileCopy().judge(settings(2), c.runs)) })
	}
	says(t, fileCopy().judge(settings(2), copyRuns(6, steadily(150))), []string{
		"peak memory: 150 MiB with whole, 25 MiB with stream, 6.0× (6.0–6.0×)",
		"peak heap: 113 MiB with whole, 18.8 MiB with stream, 6.0× (6.0–6.0×)", // 112.5 and 18.75
		"loop lag, longest: 0.00 ms with whole, 0.00 ms with stream",
		"probe p99: 6.0 ms with whole, 5.0 ms with stream",
		"2 copies at once take: 100 ms with whole, 80 ms with stream",
	}, []string{
		"2 files of 48 MiB, copied at once, take the server to 150 MiB whole and to 25 MiB through a pipeline, 6.0×",
		"Beside copies the probe's p99 is 6.0 ms with whole files and 5.0 ms through pipelines",
	})
}

// manyRuns are blocks in which probes wait so long while all files are read at
// once, 8 ms in batches and 2 ms one by one, which takes so long.
func manyRuns(blocks int, all, one time.Duration, open int) []attack.Run {
	run := func(arm string, block int, waits, takes time.Duration, open int) attack.Run {
		r := synthetic(arm, block, probes{ms, ms}, takes)
		for i, s := range r.Samples[:probesSent] {
			if s.Intended >= 100*ms && s.Intended <= 100*ms+takes {
				r.Samples[i].Done = s.Intended + waits
			}
		}
		return holding(r, 30, open)
	}
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs, run("all", b, all, 120*ms, open), run("batch", b, 8*ms, 150*ms, 100), run("one", b, 2*ms, one, 1))
	}
	return runs
}

func TestManyFiles(t *testing.T) {
	for _, c := range []struct {
		name string
		runs []attack.Run
		expect
	}{
		// 96/8.
		{"proven", manyRuns(6, 96*ms, 900*ms, 1000), expect{outcome: analysis.Pass, blocks: 6, headline: "reading 100 files at a time cuts probe p99 beside it 96 ms → 8.0 ms, 12×"}},
		{"probes wait twice as long, not more", manyRuns(6, 16*ms, 900*ms, 1000), expect{outcome: analysis.Fail, blocks: 6, headline: "16 ms → 8.0 ms, 2.0×"}},
		{"one by one takes twice as long, not more", manyRuns(6, 96*ms, 300*ms, 1000), expect{outcome: analysis.Fail, blocks: 6, headline: "12×"}},
		{"no more files are open", manyRuns(6, 96*ms, 900*ms, 100), expect{outcome: analysis.Fail, blocks: 6, headline: "12×"}},
		{"too few blocks", manyRuns(5, 96*ms, 900*ms, 1000), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "12×", warnings: tooFew(5)}},
	} {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, manyFiles().judge(settings(2), c.runs)) })
	}
	r := manyFiles().judge(settings(2), manyRuns(6, 96*ms, 900*ms, 1000))
	says(t, r, []string{
		"probe p99 beside it: 96 ms with all, 8.0 ms with batch, 12× (12–12×)",
		"files open at once, at most: 1000 with all, 100 with batch, 1 with one",
		"the files take 900 ms one by one, 150 ms in batches, 120 ms all at once; batches against one by one: 6.0× (6.0–6.0×)",
		"loop lag, longest: 0.00 ms with all, 0.00 ms with batch",
	}, []string{"Reading 100 files at a time cuts probe p99 beside it 96 ms → 8.0 ms, 12×"})
}

func TestManyFilesShows(t *testing.T) {
	c := manyFiles().judge(settings(2), manyRuns(6, 96*ms, 900*ms, 1000)).Charts[0]
	want := map[string][]float64{ // all, batch, one
		"probe p99 beside it, ms": {96, 8, 2}, "time for all files, ms": {120, 150, 900}, "files open at once, at most": {1000, 100, 1},
	}
	if c.Kind != Dots || len(c.Measures) != len(want) {
		t.Fatalf("got %+v", c)
	}
	for _, m := range c.Measures {
		for i, arm := range []string{"all", "batch", "one"} {
			if v := m.Values[i]; v.Arm != arm || math.Abs(v.Y.Value-want[m.Label][i]) > 1e-6 || v.Y.N != 6 {
				t.Errorf("%s: got %+v, want %v of %s", m.Label, v, want[m.Label], arm)
			}
		}
	}
}
