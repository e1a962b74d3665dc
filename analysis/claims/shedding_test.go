package claims

import (
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// overloaded is a run of 200 requests in a second, the last ten of them slow, of
// which one in every so many is accepted, and all when every is 1.
func overloaded(arm string, block int, p probes, every int) attack.Run {
	r := synthetic(arm, block, p)
	r.Streams = r.Streams[:1]
	for i := range r.Samples {
		if s := &r.Samples[i]; i%every != 0 {
			s.Code, s.Done = http.StatusServiceUnavailable, s.Intended+ms
		}
	}
	return r
}

// sheddingRuns are blocks in which requests that queue take 0.9 s, and the last
// ten 4 s; with shedding one in every so many is accepted and takes 0.2 s, and of
// the last ten as long as asked.
func sheddingRuns(blocks int, slow func(b int) time.Duration, every int) []attack.Run {
	var runs []attack.Run
	for b := range blocks {
		runs = append(runs,
			overloaded(shedArm, b, probes{200 * ms, slow(b)}, every),
			overloaded(queueArm, b, probes{900 * ms, 4 * time.Second}, 1))
	}
	return runs
}

func TestShedding(t *testing.T) {
	proven := sheddingRuns(6, always(800*ms), 2)
	unexpected := func(r attack.Run) attack.Run {
		r.Streams = slices.Clone(r.Streams)
		r.Streams[0].Bad = 3 // of 200
		return r
	}
	var refused []string
	for _, arm := range []string{"shedding", "queueing"} {
		refused = append(refused, "block 2, "+arm+", left out: 3 of 200 requests of /ok had no answer or an unexpected one")
	}
	cases := []struct {
		name string
		runs []attack.Run
		expect
	}{
		// The last that is accepted is number 198, due at 990 ms, and answered at
		// 1.79 s: 100/1.79 = 55.9 a second. Of those that queue it is number 199, due at
		// 995 ms: 200/4.995 = 40.0.
		{"proven", proven, expect{outcome: analysis.Pass, blocks: 6,
			headline: "shedding at 70 ms keeps accepted p99 at 800 ms instead of 4.0 s at 2× load; goodput 56 instead of 40/s, 50 % turned away"}},
		{"twice as soon is not more", sheddingRuns(6, always(2*time.Second), 2), expect{outcome: analysis.Fail, blocks: 6,
			headline: "with shedding at 70 ms accepted p99 is 2.0 s instead of 4.0 s"}},
		{"not settled whether twice as soon", sheddingRuns(6, func(b int) time.Duration { return time.Duration(1600+160*b) * ms }, 2), expect{
			outcome: analysis.Inconclusive, blocks: 6, headline: "with shedding at 70 ms accepted p99 is 2.0 s",
			// 4/1.6 to 4/2.4
			reasons: []string{"accepted p99: the interval of 2.0× (1.7–2.5×) crosses 2.0×; more blocks would narrow it"},
		}},
		// One in twenty: 10 are accepted, the last is number 180, due at 900 ms, and
		// answered at 1.1 s: 10/1.1 = 9.1 a second of 40.
		{"nearly all turned away", sheddingRuns(6, always(800*ms), 20), expect{outcome: analysis.Fail, blocks: 6,
			headline: "goodput 9.1 instead of 40/s, 95 % turned away"}},
		{"five blocks", sheddingRuns(5, always(800*ms), 2), expect{outcome: analysis.Inconclusive, blocks: 5, headline: "with shedding", warnings: tooFew(5)}},
		{"answers that nobody expected", in(proven, unexpected, 1), expect{
			outcome: analysis.Invalid, blocks: 5, headline: "with shedding", warnings: tooFew(5), reasons: refused,
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.expect.check(t, shedding().judge(settings(2), c.runs)) })
	}
}

func TestSheddingSays(t *testing.T) {
	s := settings(2)
	s.Capacity = 150
	r := shedding().judge(s, sheddingRuns(6, always(800*ms), 2))
	states(t, r,
		"accepted p99: 4.0 s with queueing, 800 ms with shedding, 5.0× (5.0–5.0×)",
		// 55.87/40.04 = 1.395
		"goodput: 40 good answers a second with queueing, 56 with shedding, +40 % (+40 to +40 %); more than 50 % has to be kept",
		// All but the ten that took 4 s; and all that were accepted.
		"good answers within 1.0 s, a second of load: 190 with queueing, 100 with shedding",
	)
	if f := r.Figures[1]; f.Name != "turned away" || f.Values[shedArm] != 50 || f.Values[queueArm] != 0 {
		t.Errorf("got figure %+v", f)
	}
	// The table's response times and rates are those of whom was served.
	for _, arm := range r.Arms {
		of := arm.Streams[0]
		wantN, wantShed := 1200, 0
		if arm.Arm == shedArm {
			wantN, wantShed = 600, 600
		}
		if of.Response.N != wantN || of.Shed != wantShed || of.Bad != 0 || math.Abs(of.AchievedRate-r.Figures[0].Values[arm.Arm]) > 0.1 {
			t.Errorf("%s: %+v", arm.Arm, of)
		}
	}
	subtitle := "/slow of 5 ms at 300/s, 2× what the server can bear, for 3.0 s; sheds from a smoothed lag of 70 ms on · 6 blocks"
	if c := r.Charts[0]; c.Subtitle != subtitle || c.Title != "At 2× load the last one waits 4.0 s when all queue; with shedding, who is accepted waits up to 800 ms" {
		t.Errorf("got %q and %q", c.Title, c.Subtitle)
	}
	for i, want := range [][2]float64{{4000, 800}, {40.04, 55.87}, {0, 50}} {
		m := r.Charts[1].Measures[i]
		if got := [2]float64{m.Values[0].Y.Value, m.Values[1].Y.Value}; math.Abs(got[0]-want[0]) > 0.01 || math.Abs(got[1]-want[1]) > 0.01 {
			t.Errorf("%s: got %v, want %v", m.Label, got, want)
		}
	}
}

// The load is twice what was measured, or what a step's calibrated length has the
// server bear; the arms differ in what the server was asked to do.
func TestSheddingArms(t *testing.T) {
	for measured, want := range map[float64]float64{0: 400, 150: 300} {
		s := settings(2)
		s.Capacity = measured
		arms := sheddingArms(s)
		for _, arm := range arms {
			if load := arm.Streams[0].Schedule.(attack.Constant); load.Rate != want {
				t.Errorf("with a capacity of %v the load of %s is %v/s, want %v", measured, arm.Name, load.Rate, want)
			}
			for code, expected := range map[int]bool{200: true, 503: true, 404: false, 500: false} {
				if got := arm.Streams[0].Expects(code); got != expected {
					t.Errorf("%s expects %d: %v", arm.Name, code, got)
				}
			}
		}
		if queue, shed := arms[0].Target.(target.Reference).Options, arms[1].Target.(target.Reference).Options; queue != "" || shed != "--max-lag 70ms" {
			t.Errorf("the servers are started with %q and %q", queue, shed)
		}
	}
}

func TestReached(t *testing.T) {
	rungs := []analysis.Rung{{Offered: 100, Achieved: 99}, {Offered: 400, Achieved: 187}, {Offered: 400, Achieved: 300, Generator: true}, {Offered: 283, Achieved: 160}}
	if got := reached(rungs); got != 187 {
		t.Errorf("got %v, want the most where the generator kept up", got)
	}
	if got := reached(nil); got != 0 {
		t.Errorf("got %v of nothing", got)
	}
}
