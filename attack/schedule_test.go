package attack_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/attack"
)

func TestConstant(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		schedule attack.Constant
		n        int
		due      time.Duration
		ok       bool
		count    int
	}{
		{attack.Constant{Rate: 200, Lasts: time.Second}, 0, 0, true, 200},
		{attack.Constant{Rate: 200, Lasts: time.Second}, 199, 995 * ms, true, 200}, // 199/200 s
		{attack.Constant{Rate: 200, Lasts: time.Second}, 200, 0, false, 200},
		{attack.Constant{Rate: 3, Lasts: time.Second}, 1, 333_333_333, true, 3},                 // 1/3 s
		{attack.Constant{Rate: 3, Lasts: time.Second}, 2, 666_666_667, true, 3},                 // not twice a rounded third
		{attack.Constant{Rate: 0.5, Lasts: 3 * time.Second}, 1, 2 * time.Second, true, 2},       // at 0 and 2 s
		{attack.Constant{Rate: 10, Lasts: time.Second, Offset: 450 * ms}, 5, 950 * ms, true, 6}, // 0.45, 0.55 … 0.95
		{attack.Constant{Rate: 10, Lasts: time.Second, Offset: time.Second}, 0, 0, false, 0},
		{attack.Constant{Rate: 10, Lasts: time.Second}, -1, 0, false, 10},
		{attack.Constant{}, 0, 0, false, 0},
	} {
		due, ok := c.schedule.Due(c.n)
		if due != c.due || ok != c.ok || c.schedule.Count() != c.count {
			t.Errorf("%+v: Due(%d) = %v, %v of %d; want %v, %v of %d", c.schedule, c.n, due, ok, c.schedule.Count(), c.due, c.ok, c.count)
		}
	}
}

func TestBursts(t *testing.T) {
	b := attack.Bursts{Size: 8, Every: 600 * time.Millisecond, Times: 2, Offset: 20 * time.Millisecond}
	for n, want := range map[int]time.Duration{0: 20, 7: 20, 8: 620, 15: 620} { // ms: 20 + ⌊n/8⌋·600
		if due, ok := b.Due(n); due != want*time.Millisecond || !ok {
			t.Errorf("Due(%d) = %v, %v; want %v ms", n, due, ok, int(want))
		}
	}
	if _, ok := b.Due(16); ok || b.Count() != 16 || b.Span() != 1220*time.Millisecond {
		t.Errorf("count %d, span %v", b.Count(), b.Span())
	}
}

// What holds for every schedule: exactly the first Count requests are due,
// never earlier than the one before, and before the span is over.
func TestSchedulesAreOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.Custom(func(t *rapid.T) attack.Schedule {
				return attack.Constant{
					Rate:   rapid.Float64Range(0.01, 5000).Draw(t, "rate"),
					Lasts:  time.Duration(rapid.Int64Range(1, int64(2*time.Second)).Draw(t, "lasts")),
					Offset: time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "offset")),
				}
			}),
			rapid.Custom(func(t *rapid.T) attack.Schedule {
				return attack.Bursts{
					Size:   rapid.IntRange(1, 50).Draw(t, "size"),
					Every:  time.Duration(rapid.Int64Range(1, int64(time.Second)).Draw(t, "every")),
					Times:  rapid.IntRange(0, 20).Draw(t, "times"),
					Offset: time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "offset")),
				}
			}),
		).Draw(t, "schedule")
		last := time.Duration(0)
		for n := range s.Count() {
			due, ok := s.Due(n)
			if !ok || due < last || due >= max(s.Span(), 1)+time.Microsecond {
				t.Fatalf("Due(%d) of %d = %v, %v after %v in %v", n, s.Count(), due, ok, last, s.Span())
			}
			last = due
		}
		if _, ok := s.Due(s.Count()); ok {
			t.Fatalf("request %d is due, and the count is %d", s.Count(), s.Count())
		}
	})
}
