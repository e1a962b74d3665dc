package gate

import (
	"math"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack/scenario"
)

// Metric is a number that both arms have in every block. All of them are the
// better the lower they are: what would be the better the higher (throughput)
// can't move at a fixed rate below saturation, and isn't there.
type Metric struct {
	Name  string  // "p99" of the response time, "service.p99", "cpu" …
	Title string  // for a table
	Unit  string  // of values: "ms", "bytes", "share" (from 0 to 1)
	Delta float64 // the change that is too much: a ratio − 1, or with Absolute a difference in the unit
	// Floor is the resolution, in the unit: smaller values are compared as if they
	// were as large as it, since ratios of what can hardly be measured mean nothing.
	Floor    float64
	Absolute bool // compared by difference, not by ratio
	Gated    bool // else it is only reported
	// Asked is set when the user named the metric: it is then never made
	// informational for being too noisy, and the gate rather abstains.
	Asked bool
	Needs int // requests per arm and block, at least
	// Spread is the standard deviation of d from block to block that is assumed
	// as long as none has been measured: a guess, for announcing what can be seen.
	Spread float64
}

// LowerIsBetter is the direction of every metric.
const LowerIsBetter = "lower"

// Direction says which way is better.
func (m Metric) Direction() string { return LowerIsBetter }

// Names of the metrics that are no quantiles.
const (
	CPU       = "cpu"
	Memory    = "memory"
	ErrorRate = scenario.ErrorRate
	LagP99    = "lag.p99"
	Stall     = "stall"
)

// Quantiles need that many requests beyond them to be more than a few outliers:
// 1,000 requests for p99.
const beyondQuantile = 10

// Metrics are those of a gate when nothing is said: all of them, with the gated
// ones marked. Service time repeats response time, but for what waits in the
// generator and its connections; lag and stalls are seen in the quantiles when
// they matter, and jump by multiples when they don't. So these are reported.
func Metrics() []Metric {
	gated := func(m Metric) Metric {
		m.Gated = true
		return m
	}
	return []Metric{
		gated(quantile("p50", 0.5)),
		gated(quantile("p95", 0.95)),
		gated(quantile("p99", 0.99)),
		quantile("service.p50", 0.5),
		quantile("service.p99", 0.99),
		// A tick of 10 ms in 1,000 requests is 10 µs a request.
		{Name: CPU, Title: "CPU time per request", Unit: "ms", Delta: 0.10, Floor: 0.01, Gated: true, Needs: 1, Spread: 0.05},
		{Name: Memory, Title: "peak memory", Unit: "bytes", Delta: 0.10, Floor: 1 << 20, Gated: true, Spread: 0.05},
		{Name: ErrorRate, Title: "unexpected answers", Unit: "share", Delta: 0.001, Absolute: true, Gated: true, Needs: 1, Spread: 0.0002},
		{Name: LagP99, Title: "loop lag p99", Unit: "ms", Delta: 0.25, Floor: 0.05, Spread: 0.3},
		{Name: Stall, Title: "longest stall", Unit: "ms", Delta: 0.50, Floor: 1, Spread: 0.5},
	}
}

// quantile makes the metric of a quantile of the response or service time.
func quantile(name string, q float64) Metric {
	m := Metric{
		Name: name, Title: "response " + name, Unit: "ms", Delta: 0.10, Floor: 0.02, Spread: 0.15,
		Needs: int(math.Ceil(beyondQuantile/(1-q) - 1e-6)),
	}
	if quantity, statistic := scenario.SplitMetric(name); quantity == scenario.Service {
		m.Title = "service " + statistic
	}
	switch {
	case q <= 0.75:
		m.Delta, m.Spread = 0.05, 0.04
	case q < 0.99:
		m.Spread = 0.08
	case q > 0.99:
		m.Delta, m.Spread = 0.20, 0.3
	}
	return m
}

// Difference is how the head differs from the base in one block: ln(head/base),
// or head − base of an absolute metric.
func (m Metric) Difference(base, head float64) float64 {
	if m.Absolute {
		return head - base
	}
	return math.Log(max(head, m.Floor) / max(base, m.Floor))
}

// limit is δ on the scale of differences.
func (m Metric) limit() float64 {
	if m.Absolute {
		return m.Delta
	}
	return math.Log1p(m.Delta)
}

// change takes a difference back to the scale of δ: a ratio − 1.
func (m Metric) change(d float64) float64 {
	if m.Absolute {
		return d
	}
	return math.Expm1(d)
}

// difference is the way back.
func (m Metric) difference(change float64) float64 {
	if m.Absolute {
		return change
	}
	return math.Log1p(change)
}

func (m Metric) changes(e analysis.Estimate) analysis.Estimate {
	e.Value, e.Low, e.High = m.change(e.Value), m.change(e.Low), m.change(e.High)
	return e
}

// isTime reports whether the metric is a quantile of what requests took.
func (m Metric) isTime() bool {
	_, statistic := scenario.SplitMetric(m.Name)
	_, ok := scenario.Quantile(statistic)
	return ok && m.Name != LagP99
}

// gated counts the metrics that decide.
func gated(metrics []Metric) int {
	n := 0
	for _, m := range metrics {
		if m.Gated {
			n++
		}
	}
	return n
}
