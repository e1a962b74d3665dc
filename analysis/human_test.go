package analysis_test

import (
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
)

func TestHuman(t *testing.T) {
	cases := map[time.Duration]string{
		0:                       "0.00 ms",
		50 * us:                 "0.05 ms",
		304 * us:                "0.30 ms",
		994 * us:                "0.99 ms",
		995 * us:                "1.0 ms", // not 0.99 or 1.00
		ms:                      "1.0 ms",
		9949 * us:               "9.9 ms",
		9950 * us:               "10 ms", // not 9.9 or 9.95
		410 * ms:                "410 ms",
		999*ms + 499*us:         "999 ms",
		999*ms + 500*us:         "1.0 s", // not 1000 ms or 1.00 s
		time.Second:             "1.0 s",
		9949 * ms:               "9.9 s",
		9950 * ms:               "10 s",
		90 * time.Second:        "90 s",
		-5 * ms:                 "-5.0 ms",
		-2 * time.Second:        "-2.0 s",
		-(999*ms + 499*us):      "-999 ms",
		20 * time.Minute:        "1200 s",
		12*ms + 300*us:          "12 ms",
		1*time.Second + 449*ms:  "1.4 s",
		10*time.Second + 499*ms: "10 s",
	}
	for d, want := range cases {
		if got := analysis.Human(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestDigits(t *testing.T) {
	cases := map[float64]string{
		0: "0.00", 0.004: "0.00", 0.25: "0.25", 0.994: "0.99",
		0.995: "1.0", 1: "1.0", 1.04: "1.0", 1.06: "1.1", 9.94: "9.9",
		9.95: "10", 10: "10", 10.4: "10", 10.6: "11", 12345: "12345",
		-0.25: "-0.25", -0.995: "-1.0", -9.95: "-10",
	}
	for v, want := range cases {
		if got := analysis.Digits(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	cases := map[float64]string{
		0: "0 B", 1: "1 B", 999: "999 B", 999.4: "999 B", 999.5: "0.98 KiB", 1024: "1 KiB", 1500: "1.46 KiB",
		48 << 20: "48 MiB", 48.23 * (1 << 20): "48.2 MiB", 412.4 * (1 << 20): "412 MiB", 999 << 20: "999 MiB", 1 << 30: "1 GiB",
		9.996 * (1 << 20): "10 MiB", 9.994 * (1 << 20): "9.99 MiB", 99.96 * (1 << 20): "100 MiB", 5 << 50: "5120 TiB",
		-2048: "-2 KiB", 0.25: "0.25 B",
	}
	for v, want := range cases {
		if got := analysis.Bytes(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	cases := map[float64]string{
		0.01: "0.01×", 0.5: "0.50×", 0.79: "0.79×", 0.81: "0.81×", 0.995: "0.99×", 0.996: "1.00×",
		1: "1.00×", 1.04: "1.04×", 1.19: "1.19×", 1.21: "1.2×", 1.94: "1.9×",
		9.94: "9.9×", 9.95: "10×", 65: "65×", 129.4: "129×", 205.6: "206×",
	}
	for ratio, want := range cases {
		if got := analysis.Times(ratio); got != want {
			t.Errorf("%v: got %q, want %q", ratio, got, want)
		}
	}
}

func TestTimesWithin(t *testing.T) {
	cases := []struct {
		value, low, high float64
		want             string
	}{
		{65, 58, 71, "65× (58–71×)"},
		{161.2, 129.4, 205.6, "161× (129–206×)"},
		{1.04, 0.98, 1.12, "1.04× (0.98–1.12×)"},
		{1.9, 1.19, 10.2, "1.9× (1.19–10×)"},
		{0.5, 0.25, 0.75, "0.50× (0.25–0.75×)"},
	}
	for _, c := range cases {
		if got := analysis.TimesWithin(analysis.Estimate{Value: c.value, Low: c.low, High: c.high}); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
