package gate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/looptest/looptest/attack/scenario"
)

// ParseMetric reads "p99=10%" (gate p99, at most 10 % more), "p99" (with the
// usual δ) and "p99=off" (report it only). Besides the names of Metrics it knows
// every quantile of the response and service time, such as p99.9 and service.p90.
func ParseMetric(text string) (Metric, error) {
	name, value, valued := strings.Cut(text, "=")
	m, err := named(strings.ToLower(strings.TrimSpace(name)))
	if err != nil {
		return Metric{}, err
	}
	m.Asked, m.Gated = true, true
	switch value = strings.TrimSpace(value); {
	case !valued:
	case strings.EqualFold(value, "off"):
		m.Asked, m.Gated = false, false
	default:
		m.Delta, err = parseDelta(m, value)
	}
	return m, err
}

// With gives the metrics with one of them set: in place of its namesake, or at
// the end.
func With(metrics []Metric, m Metric) []Metric {
	metrics = slices.Clone(metrics)
	i := slices.IndexFunc(metrics, func(known Metric) bool { return known.Name == m.Name })
	if i < 0 {
		return append(metrics, m)
	}
	metrics[i] = m
	return metrics
}

// Deltas may be from 0.001 % to 100 times.
const (
	leastDelta = 0.00001
	mostDelta  = 100
)

func parseDelta(m Metric, text string) (float64, error) {
	example := fmt.Sprintf("%s=%s", m.Name, percent(m.Delta))
	digits, found := strings.CutSuffix(text, "%")
	if !found {
		return 0, fmt.Errorf("%s: %q is no percentage; write it as %s, or %s=off to report it only", m.Name, clipped(text), example, m.Name)
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is no percentage; write it as %s", m.Name, clipped(text), example)
	}
	v /= 100
	most := float64(mostDelta)
	if m.Absolute {
		most = 1
	}
	if !(v >= leastDelta && v <= most) {
		return 0, fmt.Errorf("%s: δ of %s is out of range; it must be from %s to %s", m.Name, clipped(text), percent(leastDelta), percent(most))
	}
	return v, nil
}

// percent writes a share with as many digits as it has: 0.1 is "10%".
func percent(share float64) string {
	return strconv.FormatFloat(100*share, 'g', 6, 64) + "%"
}

// aliases are what a metric may be called too.
var aliases = map[string]string{
	"errors": ErrorRate, "codes": ErrorRate, "rss": Memory, "lag": LagP99, "lag.max": Stall,
}

// named finds a metric by its name.
func named(name string) (Metric, error) {
	name = strings.TrimPrefix(name, "response.")
	if full, ok := aliases[name]; ok {
		name = full
	}
	var names []string
	for _, m := range Metrics() {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	quantity, statistic := scenario.SplitMetric(name)
	if q, ok := scenario.Quantile(statistic); ok && (quantity == scenario.Response || quantity == scenario.Service) {
		if q > 0.9999 {
			return Metric{}, fmt.Errorf("%s needs more requests than a block can hold; p99.99 is the highest", name)
		}
		return quantileNamed(name, q)
	}
	if name == scenario.Throughput || name == "rps" {
		return Metric{}, fmt.Errorf("there is no %q to gate: at a fixed rate below saturation it can't move; gate cpu or p99 instead", name)
	}
	hint := strings.Join(names, ", ")
	if near := scenario.Nearest(name, names); near != "" {
		return Metric{}, fmt.Errorf("there is no metric %q; did you mean %q? There are %s", clipped(name), near, hint)
	}
	return Metric{}, fmt.Errorf("there is no metric %q; there are %s", clipped(name), hint)
}

// quantileNamed makes a quantile under its shortest name: p99.90 is p99.9.
func quantileNamed(name string, q float64) (Metric, error) {
	if at := strings.LastIndexByte(name, 'p'); strings.Contains(name[at:], ".") {
		name = strings.TrimSuffix(strings.TrimRight(name, "0"), ".")
	}
	for _, m := range Metrics() {
		if m.Name == name {
			return m, nil
		}
	}
	return quantile(name, q), nil
}

// clipped shortens what a user wrote for an error message.
func clipped(text string) string {
	if r := []rune(text); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return text
}
