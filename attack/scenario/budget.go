package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Budget is a bound that a load has to keep. It is data only; analysis judges it.
type Budget struct {
	// Metric is a quantile, the mean or the maximum of the response time ("p99",
	// "max"), of another time ("service.p99", "send_lag.max", "lag.p99"), or
	// "error_rate" or "throughput".
	Metric string
	Op     string  // "<", "<=", ">" or ">="
	Value  float64 // milliseconds, a share from 0 to 1, or requests per second
	Text   string  // as it was written: "p99 < 50ms"
	// Stream and Phase say what part of the load it is about; empty for all.
	Stream, Phase string
	Abort         bool // end the run as soon as it is broken
}

// Names of metrics that are no times.
const (
	ErrorRate  = "error_rate" // share of the requests without a good answer
	Throughput = "throughput" // good answers per second
)

// Quantities are the times that a metric can be about. The response time goes
// without its name.
const (
	Response = ""
	Service  = "service"
	SendLag  = "send_lag"
	Lag      = "lag" // of the target's loop
)

// metricHint lists what a budget can be about.
const metricHint = "p50, p99, p99.9 …, mean or max of the response time; service.p99, send_lag.p99, lag.p99; error_rate; throughput"

var budgetForm = regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9_.]*)\s*([^\sA-Za-z0-9.]+)\s*(\S.*?)\s*$`)

// ParseBudget reads "p99 < 50ms", "error_rate < 0.1%", "throughput > 900/s".
func ParseBudget(text string) (Budget, error) {
	parts := budgetForm.FindStringSubmatch(text)
	if parts == nil {
		return Budget{}, fmt.Errorf("%q is no budget; write it as p99 < 50ms, error_rate < 0.1%% or throughput > 900/s", clipped(text))
	}
	b := Budget{Op: parts[2], Text: text}
	var err error
	if b.Metric, err = parseMetric(parts[1]); err != nil {
		return Budget{}, err
	}
	switch b.Op {
	case "<", "<=", ">", ">=":
	default:
		return Budget{}, fmt.Errorf("%q compares nothing; use <, <=, > or >=", clipped(b.Op))
	}
	if b.Value, err = parseBound(b.Metric, parts[3]); err != nil {
		return Budget{}, fmt.Errorf("%s: %w", b.Metric, err)
	}
	return b, nil
}

// String is the budget in its canonical form, which ParseBudget reads.
func (b Budget) String() string {
	return b.Metric + " " + b.Op + " " + formatBound(b.Metric, b.Value)
}

// SplitMetric takes a time's metric apart: "service.p99" is Service and "p99".
// The other metrics have no statistic, and are their own quantity.
func SplitMetric(metric string) (quantity, statistic string) {
	if metric == ErrorRate || metric == Throughput {
		return metric, ""
	}
	for _, q := range []string{Service, SendLag, Lag} {
		if rest, found := strings.CutPrefix(metric, q+"."); found {
			return q, rest
		}
	}
	return Response, metric
}

// Quantile gives a statistic's quantile, from 0 to 1: 0.99 for "p99". It is
// false for "mean" and "max".
func Quantile(statistic string) (float64, bool) {
	digits, found := strings.CutPrefix(statistic, "p")
	if !found || !quantileForm.MatchString(digits) {
		return 0, false
	}
	q, err := strconv.ParseFloat(digits+"e-2", 64)
	return q, err == nil && q > 0 && q < 1
}

var quantileLike = regexp.MustCompile(`^p[0-9.]+$`)

var quantileForm = regexp.MustCompile(`^[0-9]{1,2}(\.[0-9]{1,4})?$`)

func parseMetric(text string) (string, error) {
	metric := strings.TrimPrefix(text, "response.")
	quantity, statistic := SplitMetric(metric)
	if statistic == "" || statistic == "mean" || statistic == "max" {
		return metric, nil
	}
	if _, ok := Quantile(statistic); ok {
		if strings.Contains(statistic, ".") { // p99.90 is p99.9
			statistic = strings.TrimSuffix(strings.TrimRight(statistic, "0"), ".")
		}
		if quantity == Response {
			return statistic, nil
		}
		return quantity + "." + statistic, nil
	}
	if quantileLike.MatchString(statistic) {
		return "", fmt.Errorf("%q is no quantile; write p50, p99 or p99.9", clipped(statistic))
	}
	near := Nearest(text, []string{"p50", "p90", "p95", "p99", "p99.9", "mean", "max", ErrorRate, Throughput, "service.p99", "send_lag.p99", "lag.p99", "lag.max"})
	if near != "" {
		return "", fmt.Errorf("there is no %q; did you mean %q? There are %s", clipped(text), near, metricHint)
	}
	return "", fmt.Errorf("there is no %q; there are %s", clipped(text), metricHint)
}

// parseBound reads a bound in the metric's unit.
func parseBound(metric, text string) (float64, error) {
	switch metric {
	case ErrorRate:
		return parseShare(text)
	case Throughput:
		return parseRate(text)
	}
	d, err := parseDuration(text)
	return float64(d) / float64(time.Millisecond), err
}

func formatBound(metric string, value float64) string {
	switch metric {
	case ErrorRate:
		return formatShare(value)
	case Throughput:
		return formatRate(value)
	}
	return formatDuration(time.Duration(value*float64(time.Millisecond) + 0.5))
}
