package detect

import (
	"time"

	"github.com/looptest/looptest/analysis"
)

// chunkLength is how long cooperative work holds the loop at a time. A probe comes
// at any moment of a chunk and waits for the rest of it: half of it on average, so
// twice the mean wait, less the probe's own time, is a chunk. A trial's probes
// follow each other, so the interval is over trials.
func chunkLength(trials []Trial, probe time.Duration) analysis.Estimate {
	var lengths []float64
	for _, t := range trials {
		x, ok := sampleOf(t.Run, suspectStream)
		if t.Placebo || !ok {
			continue
		}
		var sum time.Duration
		n := 0
		for _, p := range probesOf(t.Run) {
			if p.Answered() && p.Sent > x.Sent && p.Done < x.Done {
				sum += waited(t.Run, p) - probe
				n++
			}
		}
		if n > 0 {
			lengths = append(lengths, max(0, 2*float64(sum)/float64(n)))
		}
	}
	return analysis.HodgesLehmann(lengths, stallConfidence)
}
