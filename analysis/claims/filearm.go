package claims

import (
	"fmt"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// fileArm is the probe with requests for files beside it, on a server of its own:
// what one way of working leaves in memory must not count for another.
func fileArm(s Settings, name string, look attack.Look, url string, asked attack.Bursts, warm attack.Warmup) attack.Arm {
	path, _, _ := strings.Cut(url, "?")
	on := s.Target
	on.Apart = name
	return attack.Arm{
		Name: name, Look: look, Target: on, Warmup: warm, Takes: asked.Span(),
		Streams: []attack.Stream{probe(s, asked.Span()), {
			Name: path, Role: attack.Offender, Timeout: offenderTimeout,
			Requests: []attack.Request{{URL: url}}, Schedule: asked,
		}},
	}
}

// mostOnHeap is the most that was on the target's heap, in bytes, collected or not.
func mostOnHeap(r attack.Run) float64 {
	var heap int64
	for _, m := range memoryOf(r) {
		heap = max(heap, m.Heap)
	}
	return float64(heap)
}

// memory compares what the target held with the bad arm and with the good one. The
// second finding, the heap alone, is only reported.
func memory(blocks []analysis.Block, bad, good string) []analysis.Finding {
	held := analysis.Compare("peak memory", blocks, peakMemory, bad, good).Above(atLeast)
	if typical(blocks, bad, peakMemory) == 0 {
		held.Outcome = analysis.Inconclusive
		held.Warnings = append(held.Warnings, "the target does not show its memory")
	}
	held.Statement = bytesOfBoth(held.Comparison, blocks, peakMemory)
	heap := analysis.Finding{Comparison: analysis.Compare("peak heap", blocks, mostOnHeap, bad, good)}
	heap.Statement = bytesOfBoth(heap.Comparison, blocks, mostOnHeap)
	return []analysis.Finding{held, heap}
}

func bytesOfBoth(c analysis.Comparison, blocks []analysis.Block, m analysis.Metric) string {
	return fmt.Sprintf("%s: %s with %s, %s with %s, %s", c.Metric, inMiB(typical(blocks, c.Base, m)), c.Base,
		inMiB(typical(blocks, c.Head, m)), c.Head, analysis.TimesWithin(c.Effect))
}

// reported compares a time of two arms without judging it.
func reported(name string, blocks []analysis.Block, m analysis.Metric, base, head string) analysis.Finding {
	f := analysis.Finding{Comparison: analysis.Compare(name, blocks, m, base, head)}
	f.Statement = fmt.Sprintf("%s: %s with %s, %s with %s", name,
		analysis.Human(typicalTime(blocks, base, m)), base, analysis.Human(typicalTime(blocks, head, m)), head)
	return f
}

func inMiB(bytes float64) string { return analysis.Digits(bytes/(1<<20)) + " MiB" }
