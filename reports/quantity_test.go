package reports

import "testing"

func TestQuantitiesInWords(t *testing.T) {
	cases := []struct {
		unit  quantity
		v     float64
		value string
		tick  string
	}{
		{"ms", 0, "0 ms", "0 ms"},
		{"ms", 0.0123, "12 µs", "12.3 µs"},
		{"ms", 0.25, "0.25 ms", "0.25 ms"},
		{"ms", 8.4, "8.4 ms", "8.4 ms"},
		{"ms", 1500, "1.5 s", "1.5 s"},
		{"ms", -8.4, "−8.4 ms", "−8.4 ms"},
		{"%", 4, "+4.0 %", "+4 %"},
		{"%", 0, "0 %", "0 %"},
		{"%", -0.25, "−0.25 %", "−0.25 %"},
		{"jobs/s", 53.8, "54 jobs/s", "53.8"},
		{"jobs/s", 12345, "12,345 jobs/s", "12,345"},
		{"jobs/s", 0, "0 jobs/s", "0"},
		{"", 2.5, "2.5", "2.5"},
		{inShare, 48.6, "49 %", "48.6 %"},
		{inShare, -0.25, "−0.25 %", "−0.25 %"},
		{"bytes", 412 << 20, "412 MiB", "412 MiB"},
		{"bytes", 1536 << 20, "1.5 GiB", "1,536 MiB"}, // an axis keeps one unit
		{"bytes", -512, "−512 B", "−0.00048828125 MiB"},
	}
	for _, c := range cases {
		if got := c.unit.write(c.unit.scaled(c.v)); got != c.value {
			t.Errorf("%v %s: got %q, want %q", c.v, c.unit, got, c.value)
		}
		if got := c.unit.tick(c.unit.scaled(c.v)); got != c.tick {
			t.Errorf("tick %v %s: got %q, want %q", c.v, c.unit, got, c.tick)
		}
	}
}
