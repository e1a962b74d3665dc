package claims

import (
	"testing"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// way is how an arm reads: how long its probes wait and the loop lags, and how
// many MiB are on the heap at most; 0 for a server that doesn't say.
type way struct {
	waits probes
	heap  int64
}

var (
	allRows = way{probes{ms, 200 * ms}, 80}
	chunks  = way{probes{ms, 10 * ms}, 16}
)

func (w way) run(arm string, block int) attack.Run {
	r := synthetic(arm, block, w.waits, 300*ms, 300*ms)
	r.Lag = []target.LagReading{{Due: 100 * ms, Ran: 100*ms + w.waits.slow}}
	r.Target = &target.Usage{}
	if w.heap > 0 {
		r.Target.Memory = []target.MemoryReading{{At: 100 * ms, Heap: 4 << 20}, {At: 200 * ms, Heap: w.heap << 20}, {At: 300 * ms, Heap: 5 << 20}}
	}
	return r
}

func scanRuns(blocks int, all, cursor way) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs, all.run("all", b), cursor.run("cursor", b))
	}
	return runs
}

func TestScan(t *testing.T) {
	silent := []analysis.Warning{"the server did not show its memory, so that nothing is said about it"}
	cases := []struct {
		name string
		runs []attack.Run
		expect
	}{
		{"a cursor is worth it", scanRuns(6, allRows, chunks), expect{
			outcome: analysis.Pass, blocks: 6, headline: "a cursor cuts probe p99 200 ms → 10 ms, 20×; its heap holds up to 16 MiB instead of 80 MiB, 5.0× (5.0–5.0×)",
		}},
		{"as much memory", scanRuns(6, allRows, way{chunks.waits, 80}), expect{
			outcome: analysis.Fail, blocks: 6, headline: "a cursor cuts probe p99 200 ms → 10 ms, 20×; its heap holds up to 80 MiB instead of 80 MiB",
		}},
		{"as long", scanRuns(6, allRows, way{allRows.waits, 16}), expect{outcome: analysis.Fail, blocks: 6, headline: "with a cursor, probe p99 200 ms → 200 ms, 1.00×; its heap"}},
		{"no memory is shown", scanRuns(6, way{allRows.waits, 0}, chunks), expect{
			outcome: analysis.Pass, blocks: 6, headline: "20×", warnings: silent,
		}},
		{"no memory is shown in one block", in(scanRuns(6, allRows, chunks), forgetful, 3), expect{
			outcome: analysis.Pass, blocks: 6, headline: "20×", warnings: silent,
		}},
		{"five blocks", scanRuns(5, allRows, chunks), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "20×", warnings: tooFew(5)}},
		{"nothing run", nil, expect{outcome: analysis.Invalid, headline: "no block was run to its end"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, dbScan().judge(settings(2), c.runs)) })
	}
}

func TestScanShows(t *testing.T) {
	s := settings(2)
	s.Database = "postgres://tester:secret@127.0.0.1/postgres"
	charts := dbScan().judge(s, scanRuns(6, allRows, chunks)).Charts
	for i, want := range []struct {
		kind  ChartKind
		title string
	}{
		{Timeline, "While rows are processed all at once, probes typically wait up to 200 ms; with a cursor, up to 10 ms"},
		{Memory, "All rows at once take up to 80 MiB of the heap, a cursor up to 16 MiB"},
	} {
		if c := charts[i]; c.Kind != want.kind || c.Title != want.title ||
			c.Subtitle != "2 clients read 50000 rows each from Postgres: all at once, or in chunks of 1000 · probe /ok at 200/s · 6 blocks" {
			t.Errorf("got %s %q, %q; want %+v", c.Kind, c.Title, c.Subtitle, want)
		}
	}
	if charts := dbScan().judge(s, scanRuns(6, way{allRows.waits, 0}, chunks)).Charts; len(charts) != 1 {
		t.Errorf("without the memory there are %d charts", len(charts))
	}
}

// What one arm leaves in the memory is not the other's: each has its process, in
// every block.
func TestScanArmsAreApart(t *testing.T) {
	arms := scanArms(settings(2))
	if arms[0].Target == arms[1].Target {
		t.Errorf("both arms share %v", arms[0].Target)
	}
	if arms[0].Target != scanArms(settings(2))[0].Target {
		t.Error("an arm's target is not equal to itself")
	}
}
