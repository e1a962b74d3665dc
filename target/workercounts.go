package target

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// workerCounts is what a pool of workers tells of itself. It can be read from
// any goroutine.
type workerCounts struct {
	waiting   atomic.Int64 // tasks in the queue now
	rejected  atomic.Int64 // tasks that found the queue full
	withdrawn atomic.Int64 // tasks that left the queue since their clients had gone
	replaced  atomic.Int64 // workers that died and were replaced
}

// workersDocument is the workers in /stats.
type workersDocument struct {
	Size      int   `json:"size"`
	Queue     int64 `json:"queue"`
	Limit     int   `json:"queue_limit"`
	Rejected  int64 `json:"rejected"`
	Withdrawn int64 `json:"withdrawn"`
	Replaced  int64 `json:"replaced"`
}

func (p *workerPool) describe() workersDocument {
	return workersDocument{
		Size: p.size, Queue: p.counts.waiting.Load(), Limit: p.limit, Rejected: p.counts.rejected.Load(),
		Withdrawn: p.counts.withdrawn.Load(), Replaced: p.counts.replaced.Load(),
	}
}

// collectors shows the counts to Prometheus; what waits stands among the loop's
// queues.
func (c *workerCounts) collectors() []prometheus.Collector {
	counter := func(name, help string, count *atomic.Int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(count.Load()) })
	}
	return []prometheus.Collector{
		counter("worker_tasks_rejected_total", "Tasks that were answered with 503, since the workers' queue was full.", &c.rejected),
		counter("worker_tasks_withdrawn_total", "Tasks that left the workers' queue, since their clients had gone.", &c.withdrawn),
		counter("workers_replaced_total", "Workers that died and were replaced.", &c.replaced),
	}
}
