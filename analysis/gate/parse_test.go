package gate

import (
	"strings"
	"testing"
)

func TestParseMetric(t *testing.T) {
	for _, c := range []struct {
		text  string
		name  string
		delta float64
		needs int
		gated bool
	}{
		{"p99=10%", "p99", 0.10, 1000, true},
		{" P99 = 7.5 % ", "p99", 0.075, 1000, true},
		{"p50", "p50", 0.05, 20, true},
		{"response.p95=3%", "p95", 0.03, 200, true},
		{"p99.90=25%", "p99.9", 0.25, 10000, true},
		{"service.p99=8%", "service.p99", 0.08, 1000, true},
		{"service.p90", "service.p90", 0.10, 100, true},
		{"cpu=5%", "cpu", 0.05, 1, true},
		{"memory=off", "memory", 0.10, 0, false},
		{"errors=0.5%", "error_rate", 0.005, 1, true},
		{"stall=100%", "stall", 1, 0, true},
	} {
		m, err := ParseMetric(c.text)
		if err != nil || m.Name != c.name || !near(m.Delta, c.delta) || m.Needs != c.needs || m.Gated != c.gated || m.Asked != c.gated {
			t.Errorf("%q: %+v, %v", c.text, m, err)
		}
	}
}

func TestWrongMetrics(t *testing.T) {
	for text, says := range map[string]string{
		"p99=10":                 `write it as p99=10%`,
		"p99=":                   "no percentage",
		"p99=ten%":               "no percentage",
		"p99=0%":                 "out of range",
		"p99=-5%":                "out of range",
		"p99=NaN%":               "out of range",
		"p99=1e9%":               "out of range",
		"errors=200%":            "from 0.001% to 100%",
		"throughput=5%":          "can't move",
		"memry=5%":               `did you mean "memory"?`,
		"service.p9x=5%":         `did you mean "service.p99"?`,
		"cpus":                   `did you mean "cpu"?`,
		"nonsense":               "there are p50, p95",
		"":                       "there are p50, p95",
		"p99.999=5%":             "p99.99 is the highest",
		"p100":                   "no metric",
		strings.Repeat("x", 500): "…",
	} {
		_, err := ParseMetric(text)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

func TestWith(t *testing.T) {
	all := Metrics()
	m, _ := ParseMetric("p99=2%")
	with := With(all, m)
	if len(with) != len(all) || with[2].Delta != 0.02 || all[2].Delta != 0.10 {
		t.Errorf("p99 is replaced in a copy: %+v", with)
	}
	m, _ = ParseMetric("p99.9")
	if with = With(all, m); len(with) != len(all)+1 || with[len(all)].Name != "p99.9" {
		t.Errorf("p99.9 is added: %+v", with)
	}
}

// Whatever is parsed is a metric that can be gated, and reads its own name back.
func FuzzParseMetric(f *testing.F) {
	for _, text := range []string{"p99=10%", "service.p50", "errors=0.1%", "p99.90=1%", "stall=off", "=", "p=%", "p99=10%%", "lag.p99=1e2%"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMetric(text)
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("%q: an error of %d bytes", text, len(err.Error()))
			}
			return
		}
		if !(m.Delta >= leastDelta && m.Delta <= mostDelta) || m.Needs < 0 || m.Name == "" || m.Gated != m.Asked {
			t.Errorf("%q: %+v", text, m)
		}
		again, err := ParseMetric(m.Name + "=" + percent(m.Delta))
		if err != nil || again.Name != m.Name {
			t.Errorf("%q: %q can't be read back: %v", text, m.Name, err)
		}
	})
}
