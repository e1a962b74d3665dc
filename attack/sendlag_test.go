package attack_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// BenchmarkSendLag measures how late requests leave and what sending one costs,
// beside vegeta's own pacer in the same run, against a server in a process of its
// own: go test -run XXX -bench SendLag -benchtime 1x ./attack
func BenchmarkSendLag(b *testing.B) {
	url := childServer(b)
	const lasts = 3 * time.Second
	for _, rate := range []int{200, 1000, 5000, 10_000, 20_000} {
		b.Run(fmt.Sprintf("looptest-%d", rate), func(b *testing.B) {
			for range b.N {
				reportCost(b, func() []time.Duration { return ourLags(b, url, rate, lasts) })
			}
		})
		b.Run(fmt.Sprintf("vegeta-%d", rate), func(b *testing.B) {
			for range b.N {
				reportCost(b, func() []time.Duration { return vegetaLags(url, rate, lasts) })
			}
		})
	}
}

func ourLags(b *testing.B, url string, rate int, lasts time.Duration) []time.Duration {
	lags := make([]time.Duration, 0, 1<<16)
	p := plan(bare(url), probe(float64(rate), lasts))
	hooks := attack.Hooks{Sample: func(s attack.Sample) {
		if s.Err != "" {
			b.Errorf("request %d: %s", s.Seq, s.Err)
		}
		lags = append(lags, s.SendLag())
	}}
	if _, err := attack.Execute(context.Background(), p, hooks); err != nil {
		b.Fatal(err)
	}
	return lags
}

func vegetaLags(url string, rate int, lasts time.Duration) []time.Duration {
	pacer := vegeta.ConstantPacer{Freq: rate, Per: time.Second}
	targets := vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: url + "/ok"})
	var sent []time.Time
	for r := range vegeta.NewAttacker().Attack(targets, pacer, lasts, "") {
		sent = append(sent, r.Timestamp)
	}
	slices.SortFunc(sent, time.Time.Compare)
	// Its first moment is not told: the best one stands for it.
	lags := make([]time.Duration, len(sent))
	for i, at := range sent {
		lags[i] = at.Sub(sent[0]) - time.Duration(i)*time.Second/time.Duration(rate)
	}
	best := slices.Min(lags)
	for i := range lags {
		lags[i] -= best
	}
	return lags
}

// reportCost reports the send lags and this process's CPU time per request.
func reportCost(b *testing.B, send func() []time.Duration) {
	before := cpuTime()
	began := time.Now()
	lags := send()
	used, took := cpuTime()-before, time.Since(began)
	slices.Sort(lags)
	for _, share := range []float64{0.5, 0.99, 1} {
		at := lags[int(share*float64(len(lags)-1))]
		b.ReportMetric(float64(at)/float64(time.Microsecond), fmt.Sprintf("p%g-µs", 100*share))
	}
	b.ReportMetric(float64(used)/float64(time.Microsecond)/float64(len(lags)), "CPU-µs/request")
	b.ReportMetric(float64(len(lags))/took.Seconds(), "requests/s")
	b.ReportMetric(0, "ns/op")
}

// bare is a target that is only a URL: it can't be seen, and doesn't go away.
type bare string

func (u bare) String() string                               { return string(u) }
func (u bare) Start(context.Context) (target.Target, error) { return u, nil }
func (u bare) URL() string                                  { return string(u) }
func (u bare) Observer() target.Observer                    { return nil }
func (u bare) Gone() <-chan struct{}                        { return nil }
func (u bare) Err() error                                   { return nil }
func (u bare) Stop() error                                  { return nil }
