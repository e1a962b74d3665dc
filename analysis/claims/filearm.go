package claims

import (
	"fmt"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// fileArm is the probe with requests for files beside it, on a server of its own:
// what one way of working leaves in memory must not count for another.
func fileArm(s Settings, name string, look attack.Look, url string, asked attack.Bursts, warm attack.Warmup) attack.Arm {
	on := s.Target
	on.Apart = name
	return attack.Arm{
		Name: name, Look: look, Target: on, Warmup: warm, Takes: asked.Span(),
		Streams: []attack.Stream{probe(s, asked.Span()), offender(url, asked)},
	}
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
	heap := analysis.Finding{Comparison: analysis.Compare("peak heap", blocks, peakHeap, bad, good)}
	heap.Statement = bytesOfBoth(heap.Comparison, blocks, peakHeap)
	return []analysis.Finding{held, heap}
}

func bytesOfBoth(c analysis.Comparison, blocks []analysis.Block, m analysis.Metric) string {
	return fmt.Sprintf("%s: %s with %s, %s with %s, %s", c.Metric, analysis.Bytes(typical(blocks, c.Base, m)), c.Base,
		analysis.Bytes(typical(blocks, c.Head, m)), c.Head, analysis.TimesWithin(c.Effect))
}

// reported compares a time of two arms without judging it.
func reported(name string, blocks []analysis.Block, m analysis.Metric, base, head string) analysis.Finding {
	f := analysis.Finding{Comparison: analysis.Compare(name, blocks, m, base, head)}
	f.Statement = fmt.Sprintf("%s: %s with %s, %s with %s", name,
		analysis.Human(typicalTime(blocks, base, m)), base, analysis.Human(typicalTime(blocks, head, m)), head)
	return f
}
