package reports

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// gateServer is what the requests of an arm meet: a log-normal body and a heavier
// tail.
type gateServer struct {
	median float64 // ms
	tail   float64 // how many times as long the slowest 2 % take, beyond what they do anyway
	noise  float64 // of the logarithm, from block to block, not shared by the arms
	fails  float64
	code   int
	late   time.Duration // the generator's
	warms  float64       // of the logarithm, from the first slice to the second
	drift  float64       // of the logarithm, at random from slice to slice
	memory int64
}

func calmServer() gateServer {
	return gateServer{median: 1.9, tail: 1, noise: 0.012, code: 200, memory: 48 << 20}
}

// gateRequests is how many requests an arm gets in a block.
const gateRequests = 1000

// run makes an arm's run of a block: two slices of 1 s. Blocks drift together.
func (v gateServer) run(p attack.Plan, arm, block int) attack.Run {
	random := rand.New(rand.NewPCG(uint64(arm)+7, uint64(block)))
	shared := 0.15*math.Sin(float64(block)/4) + 0.05*rand.New(rand.NewPCG(99, uint64(block))).NormFloat64()
	level := shared + v.noise*random.NormFloat64()
	tail := 0.06 * random.NormFloat64()
	drift := v.drift * rand.New(rand.NewPCG(uint64(arm)+70, uint64(block))).NormFloat64()
	look := []attack.Look{attack.LookBase, attack.LookHead}[arm]
	r := attack.Run{
		Arm: string(look), Look: look, Block: block, Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Streams:     []attack.StreamCount{{Name: "GET /report", Offered: gateRequests, Sent: gateRequests, Span: 2 * time.Second}},
		Target:      &target.Usage{CPU: time.Duration(gateRequests * (0.4*v.median + 0.005*random.NormFloat64()) * float64(ms)), PeakMemory: v.memory + int64(random.IntN(1<<20)), Unseen: true},
		Environment: attack.Environment{OS: "linux/amd64", Kernel: "6.1", CPUs: 2, CPUModel: "Test CPU", GoVersion: "go1.26", Target: "go run ./server"},
	}
	for place, i := range p.SliceOrder(block) {
		if i == arm {
			r.Slices = append(r.Slices, attack.Slice{Begins: time.Duration(len(r.Slices)) * time.Second, Lasts: time.Second, Place: place})
		}
	}
	for i := range gateRequests {
		s := attack.Sample{Seq: i, Intended: time.Duration(i) * 2 * ms, Code: v.code, Bytes: 900}
		s.Sent = s.Intended + 80*time.Microsecond + v.late
		z := random.NormFloat64()
		took := v.median * math.Exp(level+0.25*z+(v.warms+drift)*float64(2*i/gateRequests))
		if random.Float64() < 0.02 {
			took *= 1.6 * v.tail * math.Exp(tail+0.2*random.ExpFloat64())
		}
		if random.Float64() < v.fails {
			s.Code, s.Err = 500, attack.ErrStatus
			r.Streams[0].Bad++
		}
		s.Done = s.Sent + time.Duration(took*float64(ms))
		r.Samples = append(r.Samples, s)
	}
	return r
}

// gatePlan has two arms of two slices each.
func gatePlan() attack.Plan {
	arm := func(look attack.Look) attack.Arm {
		return attack.Arm{Name: string(look), Look: look, Streams: []attack.Stream{{Schedule: attack.Constant{Rate: 500, Lasts: 2 * time.Second}}}}
	}
	return attack.Plan{
		Arms: []attack.Arm{arm(attack.LookBase), arm(attack.LookHead)}, Seed: 0x7f3a,
		Interleave: &attack.Interleave{Slice: time.Second},
	}
}

// GateOf runs the gate on two servers until a look decides, or for so many blocks.
func GateOf(base, head gateServer, most int) Gate {
	s := gate.Default()
	s.Seed = gatePlan().Seed
	g := Gate{
		Title: "GET /report", BaseName: "main (3f2c1d9)", HeadName: "faster-json (a81e44b)", Rate: 500, RateFrom: "60 % of the 833/s at which it saturates",
		Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Version: "(devel)",
	}
	for block := range min(most, s.Design.Most()+s.Spare) {
		g.Runs = append(g.Runs, base.run(gatePlan(), 0, block), head.run(gatePlan(), 1, block))
	}
	for _, l := range s.Design.Looks { // as the conductor would
		g.Verdict = gate.Judge(s, g.Runs[:min(len(g.Runs), 2*(l.Blocks+1))])
		g.Took = time.Duration(l.Blocks) * 7 * time.Second
		if g.Verdict.Final {
			g.Runs = g.Runs[:min(len(g.Runs), 2*(l.Blocks+1))]
			break
		}
	}
	g.Environment = g.Runs[0].Environment
	return g
}

// PassingGate is a gate on a head that is the base again.
func PassingGate() Gate { return GateOf(calmServer(), calmServer(), 100) }

// FailingGate is a gate on a head whose tail is longer by a fifth.
func FailingGate() Gate {
	slow := calmServer()
	slow.tail = 1.35
	return GateOf(calmServer(), slow, 100)
}

// OpenGate is a gate that stays open: the head's p50 is worse by nearly δ.
func OpenGate() Gate {
	slow := calmServer()
	slow.median *= 1.047
	slow.noise, slow.memory = 0.04, 51<<20
	base := calmServer()
	base.noise = 0.04
	return GateOf(base, slow, 100)
}

// InvalidGate is a gate on a target that warms up within a block.
func InvalidGate() Gate {
	cold := calmServer()
	cold.warms = -0.3
	return GateOf(cold, cold, 100)
}

// LosingGate is a gate of which some blocks were lost, and which was interrupted.
func LosingGate() Gate {
	g := GateOf(calmServer(), calmServer(), 9)
	for i, r := range g.Runs {
		if r.Block == 2 && r.Arm == "head" || r.Block == 5 && r.Arm == "base" {
			g.Runs[i].Partial, g.Runs[i].Failure = true, "the target died: exit status 1"
		}
	}
	s := gate.Default()
	s.Seed = gatePlan().Seed
	g.Verdict = gate.Judge(s, g.Runs)
	g.Partial, g.Error = true, "interrupted"
	return g
}

// EqualGate is a gate of two equal arms that ended after so many blocks.
func EqualGate(blocks int) Gate { return GateOf(calmServer(), calmServer(), blocks) }

// NoisyGate is a gate on a machine where equal builds differ by more than δ.
func NoisyGate() Gate {
	restless := calmServer()
	restless.noise, restless.drift = 0.3, 0.8
	return GateOf(restless, restless, 100)
}
