package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// fileCopy proves the guides' copyLargeFile: a pipeline, in which the reader waits
// for the writer, against a copy by way of memory.
func fileCopy() Claim {
	return Claim{
		Name:   "file-copy",
		Title:  "a pipeline copies a large file in little memory, whatever the file's size",
		Proves: "large files that are copied through a pipeline take a fraction of the memory that whole files take",
		Extra:  true,
		Arms:   fileCopyArms,
		Judge:  judgeFileCopy,
		// Memory is what is measured, while copies are under way: being late by a small
		// part of their time does no harm.
		Effect: func(blocks []analysis.Block) time.Duration { return typicalTime(blocks, "whole", burstTime) },
	}
}

const (
	copyMiB  = 48
	copies   = 2                      // at once
	slowCopy = 400 * time.Millisecond // how long they take on a slow machine
)

func fileCopyArms(s Settings) []attack.Arm {
	asked := attack.Bursts{Size: copies, Every: 450 * time.Millisecond, Times: 3, Offset: 50 * time.Millisecond}
	warm := 150 * time.Millisecond
	if s.Quick {
		asked.Times, warm = 2, 50*time.Millisecond
	}
	arm := func(mode string, look attack.Look) attack.Arm {
		url := fmt.Sprintf("/fs/copy?size=%d&mode=%s", copyMiB, mode)
		return fileArm(s, mode, look, url, asked, warmup(s, warm, slowCopy))
	}
	return []attack.Arm{arm("whole", attack.LookPool), arm("stream", attack.LookChunk)}
}

func judgeFileCopy(s Settings, blocks []analysis.Block) Judgement {
	held := memory(blocks, "whole", "stream")
	v := analysis.Verdict{Findings: append(held,
		reported("loop lag, longest", blocks, worstLag, "whole", "stream"),
		reported("probe p99", blocks, probeP99, "whole", "stream"),
		reported(fmt.Sprintf("%d copies at once take", copies), blocks, burstTime, "whole", "stream"),
	)}
	v.Headline = fmt.Sprintf("%d files of %d MiB, copied at once, take the server to %s whole and to %s through a pipeline, %s", copies, copyMiB,
		analysis.Bytes(typical(blocks, "whole", peakMemory)), analysis.Bytes(typical(blocks, "stream", peakMemory)), analysis.Times(held[0].Effect.Value))
	v.Settle()
	subtitle := fmt.Sprintf("%d copies of %d MiB at once, probe /ok at %g/s beside them · %d blocks", copies, copyMiB, s.Rate, len(blocks))
	return Judgement{
		Verdict: v,
		Charts: []Chart{
			{Kind: Memory, Name: "file-copy-memory", Arms: []string{"whole", "stream"}, Title: v.Headline, Subtitle: subtitle},
			{
				Kind: Percentiles, Name: "file-copy-percentiles", Arms: []string{"whole", "stream"}, Stream: attack.Probe, Outcome: analysis.Pass,
				Title: fmt.Sprintf("beside copies the probe's p99 is %s with whole files and %s through pipelines",
					analysis.Human(typicalTime(blocks, "whole", probeP99)), analysis.Human(typicalTime(blocks, "stream", probeP99))),
				Subtitle: fmt.Sprintf("%s · n = %d per arm", subtitle, samples(blocks, "whole", attack.Probe)),
			},
		},
	}
}
