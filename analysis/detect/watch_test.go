package detect

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/attack"
)

// watched is a server as probes see it: when a probe that was sent then is answered,
// and how.
type watched func(seq int, sent time.Duration) (done time.Duration, err attack.ErrorKind)

const watchRate = 50 // probes a second: one every 20 ms

// watch sends probes for so long and gives the stalls that are told, and the sum.
func watch(lasts time.Duration, server watched) ([]Seen, Watched) {
	schedule := attack.Constant{Rate: watchRate, Lasts: lasts}
	w := NewWatch(schedule)
	var samples []attack.Sample
	for n := range schedule.Count() {
		s := attack.Sample{Seq: n, Code: 200}
		s.Intended, _ = schedule.Due(n)
		s.Sent = s.Intended
		s.Done, s.Err = server(n, s.Sent)
		if s.Done > lasts && s.Err != attack.ErrTimeout {
			s.Done, s.Err = lasts, attack.ErrCanceled
		}
		samples = append(samples, s)
	}
	slices.SortStableFunc(samples, func(a, b attack.Sample) int { return cmp.Compare(a.Done, b.Done) })
	var all []Seen
	for _, s := range samples {
		all = append(all, w.Add(s)...)
	}
	rest, sum := w.End(lasts)
	return append(all, rest...), sum
}

const usually = 400 * time.Microsecond

// stalled is a server that answers nobody within some intervals.
func stalled(intervals ...[2]time.Duration) watched {
	return func(_ int, sent time.Duration) (time.Duration, attack.ErrorKind) {
		for _, i := range intervals {
			if sent >= i[0] && sent < i[1] {
				return i[1] + usually, ""
			}
		}
		return sent + usually, ""
	}
}

func TestWatch(t *testing.T) {
	const s = time.Second
	cases := []struct {
		name   string
		server watched
		want   []string // begins, lasts at least, and what else is known
	}{
		{"nothing", stalled(), nil},
		// The first probe within it is due at 1.010 s rounded up to 1.02, and waits until
		// 1.19; a stall of 180 ms that began at most 20 ms earlier.
		{"a stall", stalled([2]time.Duration{1010 * ms, 1190 * ms}), []string{"1.02s 170ms 9"}},
		{"two", stalled([2]time.Duration{s, s + 100*ms}, [2]time.Duration{2 * s, 4 * s}), []string{"1s 100ms 5", "2s 2s 100"}},
		{"too short to tell", stalled([2]time.Duration{s, s + 30*ms}), nil},
		{"one slow answer", func(n int, sent time.Duration) (time.Duration, attack.ErrorKind) {
			if n == 50 {
				return sent + 500*ms, ""
			}
			return sent + usually, ""
		}, nil},
		{"all are slow", func(n int, sent time.Duration) (time.Duration, attack.ErrorKind) {
			if n > 50 {
				return sent + 70*ms + time.Duration(n%7)*ms, ""
			}
			return sent + usually, ""
		}, nil},
		{"one of two processes", func(n int, sent time.Duration) (time.Duration, attack.ErrorKind) {
			if n%2 == 0 && sent >= s && sent < s+200*ms {
				return s + 200*ms + usually, ""
			}
			return sent + usually, ""
		}, []string{"1s 200ms 5 partly"}},
		// Probes from 1 s on are given up at 2, 2.02, 2.04 … s, up to the one of 1.48 s; those
		// after it are answered at 2.5 s.
		{"longer than the timeout", func(_ int, sent time.Duration) (time.Duration, attack.ErrorKind) {
			if done, _ := stalled([2]time.Duration{s, 2500 * ms})(0, sent); done-sent < s {
				return done, ""
			}
			return sent + s, attack.ErrTimeout
		}, []string{"1s 1.5s 75"}},
		{"refuses connections", func(_ int, sent time.Duration) (time.Duration, attack.ErrorKind) {
			if sent >= s && sent < 3*s {
				return sent + usually, attack.ErrRefused
			}
			return sent + usually, ""
		}, []string{"1s 2s 100 refused"}}, // until the probe of 3 s is answered
		{"one lost connection", func(n int, sent time.Duration) (time.Duration, attack.ErrorKind) {
			if n == 50 {
				return sent + usually, attack.ErrReset
			}
			return sent + usually, ""
		}, nil},
		{"to the end", stalled([2]time.Duration{4 * s, 9 * s}), []string{"4s 1s 50 lasting"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			seen, sum := watch(5*s, c.server)
			var got []string
			for _, x := range seen {
				text := fmt.Sprintf("%v %v %d", x.Begins, time.Duration(x.Length.Low).Round(10*ms), x.Waiting)
				for what, so := range map[string]bool{" partly": x.Partly, " lasting": x.Lasting, " " + string(x.Failed): x.Failed != ""} {
					if so {
						text += what
					}
				}
				got = append(got, text)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if sum.Stalls != len(c.want) || sum.Sent != 250 {
				t.Errorf("%+v", sum)
			}
		})
	}
}

// Whatever stalls there are: each that is long enough is told once, and its true
// length lies within the interval.
func TestWatchTellsEveryStall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var intervals [][2]time.Duration
		at := time.Duration(0)
		for range rapid.IntRange(0, 8).Draw(t, "stalls") {
			at += time.Duration(rapid.IntRange(200, 900).Draw(t, "calm")) * ms
			lasts := time.Duration(rapid.IntRange(70, 3000).Draw(t, "lasts")) * ms
			intervals = append(intervals, [2]time.Duration{at, at + lasts})
			at += lasts
		}
		seen, sum := watch(at+time.Second, stalled(intervals...))
		if len(seen) != len(intervals) || sum.Stalls != len(intervals) {
			t.Fatalf("%d stalls, and %d are told: %+v", len(intervals), len(seen), seen)
		}
		for i, x := range seen {
			lasted := float64(intervals[i][1] - intervals[i][0] + usually)
			if lasted < x.Length.Low-float64(usually) || lasted > x.Length.High+float64(usually) || x.Partly || x.Lasting {
				t.Errorf("a stall of %v is told as %+v", time.Duration(lasted), x)
			}
		}
	})
}

// While a stall goes on, it is told how long.
func TestWatchNow(t *testing.T) {
	w := NewWatch(attack.Constant{Rate: watchRate, Lasts: time.Minute})
	for n := range 50 { // up to 0.98 s
		due := time.Duration(n) * 20 * ms
		w.Add(attack.Sample{Seq: n, Intended: due, Sent: due, Done: due + usually, Code: 200})
	}
	if _, _, ok := w.Now(1030 * ms); ok { // the probe of 1.0 s and that of 1.02 wait, since 30 ms
		t.Error("a stall too soon")
	}
	_, under, ok := w.Now(2200 * ms) // those of 1.0 to 2.18 s wait
	if !ok || under.Begins != time.Second || under.Waiting != 60 || under.Length.Low != float64(1200*ms) {
		t.Errorf("%+v %v", under, ok)
	}
	w.Add(attack.Sample{Seq: 50, Intended: time.Second, Sent: time.Second, Done: 2300 * ms, Code: 200})
	w.Add(attack.Sample{Seq: 51, Intended: 1020 * ms, Sent: 1020 * ms, Done: 2301 * ms, Code: 200})
	over, _, ok := w.Now(2340 * ms)
	if ok || len(over) != 1 || over[0].Length.Low != float64(1300*ms) {
		t.Errorf("%+v %v", over, ok)
	}
}
