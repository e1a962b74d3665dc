package reports

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
)

// calm is a moment at which all is well.
func calm() Moment {
	const ms = time.Millisecond
	return Moment{
		Elapsed: 15 * time.Second, Span: time.Minute, Phase: "peak", Lag: -1,
		Recent: analysis.Recent{
			Span: 3 * time.Second, Offered: 600, Good: 597, Failed: 3,
			Response: analysis.Distribution{N: 600, Min: ms, Mean: 2 * ms, P50: 2 * ms, P90: 5 * ms, P99: 9 * ms, P999: 20 * ms, Max: 20 * ms},
		},
		Trend: []time.Duration{9 * ms, -1, 4500 * time.Microsecond},
	}
}

func liveLine(t *testing.T, m Moment) string {
	t.Helper()
	var out bytes.Buffer
	if err := m.LiveLine(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestLiveLine(t *testing.T) {
	m := calm()
	if got, want := liveLine(t, m), "0:15 · peak · 200/s offered, 199/s achieved · p50 2.0 ms, p99 9.0 ms, max 20 ms\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m.Failed, m.Lag, m.Budgets = 1234, 30*time.Millisecond, 2
	if got, want := liveLine(t, m), "0:15 · peak · 200/s offered, 199/s achieved, 1,234 failed so far · p50 2.0 ms, p99 9.0 ms, max 20 ms · loop lag 30 ms · ✓ none of 2 is broken so far\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m = Moment{Elapsed: 75 * time.Second, Span: time.Minute, Waiting: 4, Silent: true, Lag: -1}
	if got, want := liveLine(t, m), "1:15 · waiting for the last 4 answers · 0/s offered, 0/s achieved · no answer lately · no heartbeat of its loop lately\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Several broken budgets take no more room than one.
func TestBrokenBudgets(t *testing.T) {
	m := calm()
	m.Budgets, m.Broken = 3, []string{"p99 < 5ms can't be held any more"}
	if got := m.budgetText(); got != "✗ p99 < 5ms can't be held any more" {
		t.Error(got)
	}
	m.Broken = append(m.Broken, "error_rate < 1% can't be held any more")
	if got := m.budgetText(); got != "✗ 2 of 3 are broken; p99 < 5ms can't be held any more" {
		t.Error(got)
	}
}

func TestLiveView(t *testing.T) {
	var out bytes.Buffer
	m := calm()
	m.Budgets, m.Broken = 1, []string{"p99 < 5ms can't be held any more"}
	lines, err := m.LiveView(&out, Style{})
	want := strings.Join([]string{
		"  ██████░░░░░░░░░░░░░░░░░░  0:45 left · peak",
		"  load      200/s offered, 199/s achieved",
		"  response  p50 2.0 ms, p99 9.0 ms, max 20 ms",
		"  p99       █·▄",
		"  budgets   ✗ p99 < 5ms can't be held any more",
		"",
	}, "\n")
	if err != nil || out.String() != want || lines != 5 {
		t.Errorf("%d lines, %v:\n%s", lines, err, out.String())
	}
	for _, width := range []int{1, 10, 30} {
		out.Reset()
		lines, _ := m.LiveView(&out, Style{Width: width})
		if got := strings.Count(out.String(), "\n"); got != lines {
			t.Errorf("%d lines, and it says %d", got, lines)
		}
		for line := range strings.Lines(out.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
				t.Errorf("%q is %d wide, and the terminal %d", line, n, width)
			}
		}
	}
}

func TestSparkline(t *testing.T) {
	for _, c := range []struct {
		values []time.Duration
		want   string
	}{
		{nil, ""},
		{[]time.Duration{5}, ""}, // no trend yet
		{[]time.Duration{0, 0}, "▁▁"},
		{[]time.Duration{0, 7, 14}, "▁▄█"}, // 7·7/14 = 3
		{[]time.Duration{-1, -1}, "··"},
		{[]time.Duration{-1, time.Hour}, "·█"},
	} {
		if got := sparkline(c.values); got != c.want {
			t.Errorf("%v: %q, want %q", c.values, got, c.want)
		}
	}
}

func TestLiveJSON(t *testing.T) {
	var out bytes.Buffer
	m := calm()
	m.Recent.Span = 2999 * time.Millisecond
	if err := m.LiveJSON(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "\n") != 1 || !strings.HasSuffix(out.String(), "\n") {
		t.Errorf("not one line: %q", out.String())
	}
	var d map[string]any
	if err := json.Unmarshal(out.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if d["type"] != "progress" || d["offered_rps"] != 200.1 || d["lag_max_ms"] != nil || d["broken_budgets"] == nil {
		t.Errorf("%v", d)
	}
	keys := []string{"type", "elapsed_ms", "span_ms", "phase", "window_ms", "offered_rps", "achieved_rps", "failed", "response_ms", "waiting", "lag_max_ms", "broken_budgets"}
	for key := range d {
		if !slices.Contains(keys, key) {
			t.Errorf("%q is new: say so where the lines are described", key)
		}
	}
}
