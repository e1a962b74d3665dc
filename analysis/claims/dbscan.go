package claims

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// dbScan proves the guide's streaming of large datasets: a cursor that pauses at
// a thousand rows, against all rows at once.
func dbScan() Claim {
	return Claim{
		Name:    "db-scan",
		Title:   "a cursor keeps the loop and the memory free of large results",
		Proves:  "reading rows through a cursor that pauses at 1000 until they are processed holds neither the loop nor the memory as reading all of them at once does",
		Arms:    scanArms,
		Judge:   judgeScan,
		Prepare: prepareScan,
		Extra:   true,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, "all", probeP99) - typicalTime(blocks, "cursor", probeP99)
		},
	}
}

const (
	scanClients = 2      // at once
	scanRows    = 50_000 // that each reads
	// typicalScan is how long one of them takes by itself when it wasn't measured.
	typicalScan = 200 * time.Millisecond
)

// prepareScan measures how long one client's scan takes.
func prepareScan(ctx context.Context, s *Settings) (err error) {
	s.Scan, err = jobTakes(ctx, *s, scanURL("all"))
	return err
}

func scanURL(mode string) string { return fmt.Sprintf("/db/scan?mode=%s&rows=%d", mode, scanRows) }

func scanArms(s Settings) []attack.Arm {
	return []attack.Arm{scanArm(s, "all", attack.LookBlock), scanArm(s, "cursor", attack.LookChunk)}
}

// scanArm has a process to itself: what another arm left in the memory would
// count as its own.
func scanArm(s Settings, mode string, look attack.Look) attack.Arm {
	times := 2
	if s.Quick {
		times = 1
	}
	busy := scanClients * cmp.Or(s.Scan, typicalScan)
	every := (busy*5/4 + 100*time.Millisecond).Round(50 * time.Millisecond)
	lasts := time.Duration(times)*every + 20*time.Millisecond
	server := databaseTarget(s, target.DefaultDatabasePool)
	server.Apart = mode
	return attack.Arm{
		Name: mode, Look: look, Target: server, Takes: lasts, Warmup: warmupAsLoad(s, busy),
		Streams: []attack.Stream{probe(s, lasts), databaseJobs(scanURL(mode), scanClients, times, every)},
	}
}

func judgeScan(s Settings, blocks []analysis.Block) Judgement {
	p99 := better("probe p99", blocks, probeP99, "all", "cursor")
	lag := better("loop lag, longest", blocks, worstLag, "all", "cursor")
	v := analysis.Verdict{Findings: []analysis.Finding{p99, lag}}
	v.Headline = improves("a cursor", p99, blocks, probeP99)
	remembered := showMemory(blocks, "all", "cursor")
	if remembered {
		held := lessMemory(blocks, "all", "cursor")
		v.Findings = append(v.Findings, held)
		v.Headline += "; " + held.Statement
	}
	cost := analysis.Finding{Comparison: analysis.Compare("/db/scan service time", blocks, offenderService, "cursor", "all")}
	cost.Statement = fmt.Sprintf("a scan itself takes %s at once and %s as a cursor, %s",
		analysis.Human(typicalTime(blocks, "all", offenderService)), analysis.Human(typicalTime(blocks, "cursor", offenderService)), percent(cost.Effect))
	v.Findings = append(v.Findings, cost)
	v.Settle()
	if !remembered {
		v.Warnings = append(v.Warnings, "the server did not show its memory, so that nothing is said about it")
	}
	return Judgement{Verdict: v, Charts: scanCharts(s, blocks, v, remembered)}
}

// lessMemory compares the most that was on the heap.
func lessMemory(blocks []analysis.Block, bad, good string) analysis.Finding {
	f := analysis.Compare("peak of the heap", blocks, peakHeap, bad, good).Above(atLeast)
	f.Statement = fmt.Sprintf("its heap holds up to %s instead of %s, %s", analysis.Bytes(typical(blocks, good, peakHeap)),
		analysis.Bytes(typical(blocks, bad, peakHeap)), analysis.TimesWithin(f.Effect))
	return f
}

// showMemory reports whether every run of the arms tells of its memory.
func showMemory(blocks []analysis.Block, arms ...string) bool {
	for _, b := range blocks {
		for _, arm := range arms {
			if peakHeap(b[arm]) == 0 {
				return false
			}
		}
	}
	return true
}

func scanCharts(s Settings, blocks []analysis.Block, v analysis.Verdict, remembered bool) []Chart {
	arms := []string{"all", "cursor"}
	subtitle := fmt.Sprintf("%d clients read %d rows each from %s: all at once, or in chunks of 1000 · probe /ok at %g/s · %d blocks",
		scanClients, scanRows, databaseName(s), s.Rate, len(blocks))
	charts := []Chart{{
		Kind: Timeline, Name: "db-scan-timeline", Arms: arms, Stream: attack.Probe, Outcome: v.Findings[0].Outcome,
		Title: fmt.Sprintf("while rows are processed all at once, probes typically wait up to %s; with a cursor, up to %s",
			analysis.Human(typicalTime(blocks, "all", worstProbe)), analysis.Human(typicalTime(blocks, "cursor", worstProbe))),
		Subtitle: subtitle,
	}}
	if remembered {
		held := v.Findings[2]
		charts = append(charts, Chart{
			Kind: Memory, Name: "db-scan-memory", Arms: arms, Outcome: held.Outcome, Subtitle: subtitle,
			Title: fmt.Sprintf("all rows at once take up to %s of the heap, a cursor up to %s",
				analysis.Bytes(typical(blocks, "all", peakHeap)), analysis.Bytes(typical(blocks, "cursor", peakHeap))),
		})
	}
	return charts
}
