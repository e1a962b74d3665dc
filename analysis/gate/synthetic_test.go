package gate

import (
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"
)

// TestMain fixes the seed of the properties; a flag on the command line wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// world draws blocks of two arms. Blocks differ from each other by a random walk
// and a trend that both arms share, far more than the arms within one; arms and
// halves have noise with heavy tails, in part common to all of an arm's metrics.
type world struct {
	noise  map[string]float64 // standard deviation of d, about
	worse  map[string]float64 // true ln(head/base)
	errors float64            // probability that a request fails
	drift  float64            // of the walk, a block
	heavy  bool               // t-distributed with 3 degrees of freedom, else normal
}

// quiet is a plausible machine: what is spread in d from block to block.
func quiet() world {
	return world{
		noise: map[string]float64{"p50": 0.04, "p95": 0.08, "p99": 0.15, "service.p50": 0.04, "service.p99": 0.15, CPU: 0.04, Memory: 0.03},
		drift: 0.05, heavy: true,
	}
}

// loud has so much noise that δ doesn't matter for a false FAIL.
func loud() world {
	w := quiet()
	for name := range w.noise {
		w.noise[name] = 0.6
	}
	w.drift = 0.3
	return w
}

func (w world) slower(by map[string]float64) world {
	w.worse = map[string]float64{}
	for name, times := range by {
		w.worse[name] = math.Log1p(times)
	}
	return w
}

func (w world) draw(random *rand.Rand, n int) []Block {
	blocks := make([]Block, n)
	level := 0.0
	for i := range blocks {
		level += w.drift * random.NormFloat64()
		blocks[i] = Block{Number: i, Base: w.arm(random, level, false), Head: w.arm(random, level, true)}
	}
	return blocks
}

func (w world) arm(random *rand.Rand, level float64, head bool) Reading {
	const requests = 1500
	r := Reading{
		Values: map[string]float64{}, Halves: map[string][2]float64{}, Requests: requests,
		Codes: map[int]int{200: requests}, Size: 100, Due: requests / 2, Came: requests / 2,
	}
	common := w.tail(random)
	for _, m := range Metrics() {
		noise, there := w.noise[m.Name]
		if !there {
			continue
		}
		shift := level
		if head {
			shift += w.worse[m.Name]
		}
		// Each arm has a share √½ of the noise of d.
		own := noise / math.Sqrt2 * (0.7*common + 0.71*w.tail(random))
		r.Values[m.Name] = 5 * max(1, m.Floor) * math.Exp(shift+own)
		if m.Unit == "ms" && m.Name != CPU {
			r.Halves[m.Name] = [2]float64{5 * math.Exp(shift+noise*w.tail(random)), 5 * math.Exp(shift+noise*w.tail(random))}
		}
	}
	if w.errors > 0 { // a Poisson process over the requests
		for at := random.ExpFloat64() / w.errors; at < requests; at += random.ExpFloat64() / w.errors {
			r.Bad++
		}
	}
	r.Values[ErrorRate] = float64(r.Bad) / requests
	return r
}

// tail is a value of standard deviation one.
func (w world) tail(random *rand.Rand) float64 {
	z := random.NormFloat64()
	if !w.heavy {
		return z
	}
	var chi float64
	for range 3 {
		v := random.NormFloat64()
		chi += v * v
	}
	return z / math.Sqrt(chi/3) / math.Sqrt(3)
}

// gates judges so many worlds, with all looks that they need.
func (w world) gates(s Settings, n int, seed uint64) []Verdict {
	verdicts := make([]Verdict, n)
	var workers sync.WaitGroup
	many := runtime.GOMAXPROCS(0)
	for worker := range many {
		workers.Go(func() {
			for i := worker; i < n; i += many {
				random := rand.New(rand.NewPCG(seed, uint64(i)))
				verdicts[i] = JudgeMeasured(s, Measured{Blocks: w.draw(random, s.Design.Most())})
			}
		})
	}
	workers.Wait()
	return verdicts
}
