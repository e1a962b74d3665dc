package scenario

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseBudget(t *testing.T) {
	for _, c := range []struct {
		text, metric, op string
		value            float64
		canonical        string
	}{
		{"p99 < 50ms", "p99", "<", 50, "p99 < 50ms"},
		{"p99<50ms", "p99", "<", 50, "p99 < 50ms"},
		{" p99.9 <= 1s ", "p99.9", "<=", 1000, "p99.9 <= 1s"},
		{"response.p50 < 1.5s", "p50", "<", 1500, "p50 < 1.5s"},
		{"max < 1m30s", "max", "<", 90_000, "max < 1m30s"},
		{"mean < 250us", "mean", "<", 0.25, "mean < 250µs"},
		{"service.p99.90 < 2m", "service.p99.9", "<", 120_000, "service.p99.9 < 2m"},
		{"send_lag.p99 < 1ms", "send_lag.p99", "<", 1, "send_lag.p99 < 1ms"},
		{"lag.max < 20ms", "lag.max", "<", 20, "lag.max < 20ms"},
		{"error_rate < 0.1%", "error_rate", "<", 0.001, "error_rate < 0.1%"},
		{"error_rate<0.001", "error_rate", "<", 0.001, "error_rate < 0.1%"},
		{"error_rate <= 0%", "error_rate", "<=", 0, "error_rate <= 0%"},
		{"throughput > 900/s", "throughput", ">", 900, "throughput > 900/s"},
		{"throughput >= 30/m", "throughput", ">=", 0.5, "throughput >= 0.5/s"}, // 30/60
	} {
		b, err := ParseBudget(c.text)
		if err != nil || b.Metric != c.metric || b.Op != c.op || b.Value != c.value || b.Text != c.text {
			t.Errorf("%q: %+v, %v", c.text, b, err)
		}
		if b.String() != c.canonical {
			t.Errorf("%q is written %q; want %q", c.text, b, c.canonical)
		}
	}
}

func TestParseBudgetExplains(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "write it as p99 < 50ms",
		"p99":                "write it as p99 < 50ms",
		"p99 < ":             "write it as p99 < 50ms",
		"p99 == 5ms":         "use <, <=, > or >=",
		"p99 < 5":            "no unit",
		"p99 < -5ms":         "more than zero",
		"p0 < 5ms":           "no quantile",
		"p100 < 5ms":         "no quantile",
		"p9.99.9 < 5ms":      "no quantile",
		"eror_rate < 1%":     `did you mean "error_rate"?`,
		"latency < 5ms":      "there are p50, p99, p99.9",
		"lag < 5ms":          `did you mean "lag.p99"?`,
		"lag.throughput < 5": `did you mean "throughput"?`,
		"error_rate < 5":     "write 5%",
		"error_rate < 101%":  "more than 100%",
		"error_rate < 5ms":   "0.1%",
		"throughput > 5ms":   "200/s",
		"throughput > 2e9/s": "200/s",
	} {
		if _, err := ParseBudget(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q in it", text, err, want)
		}
	}
}

func TestSplitMetric(t *testing.T) {
	for metric, want := range map[string][2]string{
		"p99": {Response, "p99"}, "max": {Response, "max"}, "p99.9": {Response, "p99.9"},
		"service.mean": {Service, "mean"}, "send_lag.p99.99": {SendLag, "p99.99"}, "lag.p50": {Lag, "p50"},
		"error_rate": {ErrorRate, ""}, "throughput": {Throughput, ""},
	} {
		quantity, statistic := SplitMetric(metric)
		if quantity != want[0] || statistic != want[1] {
			t.Errorf("%s: %q, %q", metric, quantity, statistic)
		}
	}
	for statistic, want := range map[string]float64{"p50": 0.5, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999, "p5": 0.05} {
		if q, ok := Quantile(statistic); !ok || q != want {
			t.Errorf("%s: %v, %v", statistic, q, ok)
		}
	}
}

// Whatever a budget is, its canonical form is read back as the same.
func TestBudgetsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		metric := rapid.SampledFrom([]string{"p50", "p99.9", "mean", "max", "service.p99", "send_lag.max", "lag.p99", ErrorRate, Throughput}).Draw(t, "metric")
		bound := map[string]*rapid.Generator[string]{
			ErrorRate:  rapid.StringMatching(`(100|[0-9]{1,2}(\.[0-9]{1,8})?)%|0\.[0-9]{1,12}`),
			Throughput: rapid.StringMatching(`[0-9]{1,6}(\.[0-9]{1,6})?(/(s|m|h|10s))?`),
		}[metric]
		if bound == nil {
			bound = rapid.StringMatching(`[1-9][0-9]{0,4}(\.[0-9]{1,3})?(ms|s|us|m)`)
		}
		op := rapid.SampledFrom([]string{"<", "<=", ">", ">="}).Draw(t, "op")
		b, err := ParseBudget(metric + op + bound.Draw(t, "bound"))
		if err != nil {
			t.Skip(err) // longer than a week
		}
		again, err := ParseBudget(b.String())
		if err != nil || again.Metric != b.Metric || again.Op != b.Op || again.Value != b.Value || again.String() != b.String() {
			t.Fatalf("%+v is written %q, which is %+v, %v", b, b, again, err)
		}
	})
}

func FuzzParseBudget(f *testing.F) {
	for _, s := range []string{"p99 < 50ms", "error_rate < 0.1%", "throughput > 900/s", "lag.p99<20ms", "p99.9 >= 1h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseBudget(text)
		if err != nil {
			if len(err.Error()) > 2000 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
			return
		}
		again, err := ParseBudget(b.String())
		if err != nil || again.Metric != b.Metric || again.Value != b.Value {
			t.Errorf("%q: %+v is written %q: %v", text, b, b, err)
		}
	})
}
