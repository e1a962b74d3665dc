package analysis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

func BenchmarkTallyAddBatch(b *testing.B) {
	for _, requests := range []int{1, 10} {
		b.Run(fmt.Sprintf("%d_requests", requests), func(b *testing.B) {
			l := twoPhases()
			l.Streams[0].Labels = make([]string, requests)
			for i := range requests {
				l.Streams[0].Labels[i] = fmt.Sprint("/", i)
			}
			batch := make([]attack.Sample, 4096)
			tally := analysis.NewTally(l)
			at := time.Duration(0)
			b.ResetTimer()
			for done := 0; done < b.N; done += len(batch) {
				b.StopTimer()
				for i := range batch {
					at += 100 * us // 10,000/s
					response := time.Duration(800+i*7919%4000) * us
					batch[i] = attack.Sample{Request: i % requests, Intended: at, Sent: at + time.Duration(i%300)*us, Done: at + response, Code: 200}
				}
				b.StartTimer()
				tally.AddBatch(batch)
			}
		})
	}
}

func BenchmarkTallyLoad(b *testing.B) {
	l := twoPhases()
	tally := analysis.NewTally(l)
	tally.AddBatch(answered(l, always(ms)))
	for b.Loop() {
		tally.Load(nil)
	}
}
