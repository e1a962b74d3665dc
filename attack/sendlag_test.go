package attack_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/looptest/looptest/attack"
)

// BenchmarkSendLag measures how late requests leave, beside vegeta's own pacer
// in the same run: go test -bench SendLag -benchtime 1x ./attack
func BenchmarkSendLag(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(answer))
	defer server.Close()
	const lasts = 3 * time.Second
	for _, rate := range []int{200, 1000, 5000} {
		b.Run(fmt.Sprintf("looptest-%d", rate), func(b *testing.B) {
			for range b.N {
				s := &starter{server: server, gone: make(chan struct{})}
				runs, err := attack.Execute(context.Background(), plan(s, probe(float64(rate), lasts)), attack.Hooks{})
				if err != nil {
					b.Fatal(err)
				}
				var lags []time.Duration
				for _, sample := range runs[0].Samples {
					lags = append(lags, sample.SendLag())
				}
				reportLag(b, lags)
			}
		})
		b.Run(fmt.Sprintf("vegeta-%d", rate), func(b *testing.B) {
			for range b.N {
				pacer := vegeta.ConstantPacer{Freq: rate, Per: time.Second}
				targets := vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: server.URL})
				var sent []time.Time
				for r := range vegeta.NewAttacker().Attack(targets, pacer, lasts, "") {
					sent = append(sent, r.Timestamp)
				}
				slices.SortFunc(sent, time.Time.Compare)
				// Its first moment is not told: the best one stands for it.
				var lags []time.Duration
				best := time.Hour
				for i, at := range sent {
					lag := at.Sub(sent[0]) - time.Duration(i)*time.Second/time.Duration(rate)
					lags = append(lags, lag)
					best = min(best, lag)
				}
				for i := range lags {
					lags[i] -= best
				}
				reportLag(b, lags)
			}
		})
	}
}

func reportLag(b *testing.B, lags []time.Duration) {
	slices.Sort(lags)
	us := func(share float64) float64 {
		return float64(lags[int(share*float64(len(lags)-1))]) / float64(time.Microsecond)
	}
	b.ReportMetric(us(0.5), "p50-µs")
	b.ReportMetric(us(0.99), "p99-µs")
	b.ReportMetric(0, "ns/op")
}
