package gate

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

const ms = time.Millisecond

// server is what an arm's requests meet.
type server struct {
	median float64 // ms
	spread float64 // of the logarithm, within a block
	blocks float64 // of the logarithm, from block to block
	stalls float64 // share of requests that take 50 ms more
	fails  float64 // share of requests that are answered with 500
	code   int     // of the others; 200 when zero
	size   int64
	queue  time.Duration // by how much each request waits longer than the one before
	late   time.Duration // the generator's
	drift  float64       // of the logarithm, from the first slice to the second
}

// run makes the run of an arm that was driven in two slices of 1.5 s at 500/s.
func (v server) run(arm string, block int, random *rand.Rand) attack.Run {
	const lasts, each = 1500 * ms, 750
	r := attack.Run{
		Arm: arm, Block: block,
		Streams: []attack.StreamCount{{Name: "main", Offered: 2 * each, Sent: 2 * each, Span: 2 * lasts}},
		Slices:  []attack.Slice{{Begins: 0, Lasts: lasts, Place: 0}, {Begins: lasts, Lasts: lasts, Place: 3}},
		Target:  &target.Usage{CPU: time.Duration(150 * v.median * float64(ms)), PeakMemory: 50 << 20, Unseen: true},
	}
	level := v.blocks * random.NormFloat64()
	for i := range 2 * each {
		s := attack.Sample{Seq: i, Code: 200, Bytes: 100 + v.size, Intended: time.Duration(i) * 2 * ms}
		s.Sent = s.Intended + v.late
		took := v.median * math.Exp(level+v.spread*random.NormFloat64()+v.drift*float64(i/each))
		if random.Float64() < v.stalls {
			took += 50
		}
		if v.code != 0 {
			s.Code = v.code
		}
		if random.Float64() < v.fails {
			s.Code, s.Err = 500, attack.ErrStatus
			r.Streams[0].Bad++
		}
		s.Done = s.Sent + time.Duration(took*float64(ms)) + time.Duration(i%each)*v.queue
		r.Samples = append(r.Samples, s)
	}
	return r
}

// calm is a server with a p50 of 2 ms.
func calm() server { return server{median: 2, spread: 0.3, blocks: 0.02} }

func blocksOf(base, head server, n int) []attack.Run {
	random := rand.New(rand.NewPCG(7, 7))
	var runs []attack.Run
	for b := range n {
		runs = append(runs, base.run("base", b, random), head.run("head", b, random))
	}
	return runs
}

func metricOf(t *testing.T, v Verdict, name string) MetricVerdict {
	t.Helper()
	for _, m := range v.Metrics {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("no metric %q", name)
	return MetricVerdict{}
}

func TestJudgedRuns(t *testing.T) {
	changed := func(change func(*server)) server {
		s := calm()
		change(&s)
		return s
	}
	for _, c := range []struct {
		name       string
		base, head server
		want       analysis.Outcome
		metric     string // and that of it
		of         analysis.Outcome
	}{
		{"the same twice", calm(), calm(), analysis.Pass, "p99", analysis.Pass},
		{"twice as slow", calm(), changed(func(s *server) { s.median = 4 }), analysis.Fail, "p50", analysis.Fail},
		{"20 % slower", calm(), changed(func(s *server) { s.median = 2.4 }), analysis.Fail, "p50", analysis.Fail},
		{"faster", changed(func(s *server) { s.median = 4 }), calm(), analysis.Pass, "p50", analysis.Pass},
		{"1 % stalled by 50 ms, and a little more", calm(), changed(func(s *server) { s.stalls = 0.02 }), analysis.Fail, "p99", analysis.Fail},
		{"1 % fails", calm(), changed(func(s *server) { s.fails = 0.01 }), analysis.Fail, ErrorRate, analysis.Fail},
		{"the base fails 1 %", changed(func(s *server) { s.fails = 0.01 }), calm(), analysis.Pass, ErrorRate, analysis.Pass},
		{"the base fails 20 %", changed(func(s *server) { s.fails = 0.2 }), calm(), analysis.Invalid, "p50", analysis.Invalid},
		{"another code", calm(), changed(func(s *server) { s.code = 204 }), analysis.Invalid, "p50", analysis.Invalid},
		{"another body, and slower", calm(), changed(func(s *server) { s.size, s.median = 500, 4 }), analysis.Invalid, "p50", analysis.Invalid},
		{"a late generator", changed(func(s *server) { s.late = 15 * ms }), calm(), analysis.Invalid, "", ""},
		{"the base is beyond saturation", changed(func(s *server) { s.queue = ms }), calm(), analysis.Invalid, "", ""},
		{"the head is beyond saturation", calm(), changed(func(s *server) { s.queue = ms }), analysis.Fail, "p50", analysis.Fail},
		{"it warms up within a block", changed(func(s *server) { s.drift = -0.3 }), changed(func(s *server) { s.drift = -0.3 }), analysis.Invalid, "p50", analysis.Invalid},
	} {
		v := Judge(Default(), blocksOf(c.base, c.head, 14))
		if v.Outcome != c.want {
			t.Errorf("%s: %s, want %s: %s %v", c.name, v.Outcome, c.want, v.Headline, v.Reasons)
		}
		if c.metric != "" && metricOf(t, v, c.metric).Outcome != c.of {
			t.Errorf("%s: %s is %s, want %s", c.name, c.metric, metricOf(t, v, c.metric).Outcome, c.of)
		}
	}
	s := Default()
	s.DifferentAnswers = true
	if v := Judge(s, blocksOf(calm(), changed(func(s *server) { s.code = 204 }), 14)); v.Outcome != analysis.Pass {
		t.Errorf("other answers are allowed: %s", v.Headline)
	}
}

// No data never passes.
func TestNoData(t *testing.T) {
	alone := blocksOf(calm(), calm(), 14)
	var base []attack.Run
	for _, r := range alone {
		if r.Arm == "base" {
			base = append(base, r)
		}
	}
	empty := blocksOf(calm(), calm(), 14)
	for i := range empty {
		empty[i].Samples, empty[i].Streams[0].Sent = nil, 0
	}
	for name, runs := range map[string][]attack.Run{"no runs": nil, "one arm": base, "no samples": empty} {
		if v := Judge(Default(), runs); v.Outcome != analysis.Invalid || v.Headline == "" || len(v.Reasons) == 0 {
			t.Errorf("%s: %+v", name, v)
		}
	}
	one := Judge(Default(), alone[:2])
	if one.Outcome != analysis.Inconclusive || !one.Partial || one.Final {
		t.Errorf("one block: %+v", one)
	}
	if m := metricOf(t, one, "p50"); m.Base == 0 || m.Outcome != analysis.Inconclusive {
		t.Errorf("what there is, is shown: %+v", m)
	}
	// Nor does a gate whose times can't be judged.
	bare := blocksOf(calm(), calm(), 80)
	for i := range bare {
		bare[i].Samples = bare[i].Samples[:10]
	}
	if v := Judge(Default(), bare); v.Outcome == analysis.Pass {
		t.Errorf("10 requests a block: %s", v.Headline)
	}
}

// A target that shows nothing of itself is judged by its answers.
func TestUnseenTarget(t *testing.T) {
	runs := blocksOf(calm(), calm(), 14)
	for i := range runs {
		runs[i].Target = nil
	}
	v := Judge(Default(), runs)
	if v.Outcome != analysis.Pass || v.Family != 4 || metricOf(t, v, CPU).Outcome != Informational || len(v.Warnings) < 2 {
		t.Errorf("%s, a family of %d, %v", v.Headline, v.Family, v.Warnings)
	}
	m, _ := ParseMetric("cpu=5%")
	s := Default()
	s.Metrics = With(s.Metrics, m)
	if v := Judge(s, runs); v.Outcome != analysis.Inconclusive {
		t.Errorf("CPU time was asked for and can't be seen: %s", v.Outcome)
	}
}

func TestReading(t *testing.T) {
	at := func(i int, took time.Duration, err attack.ErrorKind) attack.Sample {
		s := attack.Sample{Intended: time.Duration(i) * ms, Sent: time.Duration(i)*ms + ms, Code: 200, Bytes: int64(i), Err: err}
		s.Done = s.Intended + took
		return s
	}
	r := attack.Run{
		Slices: []attack.Slice{{Begins: 0, Lasts: 5 * ms}, {Begins: 5 * ms, Lasts: 5 * ms}},
		Samples: []attack.Sample{
			at(0, 2*ms, ""), at(1, 3*ms, ""), at(2, 4*ms, ""), at(3, 5*ms, attack.ErrStatus), at(4, ms, attack.ErrRefused),
			at(5, 6*ms, ""), at(6, 7*ms, ""), at(7, 8*ms, ""), at(8, 9*ms, ""), at(9, 0, attack.ErrCanceled),
		},
		Lag:    []target.LagReading{{Due: ms, Ran: 3 * ms}, {Due: 6 * ms, Ran: 13 * ms}},
		Target: &target.Usage{CPU: 18 * ms, PeakMemory: 1000, Longest: 5 * ms},
	}
	p90, _ := ParseMetric("p90")
	got := read(r, append(Metrics(), p90))
	for name, want := range map[string]float64{
		"p50":         6,  // the 5th of 2 3 4 5 6 7 8 9 and the refused one
		"p90":         10, // the 9th: refused, so as long as the run
		"service.p50": 5,  // 1 ms less of what was answered
		CPU:           2,  // 18 ms over 9 requests
		Memory:        1000,
		ErrorRate:     2. / 9,
		LagP99:        7,
		Stall:         7,
	} {
		if !near(got.Values[name], want) {
			t.Errorf("%s: got %v, want %v", name, got.Values[name], want)
		}
	}
	if got.Halves["p50"] != [2]float64{4, 7} { // 2 3 [4] 5 10 and 6 [7] 8 9
		t.Errorf("halves %v", got.Halves["p50"])
	}
	if _, ok := got.Halves[CPU]; ok || got.Halves[LagP99] != [2]float64{2, 7} {
		t.Errorf("halves %v", got.Halves)
	}
	if got.Requests != 9 || got.Bad != 2 || got.Codes[200] != 7 || got.Size != 5 {
		t.Errorf("%+v", got)
	}
}

func TestFlow(t *testing.T) {
	// 750 in each slice, of which the second half is due: 750 in all.
	due, came := flow(calm().run("base", 0, rand.New(rand.NewPCG(1, 1))))
	if due != 750 || math.Abs(float64(came-due)) > 10 {
		t.Errorf("steady: %d due, %d came", due, came)
	}
	// Each request waits a millisecond longer: answers come every 3 ms, not 2.
	queued := calm()
	queued.queue = ms
	due, came = flow(queued.run("base", 0, rand.New(rand.NewPCG(1, 1))))
	if share := float64(came) / float64(due); share < 0.6 || share > 0.7 {
		t.Errorf("beyond saturation: %d due, %d came", due, came)
	}
	// Half a second each, but steady: slow is not saturated.
	slow := calm()
	slow.median, slow.spread, slow.blocks = 500, 0, 0
	if due, came = flow(slow.run("base", 0, rand.New(rand.NewPCG(1, 1)))); came < due-2 {
		t.Errorf("slow: %d due, %d came", due, came)
	}
}
