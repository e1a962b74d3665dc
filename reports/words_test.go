package reports

import "testing"

func TestInWords(t *testing.T) {
	cases := map[float64]string{
		0:       "0 ms",
		400:     "0.4 µs",
		10e3:    "10 µs",
		100e3:   "0.1 ms",
		1e6:     "1 ms",
		200e6:   "200 ms",
		1e9:     "1 s",
		1000e9:  "1000 s",
		3 * 1e5: "0.3 ms", // not 0.30000000000000004
	}
	for ns, want := range cases {
		if got := inWords(ns); got != want {
			t.Errorf("%v ns: got %q, want %q", ns, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	cases := map[int]string{0: "0", 999: "999", 1000: "1,000", 12_000: "12,000", 1_234_567: "1,234,567", -1000: "-1,000", -100: "-100"}
	for n, want := range cases {
		if got := thousands(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
