package target

import (
	"testing"
	"time"
)

func TestDoseFlags(t *testing.T) {
	var d Dose
	for _, c := range []struct {
		set  func(string) error
		text string
		ok   bool
	}{
		{d.SlowDown, "10%", true}, {d.SlowDown, "5ms", true},
		{d.SlowDown, "0%", false}, {d.SlowDown, "5", false}, {d.SlowDown, "-5ms", false}, {d.SlowDown, "1h", false}, {d.SlowDown, "NaN%", false},
		{d.Stalls, "1%:50ms", true}, {d.Stalls, "1%", false}, {d.Stalls, "101%:50ms", false}, {d.Stalls, "1:50ms", false}, {d.Stalls, "1%:0s", false},
		{d.Blocks, "1s:100ms", true}, {d.Blocks, "1s", false}, {d.Blocks, "1s:1s", false}, {d.Blocks, "x:1s", false},
	} {
		if err := c.set(c.text); (err == nil) != c.ok {
			t.Errorf("%q: %v", c.text, err)
		}
	}
	d = Dose{}
	d.SlowDown("10%")
	d.SlowDown("5ms")
	d.Stalls("1%:50ms")
	d.Blocks("1s:100ms")
	if want := (Dose{0.1, 5 * time.Millisecond, 0.01, 50 * time.Millisecond, time.Second, 100 * time.Millisecond}); d != want {
		t.Errorf("%+v", d)
	}
}

// A dose is never less than it says. How much more it is depends on the machine.
func TestDoseHolds(t *testing.T) {
	for _, c := range []struct {
		dose Dose
		ago  time.Duration // since the request came
		want time.Duration
	}{
		{Dose{}, time.Second, 0},
		{Dose{Delay: 300 * time.Microsecond}, 0, 300 * time.Microsecond},
		{Dose{Delay: 4 * time.Millisecond}, 0, 4 * time.Millisecond},
		{Dose{Share: 0.1}, 50 * time.Millisecond, 5 * time.Millisecond},
		{Dose{StallShare: 1, Stall: 3 * time.Millisecond, Delay: time.Millisecond}, 0, 4 * time.Millisecond},
	} {
		began := time.Now()
		c.dose.hold(began.Add(-c.ago))
		if took := time.Since(began); took < c.want {
			t.Errorf("%+v held for %v, want %v", c.dose, took, c.want)
		}
	}
}
