package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestBenchmarkValues(t *testing.T) {
	got := benchmarkValues("goos: linux\nBenchmarkTicks-2   \t  92 \t 3.5 ns/op\t 80.1 bytes/timer\t 16 B/op\t 1 allocs/op\nPASS\n")
	for unit, want := range map[string]float64{"ns/op": 3.5, "bytes/timer": 80.1, "B/op": 16, "allocs/op": 1} {
		if got[unit] != want {
			t.Errorf("%s is %v, want %v", unit, got[unit], want)
		}
	}
	if got := benchmarkValues("PASS\n"); len(got) != 0 {
		t.Errorf("no benchmark gives %v", got)
	}
}

func TestWrkResult(t *testing.T) {
	report := "  Latency Distribution\n     50%  493.00us\n     99%    3.95ms\n  10 requests in 1.00s\nRequests/sec: 138123.45\n"
	requests, p99, err := wrkResult(report)
	if err != nil || requests != 138123.45 || p99 != 3950*time.Microsecond {
		t.Errorf("gives %v, %v, %v", requests, p99, err)
	}
	for _, bad := range []string{"", report + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", report + "  Non-2xx or 3xx responses: 7\n"} {
		if _, _, err := wrkResult(bad); err == nil {
			t.Errorf("%q is taken for a measurement", bad)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

// Every other round goes backwards.
func TestAlternate(t *testing.T) {
	var order []string
	turn := func(name string) func() error {
		return func() error { order = append(order, name); return nil }
	}
	if err := alternate(3, turn("a"), turn("b"), turn("c")); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, ""); got != "abccbaabc" {
		t.Errorf("the order is %s, want abccbaabc", got)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	rows := []row{
		{says: "fast", unit: "M/s", ours: []float64{4, 6, 5}, node: []float64{2, 2, 2.5}, floor: 2},
		{says: "slow", unit: "M/s", ours: []float64{1}, node: []float64{1}, floor: 2},
		{says: "late", unit: "ms", ours: []float64{3}, node: []float64{2}, floor: 1.1, less: true},
		{says: "alone", unit: "M/s", ours: []float64{7}, floor: 2},
	}
	if err := printTable(&out, settings{rounds: 3}, rows); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"fast 2 5 M/s 2.50× (2.00–3.00) ≥ 2× met", // 5/2; rounds 4/2, 6/2, 5/2.5
		"slow 1 1 M/s 1.00× (1.00–1.00) ≥ 2× missed",
		"late 2 3 ms 1.50× (1.50–1.50) ≤ 1.1× missed",
		"alone – 7 M/s ≥ 2×",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"-rounds", "0"}, {"-load", "1ms"}, {"-nonsense"}, {"-only", "Nothing"}} {
		var stderr bytes.Buffer
		if code := run(args, strings.NewReader(""), &bytes.Buffer{}, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("%v exits %d and says %q", args, code, stderr.String())
		}
	}
}
