package claims

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// manyFiles proves the guides' processManyFiles: small files in batches that yield
// to the loop, against all at once and one by one.
func manyFiles() Claim {
	return Claim{
		Name:   "many-files",
		Title:  "many files in batches: others have their turn, few are open, and it is quicker than one by one",
		Proves: "many small files in batches of 100 make other requests wait less than all at once, with a tenth of the files open, and take less time than one by one",
		Extra:  true,
		Arms:   manyFilesArms,
		Judge:  judgeManyFiles,
		Effect: func(blocks []analysis.Block) time.Duration {
			return typicalTime(blocks, "all", delayDuring) - typicalTime(blocks, "batch", delayDuring)
		},
	}
}

const (
	// A disk takes that long for each file, in µs, and the pool is large: the files
	// come more quickly than the loop can parse them, unless it is one by one.
	diskTakes = 1000
	diskPool  = 64
)

// filesAsked is how many files a request reads.
func filesAsked(s Settings) int {
	if s.Quick {
		return 500
	}
	return 1000
}

// slowMany is how long a request takes on a slow machine.
func slowMany(s Settings, mode string) time.Duration {
	if mode == "one" {
		return time.Duration(filesAsked(s)) * 1500 * time.Microsecond
	}
	return 300 * time.Millisecond
}

// manyFilesArms asks once one by one, which takes long, and twice otherwise. The
// first request of a server also makes the files.
func manyFilesArms(s Settings) []attack.Arm {
	on := s
	on.Target.PoolSize = diskPool
	arm := func(mode string, look attack.Look) attack.Arm {
		asked := attack.Bursts{Size: 1, Every: slowMany(s, mode), Times: 2, Offset: 50 * time.Millisecond}
		if s.Quick || mode == "one" {
			asked.Times = 1
		}
		url := fmt.Sprintf("/fs/many?files=%d&wait=%d&mode=%s", filesAsked(s), diskTakes, mode)
		return fileArm(on, mode, look, url, asked, warmup(s, 100*time.Millisecond, asked.Every))
	}
	return []attack.Arm{arm("all", attack.LookBlock), arm("one", attack.LookPool), arm("batch", attack.LookChunk)}
}

// openAtOnce is how many files were open at once, at most.
func openAtOnce(r attack.Run) float64 {
	if r.Target == nil {
		return 0
	}
	return float64(r.Target.OpenFiles)
}

func judgeManyFiles(s Settings, blocks []analysis.Block) Judgement {
	p99 := better("probe p99 beside it", blocks, delayDuring, "all", "batch")
	open := analysis.Compare("open files", blocks, openAtOnce, "all", "batch").Above(atLeast)
	open.Statement = fmt.Sprintf("files open at once, at most: %.0f with all, %.0f with batch, %.0f with one",
		typical(blocks, "all", openAtOnce), typical(blocks, "batch", openAtOnce), typical(blocks, "one", openAtOnce))
	quicker := analysis.Compare("/fs/many service time", blocks, offenderService, "one", "batch").Above(atLeast)
	quicker.Statement = fmt.Sprintf("the files take %s one by one, %s in batches, %s all at once; batches against one by one: %s",
		analysis.Human(typicalTime(blocks, "one", offenderService)), analysis.Human(typicalTime(blocks, "batch", offenderService)),
		analysis.Human(typicalTime(blocks, "all", offenderService)), analysis.TimesWithin(quicker.Effect))
	lag := reported("loop lag, longest", blocks, worstLag, "all", "batch")

	v := analysis.Verdict{Findings: []analysis.Finding{p99, open, quicker, lag}}
	v.Headline = improves("reading 100 files at a time", p99, blocks, delayDuring)
	v.Settle()
	return Judgement{Verdict: v, Charts: []Chart{manyFilesDots(s, blocks, v)}}
}

// manyFilesDots shows what each way costs others, takes itself, and has open.
func manyFilesDots(s Settings, blocks []analysis.Block, v analysis.Verdict) Chart {
	arms := []string{"all", "batch", "one"}
	return Chart{
		Kind: Dots, Name: "many-files-dots", Title: v.Headline, Outcome: v.Findings[0].Outcome,
		Subtitle: fmt.Sprintf("%d small files that take a disk %g ms each (simulated), read on %d threads and parsed on the loop; probe /ok at %g/s · %d blocks",
			filesAsked(s), diskTakes/1000.0, diskPool, s.Rate, len(blocks)),
		Measures: []Measure{
			waits("probe p99 beside it, ms", blocks, delayDuring, arms...),
			milliseconds("time for all files, ms", blocks, offenderService, arms...),
			withLog(measure("files open at once, at most", "", 1, blocks, openAtOnce, arms...)),
		},
	}
}
