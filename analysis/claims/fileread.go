package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// fileRead proves the guides' "async I/O is non-blocking": a large file is read
// and its checksum taken in the handler, on the pool, and a chunk at a time.
func fileRead() Claim {
	return Claim{
		Name:   "file-read",
		Title:  "a file read on the loop makes everyone wait; on the pool nobody, and in chunks it takes little memory",
		Proves: "a large file that is read on the thread pool no longer makes other requests wait, and streamed in chunks it takes a fraction of the memory",
		Extra:  true,
		Arms:   fileReadArms,
		Judge:  judgeFileRead,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, "sync", probeP99) - typicalTime(blocks, "stream", probeP99)
		},
	}
}

const (
	// readMiB is the file's size: large enough to hold the loop for some tens of
	// milliseconds although the system has the file in memory.
	readMiB  = 64
	slowRead = 250 * time.Millisecond // how long it takes on a slow machine
)

func fileReadArms(s Settings) []attack.Arm {
	asked := attack.Bursts{Size: 1, Every: slowRead, Times: 4, Offset: 50 * time.Millisecond}
	warm := 150 * time.Millisecond
	if s.Quick {
		asked.Times, warm = 2, 50*time.Millisecond
	}
	arm := func(mode string, look attack.Look) attack.Arm {
		url := fmt.Sprintf("/fs/read?size=%d&mode=%s", readMiB, mode)
		return fileArm(s, mode, look, url, asked, warmup(s, warm, slowRead))
	}
	return []attack.Arm{arm("sync", attack.LookBlock), arm("pool", attack.LookPool), arm("stream", attack.LookChunk)}
}

func judgeFileRead(s Settings, blocks []analysis.Block) Judgement {
	p99 := better("probe p99", blocks, probeP99, "sync", "stream")
	lag := better("loop lag, longest", blocks, worstLag, "sync", "stream")
	pool := better("probe p99", blocks, probeP99, "sync", "pool")
	held := memory(blocks, "pool", "stream")
	takes := reported("/fs/read takes", blocks, offenderService, "pool", "stream")

	v := analysis.Verdict{Findings: append(append([]analysis.Finding{p99, lag, pool}, held...), takes)}
	v.Headline = improves("streaming a file on the pool", p99, blocks, probeP99)
	if held[0].Outcome == analysis.Pass {
		v.Headline += fmt.Sprintf("; the server holds %s, with whole files %s",
			analysis.Bytes(typical(blocks, "stream", peakMemory)), analysis.Bytes(typical(blocks, "pool", peakMemory)))
	}
	v.Settle()
	return Judgement{Verdict: v, Charts: fileReadCharts(s, blocks, v)}
}

func fileReadCharts(s Settings, blocks []analysis.Block, v analysis.Verdict) []Chart {
	subtitle := fmt.Sprintf("probe /ok at %g/s while a file of %d MiB is read and its SHA-256 taken · %d blocks", s.Rate, readMiB, len(blocks))
	held := v.Findings[3]
	return []Chart{
		{
			Kind: Timeline, Name: "file-read-timeline", Arms: []string{"sync", "stream"}, Stream: attack.Probe,
			Outcome: v.Findings[0].Outcome,
			Title: fmt.Sprintf("while the handler reads a file, probes typically wait up to %s; streamed on the pool, up to %s",
				analysis.Human(typicalTime(blocks, "sync", worstProbe)), analysis.Human(typicalTime(blocks, "stream", worstProbe))),
			Subtitle: subtitle,
		},
		{
			Kind: Percentiles, Name: "file-read-percentiles", Arms: []string{"sync", "pool", "stream"}, Stream: attack.Probe,
			Outcome: v.Findings[0].Outcome, Title: improves("streaming on the pool", v.Findings[0], blocks, probeP99),
			Subtitle: fmt.Sprintf("%s · n = %d per arm", subtitle, samples(blocks, "sync", attack.Probe)),
		},
		{
			Kind: Memory, Name: "file-read-memory", Arms: []string{"pool", "stream"}, Outcome: held.Outcome,
			Title: fmt.Sprintf("reading whole files on the pool takes the server to %s, in chunks of 64 KiB to %s, %s",
				analysis.Bytes(typical(blocks, "pool", peakMemory)), analysis.Bytes(typical(blocks, "stream", peakMemory)), analysis.Times(held.Effect.Value)),
			Subtitle: subtitle,
		},
	}
}
