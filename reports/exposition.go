package reports

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/looptest/looptest/analysis"
)

// Exposition shows a load under way to Prometheus; now gives the load so far.
func Exposition(now func() analysis.Load) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(loadCollector{now})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// loadCollector reads a load each time it is asked.
type loadCollector struct{ now func() analysis.Load }

var _ prometheus.Collector = loadCollector{}

var (
	offeredDesc  = prometheus.NewDesc("looptest_requests_offered_total", "Requests that the schedule asked for so far.", []string{"stream"}, nil)
	sentDesc     = prometheus.NewDesc("looptest_requests_sent_total", "Requests whose answer, error or timeout came so far.", []string{"stream"}, nil)
	goodDesc     = prometheus.NewDesc("looptest_answers_good_total", "Answers as expected so far.", []string{"stream"}, nil)
	errorsDesc   = prometheus.NewDesc("looptest_errors_total", "Requests without a good answer so far, by kind.", []string{"stream", "kind"}, nil)
	responseDesc = prometheus.NewDesc("looptest_response_seconds", "Response time, from the moment a request was meant to be sent.", []string{"stream"}, nil)
	serviceDesc  = prometheus.NewDesc("looptest_service_seconds", "Service time, from the moment a request was sent.", []string{"stream"}, nil)
	sendLagDesc  = prometheus.NewDesc("looptest_send_lag_seconds", "How late the generator sent requests.", []string{"stream"}, nil)
	lagDesc      = prometheus.NewDesc("looptest_target_lag_seconds", "How late the target's loop ran its heartbeats, where it shows them.", nil, nil)
)

// Describe gives no descriptions: which metrics there are depends on the load.
func (c loadCollector) Describe(chan<- *prometheus.Desc) {}

// Collect gives each stream's counts and times so far.
func (c loadCollector) Collect(out chan<- prometheus.Metric) {
	load := c.now()
	for i, s := range load.Layout.Streams {
		r := load.Rows[1+i]
		counter := func(d *prometheus.Desc, n int, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), append([]string{s.Name}, labels...)...)
		}
		counter(offeredDesc, r.Offered)
		counter(sentDesc, r.Sent)
		counter(goodDesc, r.Good)
		for kind, n := range r.Errors {
			counter(errorsDesc, n, string(kind))
		}
		out <- summaryMetric(responseDesc, r.Response, s.Name)
		out <- summaryMetric(serviceDesc, r.Service, s.Name)
		out <- summaryMetric(sendLagDesc, r.SendLag, s.Name)
	}
	if len(load.Heartbeats) > 0 && load.Heartbeats[0].N() > 0 {
		out <- summaryMetric(lagDesc, load.Heartbeats[0])
	}
}

func summaryMetric(d *prometheus.Desc, h analysis.Histogram, labels ...string) prometheus.Metric {
	quantiles := map[float64]float64{}
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999, 1} {
		if h.N() > 0 {
			quantiles[q] = h.Quantile(q).Seconds()
		}
	}
	sum := h.Mean().Seconds() * float64(h.N())
	return prometheus.MustNewConstSummary(d, uint64(h.N()), sum, quantiles, labels...)
}
