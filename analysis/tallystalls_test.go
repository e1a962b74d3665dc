package analysis_test

import (
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

func oneStream(s attack.Schedule) analysis.Layout {
	return analysis.Layout{Streams: []analysis.LayoutStream{{Name: "a", Labels: []string{"GET /"}, Schedule: s}}, Span: s.Span()}
}

// held is a target that takes 1 ms, and answers nothing between from and to.
func held(from, to time.Duration) func(int, time.Duration) time.Duration {
	return func(_ int, at time.Duration) time.Duration {
		if at+ms > from && at < to {
			return to - at + ms
		}
		return ms
	}
}

func TestStalls(t *testing.T) {
	second := time.Second
	at200 := oneStream(attack.Constant{Rate: 200, Lasts: 6 * second})
	cases := []struct {
		name   string
		layout analysis.Layout
		takes  func(int, time.Duration) time.Duration
		edit   func([]attack.Sample)
		want   []analysis.Stall
	}{
		{name: "none", layout: at200, takes: always(ms)},
		{name: "1 s, in which 200 requests come", layout: at200, takes: held(2*second, 3*second),
			want: []analysis.Stall{{Begins: 2 * second, Lasts: second + ms, Waiting: 200}}},
		{name: "two, the longer one first", layout: at200, takes: func(s int, at time.Duration) time.Duration {
			if at < 3*second {
				return held(second, 1200*ms)(s, at)
			}
			return held(4*second, 4500*ms)(s, at)
		}, want: []analysis.Stall{{Begins: 4 * second, Lasts: 501 * ms, Waiting: 100}, {Begins: second, Lasts: 201 * ms, Waiting: 40}}},
		{name: "shorter than is noticed", layout: at200, takes: held(2*second, 2080*ms)},
		{name: "from the start", layout: at200, takes: held(0, second), want: []analysis.Stall{{Lasts: second + ms, Waiting: 200}}},
		{name: "slow answers are no stall", layout: at200, takes: always(400 * ms)},
		{name: "nobody asks", layout: oneStream(attack.Constant{Rate: 1, Lasts: 6 * second}), takes: always(ms)},
		{name: "one slow request in a while", layout: oneStream(attack.Bursts{Size: 1, Every: 2 * second, Times: 5}), takes: func(_ int, at time.Duration) time.Duration {
			if at == 4*second {
				return 500 * ms
			}
			return ms
		}},
		{name: "it never comes back, and requests are given up after 1 s", layout: at200, takes: always(ms), edit: func(samples []attack.Sample) {
			for i := range samples {
				if s := &samples[i]; s.Intended >= 4*second {
					s.Err, s.Done = attack.ErrTimeout, s.Intended+second
				}
			}
		}, want: []analysis.Stall{{Begins: 4 * second, Lasts: 2*second + 995*ms, Waiting: 400}}},
		{name: "away for 2 s, refusing", layout: at200, takes: always(ms), edit: func(samples []attack.Sample) {
			for i := range samples {
				if s := &samples[i]; s.Intended >= 2*second && s.Intended < 4*second {
					s.Err = attack.ErrRefused
				}
			}
		}, want: []analysis.Stall{{Begins: 2 * second, Lasts: 2*second + ms, Waiting: 401}}},
	}
	for _, c := range cases {
		samples := answered(c.layout, c.takes)
		if c.edit != nil {
			c.edit(samples)
		}
		got := tallied(c.layout, samples).Load(nil).Stalls
		if len(got) != len(c.want) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
			continue
		}
		for i, want := range c.want {
			// Turns are 4 ms long after 6 s: 4,096 of 1 ms are 4.3 s, of 2 ms 8.6 s.
			if g := got[i]; g.Stream != "a" || apart(g.Begins, want.Begins, 4*ms) || apart(g.Lasts, want.Lasts, 4*ms) || g.Waiting < want.Waiting-2 || g.Waiting > want.Waiting+2 {
				t.Errorf("%s: got %+v, want about %+v", c.name, g, want)
			}
		}
	}
}

func apart(a, b, by time.Duration) bool { return a-b > by || b-a > by }

func TestStallsKeepTheLongest(t *testing.T) {
	l := oneStream(attack.Constant{Rate: 100, Lasts: 40 * time.Second})
	samples := answered(l, func(s int, at time.Duration) time.Duration { // every 2 s one of 100, 120, … ms
		n := at / (2 * time.Second)
		return held(n*2*time.Second+time.Second, n*2*time.Second+time.Second+n*20*ms+100*ms)(s, at)
	})
	stalls := tallied(l, samples).Load(nil).Stalls
	if len(stalls) != 10 {
		t.Fatalf("got %d", len(stalls))
	}
	for i, s := range stalls { // the longest is the last, of 100 + 19·20 ms
		if want := time.Duration(480-20*i) * ms; apart(s.Lasts, want, 30*ms) {
			t.Errorf("stall %d: got %v, want about %v", i, s.Lasts, want)
		}
	}
}
