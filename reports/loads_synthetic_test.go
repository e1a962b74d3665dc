package reports

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/target"
)

// synthesis makes a load whose numbers are known.
type synthesis struct {
	layout analysis.Layout
	// answer completes a sample that has its intended and sent time.
	answer func(s *attack.Sample, random *rand.Rand)
	lag    []target.LagReading
	seed   uint64
	unsent int // of the first stream
}

func (y synthesis) load() analysis.Load {
	random := rand.New(rand.NewPCG(7, y.seed))
	t := analysis.NewTally(y.layout)
	var counts []attack.StreamCount
	for i, stream := range y.layout.Streams {
		count := attack.StreamCount{Name: stream.Name, Role: stream.Role, Offered: stream.Schedule.Count(), Span: stream.Schedule.Span()}
		if i == 0 {
			count.Unsent = y.unsent
		}
		for n := range count.Offered - count.Unsent {
			due, _ := stream.Schedule.Due(n)
			s := attack.Sample{
				Stream: i, Seq: n, Request: n % max(len(stream.Labels), 1), Intended: due,
				Sent: due + time.Duration(60+random.IntN(80))*time.Microsecond, Code: 200, Bytes: 120,
			}
			y.answer(&s, random)
			count.Sent++
			t.Add(s)
		}
		counts = append(counts, count)
	}
	t.AddLag(y.lag)
	return t.Load(counts)
}

// usual is how long an answer takes on a healthy target: about 1 ms, with a tail.
func usual(random *rand.Rand, about time.Duration) time.Duration {
	return time.Duration(float64(about) * (0.5 + math.Exp(random.NormFloat64()*0.6)/2))
}

func stream(name string, s attack.Schedule, labels ...string) analysis.LayoutStream {
	return analysis.LayoutStream{Name: name, Schedule: s, Labels: labels}
}

// heartbeats every 20 ms of a loop that is held from one moment to another.
func heartbeats(lasts, from, to time.Duration) []target.LagReading {
	var readings []target.LagReading
	for due := time.Duration(0); due < lasts; due += 20 * ms {
		ran := due + 200*time.Microsecond
		if due >= from && due < to {
			ran = to
		}
		readings = append(readings, target.LagReading{Due: due, Ran: ran})
	}
	return readings
}

// StalledLoad is 6 s at 500/s on a server that stalls for 1 s at 2 s.
func StalledLoad() analysis.Load {
	return synthesis{
		layout: analysis.Layout{Streams: []analysis.LayoutStream{stream("GET /", attack.Constant{Rate: 500, Lasts: 6 * time.Second})}},
		lag:    heartbeats(6*time.Second, 2*time.Second, 3*time.Second),
		answer: func(s *attack.Sample, random *rand.Rand) {
			s.Done = s.Sent + usual(random, ms)
			if s.Sent >= 2*time.Second && s.Sent < 3*time.Second {
				s.Done += 3*time.Second - s.Sent
			}
		},
	}.load()
}

// RampLoad has three phases: 100/s, a ramp to 1,500/s that the server can't
// follow beyond 1,000/s, and 200/s again.
func RampLoad() analysis.Load {
	schedule := attack.Sequence{
		attack.Constant{Rate: 100, Lasts: 5 * time.Second},
		attack.Ramp{From: 100, To: 1500, Lasts: 20 * time.Second},
		attack.Constant{Rate: 200, Lasts: 10 * time.Second},
	}
	free := time.Duration(0) // when the server, which takes 1 ms for each, is free
	return synthesis{
		layout: analysis.Layout{
			Streams: []analysis.LayoutStream{stream("shop", schedule, "GET /cart", "POST /order")},
			Phases: []attack.Phase{
				{Name: "warm", Lasts: 5 * time.Second}, {Name: "ramp", Begins: 5 * time.Second, Lasts: 20 * time.Second},
				{Name: "after", Begins: 25 * time.Second, Lasts: 10 * time.Second},
			},
		},
		answer: func(s *attack.Sample, random *rand.Rand) {
			if free-s.Sent > 500*ms {
				s.Done, s.Code, s.Err = s.Sent+2*ms, 503, attack.ErrStatus
				return
			}
			free = max(free, s.Sent) + usual(random, ms)
			s.Done = free
		},
	}.load()
}

// RefusedLoad is 100 requests that nobody listened to.
func RefusedLoad() analysis.Load {
	return synthesis{
		layout: analysis.Layout{Streams: []analysis.LayoutStream{stream("GET /", attack.Constant{Rate: 50, Lasts: 2 * time.Second})}},
		answer: func(s *attack.Sample, random *rand.Rand) {
			s.Done, s.Code, s.Err, s.Bytes = s.Sent+usual(random, 200*time.Microsecond), 0, attack.ErrRefused, 0
		},
	}.load()
}

// FourStreams is a minute of four streams of which one times out now and then.
func FourStreams(slower float64, seed uint64) analysis.Load {
	lasts := 60 * time.Second
	about := []time.Duration{ms, 4 * ms, 30 * ms, 150 * ms}
	return synthesis{
		layout: analysis.Layout{Streams: []analysis.LayoutStream{
			stream("GET /ok", attack.Constant{Rate: 200, Lasts: lasts}), stream("search", attack.Constant{Rate: 50, Lasts: lasts}),
			stream("checkout", attack.Sine{Mean: 20, Amplitude: 15, Period: 20 * time.Second, Lasts: lasts}),
			stream("report", attack.Constant{Rate: 1, Lasts: lasts}),
		}},
		seed: seed,
		answer: func(s *attack.Sample, random *rand.Rand) {
			took := time.Duration(slower * float64(usual(random, about[s.Stream])))
			if s.Stream == 2 && random.IntN(60) == 0 {
				took, s.Code, s.Err = time.Second, 0, attack.ErrTimeout
			}
			s.Done = s.Sent + took
		},
	}.load()
}

// UnsentLoad is one whose generator fell behind, so that response and service
// time differ.
func UnsentLoad() analysis.Load {
	return synthesis{
		layout: analysis.Layout{Streams: []analysis.LayoutStream{stream("GET /", attack.Constant{Rate: 1000, Lasts: 3 * time.Second})}},
		unsent: 400,
		answer: func(s *attack.Sample, random *rand.Rand) {
			s.Sent += s.Intended / 8
			s.Done = s.Sent + usual(random, ms)
		},
	}.load()
}

// EmptyLoad is one stream of which nothing was sent.
func EmptyLoad() analysis.Load {
	l := analysis.Layout{Streams: []analysis.LayoutStream{stream("GET /", attack.Constant{Rate: 10, Lasts: time.Second})}}
	return analysis.NewTally(l).Load(nil)
}

// TestMachine is where synthetic loads were measured.
var TestMachine = attack.Environment{
	OS: "linux/amd64", Kernel: "6.1", CPUs: 2, CPUModel: "Test CPU", GoVersion: "go1.26", Load1: 0.5, Target: "node server.js",
}

// AttackOn makes an attack of a load.
func AttackOn(l analysis.Load, budgets ...string) Attack {
	a := Attack{
		Command: "attack", Title: "GET http://127.0.0.1:3000/", Load: l, Environment: TestMachine, Version: "(devel)",
		Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), PeakMemory: 30 << 20,
	}
	for _, text := range budgets {
		b, err := scenario.ParseBudget(text)
		if err != nil {
			panic(err)
		}
		a.Budgets = append(a.Budgets, analysis.Judge(b, l))
	}
	return a
}
