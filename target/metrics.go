package target

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/looptest/looptest/target/loop"
)

// metrics is what the server shows to Prometheus, beside the loop.
type metrics struct {
	server     *Server
	registry   *prometheus.Registry
	durations  *prometheus.HistogramVec
	measures   *prometheus.HistogramVec
	errors     *prometheus.CounterVec
	rejections *prometheus.CounterVec
}

// durationBuckets are the histograms' upper bounds, in seconds.
var durationBuckets = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		server:   s,
		registry: prometheus.NewRegistry(),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_request_duration_seconds",
			Help:    "Time from a request's arrival at the loop's door to its answer.",
			Buckets: durationBuckets,
		}, []string{"route", "code"}),
		measures: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "measure_duration_seconds",
			Help:    "Length of the server's own measures: from the beginning of a request's handler to its answer, by the route's name.",
			Buckets: durationBuckets,
		}, []string{"name"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "uncaught_errors_total",
			Help: "Errors that nobody caught, by the route of the request that they belong to.",
		}, []string{"route"}),
		rejections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "unhandled_rejections_total",
			Help: "Rejected promises that nobody handled, by the route of the request that they belong to.",
		}, []string{"route"}),
	}
	shed := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "requests_shed_total",
		Help: "Requests that were turned away because the loop's smoothed lag was over --max-lag.",
	}, func() float64 { return float64(s.shedding.shed.Load()) })
	m.registry.MustRegister(m.durations, m.measures, m.errors, m.rejections, shed, loopCollector{s}, cacheCollector{s}, heapCollector{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(s.workers.counts.collectors()...)
	return m
}

// noRoute is the label of paths that are no route, so that requests can't make
// up new ones, and of errors that belong to no request.
const noRoute = "none"

// served counts an answered request.
func (m *metrics) served(s Served) {
	route := s.Path
	if _, known := m.server.routes[route]; !known {
		route = noRoute
	}
	m.durations.WithLabelValues(route, strconv.Itoa(s.Code)).Observe((s.Answered - s.Arrived).Seconds())
}

// measured counts measures; their names are those of routes, so that requests
// can't make up new ones.
func (m *metrics) measured(measures []entry, _ int) {
	for _, e := range measures {
		m.measures.WithLabelValues(e.name).Observe(e.took.Seconds())
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// loopCollector reads the loop's accounts when it is asked.
type loopCollector struct{ server *Server }

var _ prometheus.Collector = loopCollector{}

var (
	lagDescription = prometheus.NewDesc("loop_lag_seconds",
		"How late the loop's heartbeat ran; every missed beat counts.", nil, nil)
	smoothedDescription = prometheus.NewDesc("loop_smoothed_lag_seconds",
		"How late a timer on the loop runs that is due twice a second, smoothed: what load shedding goes by.", nil, nil)
	elapsedDescription = prometheus.NewDesc("loop_elapsed_seconds_total",
		"Time since the loop began to run.", nil, nil)
	idleDescription = prometheus.NewDesc("loop_idle_seconds_total",
		"Time that the loop waited in poll; utilization is 1 - idle/elapsed.", nil, nil)
	utilizationDescription = prometheus.NewDesc("loop_utilization_ratio",
		"1 - idle/elapsed since the loop began to run.", nil, nil)
	runningDescription = prometheus.NewDesc("loop_running_seconds",
		"For how long the callback under way has held the loop, 0 for none.", nil, nil)
	queueDescription = prometheus.NewDesc("loop_queue_length",
		"What waits: callbacks at the loop's door, jobs queued or running on the pool, tasks queued for a worker, requests in flight.", []string{"queue"}, nil)
)

// Describe is for the registry.
func (c loopCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		lagDescription, smoothedDescription, elapsedDescription, idleDescription, utilizationDescription, runningDescription, queueDescription,
	} {
		to <- d
	}
}

// Collect is for the registry.
func (c loopCollector) Collect(to chan<- prometheus.Metric) {
	s := c.server
	r := s.monitor.Read()
	value := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	count, buckets := cumulative(r.Lags)
	to <- prometheus.MustNewConstHistogram(lagDescription, count, r.Lags.Total.Seconds(), buckets)
	value(smoothedDescription, prometheus.GaugeValue, s.shedding.smoothed().Seconds())
	value(elapsedDescription, prometheus.CounterValue, r.Elapsed.Seconds())
	value(idleDescription, prometheus.CounterValue, r.Idle.Seconds())
	value(utilizationDescription, prometheus.GaugeValue, utilization(r))
	running := 0.0
	if r.Running.Phase != "" {
		running = (r.At - r.Running.Start).Seconds()
	}
	value(runningDescription, prometheus.GaugeValue, running)
	value(queueDescription, prometheus.GaugeValue, float64(s.loop.DoorQueue()), "door")
	value(queueDescription, prometheus.GaugeValue, float64(s.loop.PoolQueue()), "pool")
	value(queueDescription, prometheus.GaugeValue, float64(s.workers.counts.waiting.Load()), "workers")
	value(queueDescription, prometheus.GaugeValue, float64(s.inFlight.Load()), "requests")
}

// cumulative gives a histogram as Prometheus counts it: each bucket holds all
// that is at most its bound, in seconds.
func cumulative(h loop.Histogram) (count uint64, buckets map[float64]uint64) {
	buckets = map[float64]uint64{}
	for i, bound := range loop.LagBounds() {
		count += h.Counts[i]
		buckets[bound.Seconds()] = count
	}
	return count + h.Counts[len(h.Counts)-1], buckets
}

func utilization(r loop.Reading) float64 {
	if r.Elapsed == 0 {
		return 0
	}
	return 1 - float64(r.Idle)/float64(r.Elapsed)
}
