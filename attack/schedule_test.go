package attack_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/attack"
)

const ms = time.Millisecond

func TestConstant(t *testing.T) {
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
		{attack.Constant{Rate: math.NaN(), Lasts: time.Second}, 0, 0, false, 0},
	} {
		due, ok := c.schedule.Due(c.n)
		if due != c.due || ok != c.ok || c.schedule.Count() != c.count {
			t.Errorf("%+v: Due(%d) = %v, %v of %d; want %v, %v of %d", c.schedule, c.n, due, ok, c.schedule.Count(), c.due, c.ok, c.count)
		}
	}
}

// A rate beyond all bounds is a schedule without an end, not a wrong one.
func TestEndlessRate(t *testing.T) {
	s := attack.Sequence{attack.Constant{Rate: math.Inf(1), Lasts: time.Second}, attack.Constant{Rate: 1e300, Lasts: time.Second}}
	if n := s.Count(); n < 1<<52 {
		t.Errorf("%d requests", n)
	}
	if due, ok := s.Due(1_000_000); !ok || due != 0 {
		t.Errorf("due at %v, %v", due, ok)
	}
}

// table holds when each of a schedule's first requests is due, in milliseconds.
type table struct {
	name     string
	schedule attack.Schedule
	due      []float64
	count    int
	span     time.Duration
}

func (c table) check(t *testing.T) {
	t.Helper()
	if c.schedule.Count() != c.count || c.schedule.Span() != c.span {
		t.Errorf("%s: %d requests in %v, want %d in %v", c.name, c.schedule.Count(), c.schedule.Span(), c.count, c.span)
	}
	for n, want := range c.due {
		due, ok := c.schedule.Due(n)
		if got := float64(due) / 1e6; !ok || math.Abs(got-want) > 2e-6 {
			t.Errorf("%s: Due(%d) = %v ms, %v; want %v ms", c.name, n, got, ok, want)
		}
	}
	if due, ok := c.schedule.Due(c.count); ok {
		t.Errorf("%s: there is a request %d, at %v", c.name, c.count, due)
	}
}

func TestBursts(t *testing.T) {
	for _, c := range []table{
		// ms: 20 + ⌊n/2⌋·600
		{"times", attack.Bursts{Size: 2, Every: 600 * ms, Times: 2, Offset: 20 * ms}, []float64{20, 20, 620, 620}, 4, 1220 * ms},
		// At 0, 400 and 800 ms; the next would be after 1 s.
		{"lasting", attack.Bursts{Size: 1, Every: 400 * ms, Lasts: time.Second}, []float64{0, 400, 800}, 3, time.Second},
		{"the end is left out", attack.Bursts{Size: 1, Every: 500 * ms, Lasts: time.Second}, []float64{0, 500}, 2, time.Second},
		{"lasting from an offset", attack.Bursts{Size: 1, Every: 400 * ms, Lasts: time.Second, Offset: 300 * ms}, []float64{300, 700}, 2, time.Second},
		{"times end first", attack.Bursts{Size: 3, Every: 100 * ms, Times: 1, Lasts: time.Second}, []float64{0, 0, 0}, 3, time.Second},
		{"offset beyond", attack.Bursts{Size: 3, Every: 100 * ms, Lasts: time.Second, Offset: time.Second}, nil, 0, time.Second},
		{"one burst", attack.Bursts{Size: 3, Lasts: time.Second}, []float64{0, 0, 0}, 3, time.Second},
		{"nothing", attack.Bursts{}, nil, 0, 0},
	} {
		c.check(t)
	}
}

func TestRamp(t *testing.T) {
	second := time.Second
	for _, c := range []table{
		// 4t² = n, slope 8/s²: t = √(n/4)
		{"from zero", attack.Ramp{To: 8, Lasts: second}, []float64{0, 500, 707.106781187, 866.025403784}, 4, second},
		// 8t − 4t² = n: t = 1 − √(1 − n/4)
		{"to zero", attack.Ramp{From: 8, Lasts: second}, []float64{0, 133.974596216, 292.893218813, 500}, 4, second},
		// 2t + 3t² = n over 1 s, 5 in all: t = (−1 + √(1 + 3n))/3
		{"up", attack.Ramp{From: 2, To: 8, Lasts: second}, []float64{0, 333.333333333, 548.583770355, 720.759220056, 868.517091821}, 5, second},
		{"level", attack.Ramp{From: 4, To: 4, Lasts: second}, []float64{0, 250, 500, 750}, 4, second},
		// 0.5t in 3 s: 1.5 in all, at 0 and 2 s
		{"fraction", attack.Ramp{From: 0.5, To: 0.5, Lasts: 3 * second}, []float64{0, 2000}, 2, 3 * second},
		{"nothing", attack.Ramp{Lasts: second}, nil, 0, second},
		{"negative is zero", attack.Ramp{From: -3, To: 8, Lasts: second}, []float64{0, 500}, 4, second},
		{"no time", attack.Ramp{From: 3, To: 8}, nil, 0, 0},
	} {
		c.check(t)
	}
}

func TestSteps(t *testing.T) {
	second := time.Second
	for _, c := range []table{
		// 2/s for 1 s (2), 4/s for 1 s (4), 6/s for 1 s (6)
		{"up", attack.Steps{From: 2, To: 6, Levels: 3, Lasts: 3 * second},
			[]float64{0, 500, 1000, 1250, 1500, 1750, 2000, 2166.666666667, 2333.333333333, 2500, 2666.666666667, 2833.333333333}, 12, 3 * second},
		// 1.5/s for 1 s, then 3/s: request 2 is due after half a request of the second level, 1/6 s
		{"carried over", attack.Steps{From: 1.5, To: 3, Levels: 2, Lasts: 2 * second}, []float64{0, 666.666666667, 1166.666666667, 1500, 1833.333333333}, 5, 2 * second},
		{"from nothing", attack.Steps{To: 2, Levels: 2, Lasts: 2 * second}, []float64{1000, 1500}, 2, 2 * second},
		{"to nothing", attack.Steps{From: 2, Levels: 2, Lasts: 2 * second}, []float64{0, 500}, 2, 2 * second},
		{"one level", attack.Steps{From: 2, To: 100, Levels: 1, Lasts: second}, []float64{0, 500}, 2, second},
		{"no level", attack.Steps{From: 2, To: 2, Lasts: second}, nil, 0, second},
	} {
		c.check(t)
	}
}

func TestSine(t *testing.T) {
	second := time.Second
	for _, c := range []table{
		{"no swing", attack.Sine{Mean: 4, Period: second, Lasts: second}, []float64{0, 250, 500, 750}, 4, second},
		// The swing is over after each period: 4 a second, 4t + (4/2π)(1 − cos 2πt).
		// At ½ s that is 2 + 4/π = 3.27; 2 is reached where 4t + 0.6366(1 − cos 2πt) = 2.
		{"swing", attack.Sine{Mean: 4, Amplitude: 4, Period: second, Lasts: 2 * second}, []float64{0}, 8, 2 * second},
		// Half a period of sin alone: (π/2π)·… = 10/π·½·2 = 3.18 requests, then none until 1 s.
		{"negative is zero", attack.Sine{Amplitude: 10, Period: second, Lasts: 2 * second}, nil, 7, 2 * second},
		{"no period", attack.Sine{Mean: 4, Lasts: second}, nil, 0, second},
	} {
		c.check(t)
	}
	// 4t + (4/2π)(1 − cos 2πt) holds n at Due(n).
	s := attack.Sine{Mean: 4, Amplitude: 4, Period: second, Lasts: 2 * second}
	for n := range s.Count() {
		due, _ := s.Due(n)
		at := due.Seconds()
		if got := 4*at + 4/(2*math.Pi)*(1-math.Cos(2*math.Pi*at)); math.Abs(got-float64(n)) > 1e-7 {
			t.Errorf("at %v the integral is %v, want %d", due, got, n)
		}
	}
	// None is due in the half of a period in which the rate would be negative.
	half := attack.Sine{Amplitude: 10, Period: second, Lasts: 2 * second}
	for n := range half.Count() {
		if due, _ := half.Due(n); due%second > second/2 {
			t.Errorf("request %d is due at %v", n, due)
		}
	}
}

func TestSequence(t *testing.T) {
	second := time.Second
	s := attack.Sequence{
		attack.Constant{Rate: 2, Lasts: second},
		attack.Silence{Lasts: second},
		attack.Bursts{Size: 2, Every: 500 * ms, Lasts: second},
		attack.Sequence{},
		attack.Ramp{To: 8, Lasts: second},
	}
	table{"all", s, []float64{0, 500, 2000, 2000, 2500, 2500, 3000, 3500}, 10, 4 * second}.check(t)
	table{"none", attack.Sequence{}, nil, 0, 0}.check(t)
	table{"silence", attack.Silence{Lasts: second}, nil, 0, second}.check(t)
}

func drawSchedule(t *rapid.T, depth int) attack.Schedule {
	rate := func(name string) float64 {
		return float64(rapid.IntRange(0, 100_000).Draw(t, name)) / 100
	}
	span := func(name string, most time.Duration) time.Duration {
		whole := time.Duration(rapid.Int64Range(1, int64(most/ms)).Draw(t, name)) * ms
		return whole - time.Duration(rapid.IntRange(0, int(ms)-1).Draw(t, name+" less"))
	}
	lasts := span("lasts", 2*time.Second)
	offset := time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "offset"))
	switch rapid.IntRange(0, 6+min(depth, 1)).Draw(t, "kind") {
	case 0:
		return attack.Constant{Rate: rate("rate"), Lasts: lasts, Offset: offset}
	case 1:
		return attack.Bursts{Size: rapid.IntRange(1, 50).Draw(t, "size"), Every: span("every", time.Second),
			Times: rapid.IntRange(0, 20).Draw(t, "times"), Offset: offset}
	case 2:
		return attack.Bursts{Size: rapid.IntRange(1, 50).Draw(t, "size"), Every: span("every", time.Second) + 10*ms, Offset: offset, Lasts: lasts}
	case 3:
		return attack.Ramp{From: rate("from"), To: rate("to"), Lasts: lasts}
	case 4:
		return attack.Steps{From: rate("from"), To: rate("to"), Levels: rapid.IntRange(1, 30).Draw(t, "levels"), Lasts: lasts}
	case 5:
		return attack.Sine{Mean: rate("mean"), Amplitude: rate("amplitude"), Period: span("period", 3*time.Second) + ms, Lasts: lasts}
	case 6:
		return attack.Silence{Lasts: lasts}
	}
	var s attack.Sequence
	for range rapid.IntRange(0, 4).Draw(t, "parts") {
		s = append(s, drawSchedule(t, depth-1))
	}
	return s
}

// What holds for every schedule: exactly the first Count requests are due,
// never earlier than the one before nor after the span; and DueBefore counts
// them.
func TestSchedulesAreOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t, 1)
		dues := make([]time.Duration, s.Count())
		last := time.Duration(0)
		for n := range dues {
			due, ok := s.Due(n)
			if !ok || due < last || due > s.Span() {
				t.Fatalf("%+v: Due(%d) of %d = %v, %v after %v in %v", s, n, s.Count(), due, ok, last, s.Span())
			}
			dues[n], last = due, due
		}
		for _, n := range []int{-1, s.Count(), s.Count() + 1} {
			if _, ok := s.Due(n); ok {
				t.Fatalf("%+v: request %d is due, and the count is %d", s, n, s.Count())
			}
		}
		moments := []time.Duration{0, 1, s.Span() / 2, s.Span(), s.Span() + 1}
		if len(dues) > 0 {
			moments = append(moments, dues[len(dues)/2], dues[len(dues)/2]+1)
		}
		for _, moment := range moments {
			want, _ := slices.BinarySearch(dues, moment)
			if got := attack.DueBefore(s, moment); got != want {
				t.Fatalf("%+v: DueBefore(%v) = %d, want %d", s, moment, got, want)
			}
		}
	})
}

// Where the rate is smooth, request n is due when the rate's integral is n,
// which is summed up here in small steps.
func TestSchedulesFollowTheirRate(t *testing.T) {
	const lasts = 2 * time.Second
	for _, c := range []struct {
		schedule attack.Schedule
		rate     func(at float64) float64
	}{
		{attack.Ramp{From: 300, To: 20, Lasts: lasts}, func(at float64) float64 { return 300 - 140*at }},
		{attack.Ramp{To: 500, Lasts: lasts}, func(at float64) float64 { return 250 * at }},
		{attack.Steps{From: 100, To: 400, Levels: 4, Lasts: lasts}, func(at float64) float64 { return 100 + 100*math.Floor(at*2) }},
		{attack.Sine{Mean: 200, Amplitude: 150, Period: 700 * ms, Lasts: lasts}, func(at float64) float64 { return 200 + 150*math.Sin(2*math.Pi*at/0.7) }},
		{attack.Sine{Mean: 50, Amplitude: 300, Period: 700 * ms, Lasts: lasts}, func(at float64) float64 { return max(0, 50+300*math.Sin(2*math.Pi*at/0.7)) }},
	} {
		const step = 100 * time.Microsecond
		integral := 0.0
		for at := time.Duration(0); at < lasts; at += step {
			integral += c.rate((at + step/2).Seconds()) * step.Seconds()
			if got := float64(attack.DueBefore(c.schedule, at+step)); got < integral-0.02 || got > integral+1.02 {
				t.Fatalf("%+v: %v due before %v, where the rate's integral is %v", c.schedule, got, at+step, integral)
			}
		}
	}
}

// Schedules of any length take no memory, and stay exact to the end.
func TestLongSchedules(t *testing.T) {
	const lasts = 10_000 * time.Second
	for _, s := range []attack.Schedule{
		attack.Constant{Rate: 10_000, Lasts: lasts},
		attack.Ramp{To: 20_000, Lasts: lasts},
		attack.Ramp{From: 20_000, Lasts: lasts},
		attack.Steps{From: 5000, To: 15_000, Levels: 100, Lasts: lasts},
		attack.Sine{Mean: 10_000, Amplitude: 10_000, Period: time.Minute, Lasts: 166 * time.Minute},
		attack.Sequence{attack.Ramp{To: 10_000, Lasts: lasts}, attack.Constant{Rate: 10_000, Lasts: lasts}},
	} {
		count := s.Count()
		if count < 99_000_000 {
			t.Errorf("%+v has %d requests", s, count)
		}
		var due, last time.Duration
		if allocated := testing.AllocsPerRun(100, func() { due, _ = s.Due(count - 1); attack.DueBefore(s, due) }); allocated > 0 {
			t.Errorf("%+v allocates %v times", s, allocated)
		}
		for n := count - 1000; n < count; n++ {
			if due, _ = s.Due(n); due < last || due > s.Span() {
				t.Fatalf("%+v: request %d is due at %v, after %v", s, n, due, last)
			}
			last = due
		}
	}
}

func BenchmarkDue(b *testing.B) {
	for name, s := range map[string]attack.Schedule{
		"constant": attack.Constant{Rate: 10_000, Lasts: time.Hour},
		"ramp":     attack.Ramp{To: 10_000, Lasts: time.Hour},
		"steps":    attack.Steps{To: 10_000, Levels: 100, Lasts: time.Hour},
		"sine":     attack.Sine{Mean: 10_000, Amplitude: 5000, Period: time.Minute, Lasts: time.Hour},
	} {
		b.Run(name, func(b *testing.B) {
			count := s.Count()
			for i := range b.N {
				s.Due(i % count)
			}
		})
	}
}
