package gate

import (
	"math"
	"testing"

	"github.com/looptest/looptest/analysis"
)

// trials is how many synthetic gates a rate stands on; fewer with -short and -race.
func trials(n int) int {
	if testing.Short() {
		return n / 5
	}
	return n / fewer
}

// most is what a share p of n trials stays under, but for one time in 30,000
// (four times its standard deviation).
func most(p float64, n int) int {
	return int(math.Ceil(p*float64(n) + 4*math.Sqrt(p*(1-p)*float64(n))))
}

func blocksUsed(verdicts []Verdict) float64 {
	total := 0
	for _, v := range verdicts {
		total += v.Blocks
	}
	return float64(total) / float64(len(verdicts))
}

// hair is a gate without a threshold to speak of: FAIL then stands on the test
// alone, and its error is that of the test.
func hair() Settings {
	s := Default()
	for i := range s.Metrics {
		s.Metrics[i].Delta = leastDelta
	}
	for i := range s.Design.Looks {
		s.Design.Looks[i].Clear = 1
	}
	return s
}

// Of two equal arms, at most α of the gates fail, all looks together: with heavy
// tails and a drift, with more noise than δ, and without a threshold.
func TestFalseFails(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for name, c := range map[string]struct {
		world    world
		settings Settings
		trials   int
	}{
		"quiet":             {quiet(), Default(), 600},
		"loud":              {loud(), Default(), 300},
		"without threshold": {quiet(), hair(), 1000},
	} {
		n := trials(c.trials)
		c.world.errors = 0.0005
		verdicts := c.world.gates(c.settings, n, 1)
		shares := Shares(verdicts)
		t.Logf("%s: %v of %d, %.1f blocks", name, shares, n, blocksUsed(verdicts))
		if fails := shares[analysis.Fail]; fails > most(DefaultAlpha, n) {
			t.Errorf("%s: %d of %d fail, want at most %d", name, fails, n, most(DefaultAlpha, n))
		}
	}
}

// While some metrics are worse, the others still fail falsely in at most α.
func TestFalseFailsBesideTrueOnes(t *testing.T) {
	n := trials(500)
	wrong := 0
	for _, v := range quiet().slower(map[string]float64{"p50": 0.02, "p99": 0.05}).gates(hair(), n, 2) {
		for _, m := range v.Metrics {
			if m.Outcome == analysis.Fail && m.Name != "p50" && m.Name != "p99" {
				wrong++
				break
			}
		}
	}
	t.Logf("%d of %d", wrong, n)
	if wrong > most(DefaultAlpha, n) {
		t.Errorf("%d of %d, want at most %d", wrong, n, most(DefaultAlpha, n))
	}
}

// A head that is worse by δ, in one metric or in all, passes in at most α.
func TestFalsePasses(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for name, worse := range map[string]map[string]float64{
		"p50":   {"p50": 0.05},
		"p99":   {"p99": 0.10},
		"cpu":   {CPU: 0.10},
		"three": {"p50": 0.05, "p95": 0.10, "p99": 0.10},
	} {
		n := trials(400)
		shares := Shares(quiet().slower(worse).gates(Default(), n, 3))
		t.Logf("%s worse by δ: %v of %d", name, shares, n)
		if passes := shares[analysis.Pass]; passes > most(DefaultAlpha, n) {
			t.Errorf("%s worse by δ: %d of %d pass, want at most %d", name, passes, n, most(DefaultAlpha, n))
		}
	}
}

// The aim: at 1.5 δ at least 80 % fail; at 4 δ all do, at an early look.
func TestPowerOfGate(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, c := range []struct {
		metric string
		delta  float64
	}{{"p50", 0.05}, {"p99", 0.10}} {
		n := trials(200)
		for _, times := range []float64{0.5, 1, 1.5, 2, 4} {
			verdicts := quiet().slower(map[string]float64{c.metric: times * c.delta}).gates(Default(), n, 4)
			shares := Shares(verdicts)
			t.Logf("%s at %v δ: %v of %d, %.1f blocks", c.metric, times, shares, n, blocksUsed(verdicts))
			low, _ := analysis.BinomialInterval(shares[analysis.Fail], n, 0.95)
			if times >= 1.5 && low < 0.8 {
				t.Errorf("%s at %v δ: fails in %d of %d", c.metric, times, shares[analysis.Fail], n)
			}
			if early := float64(Default().Design.Looks[1].Blocks); times == 4 && blocksUsed(verdicts) > early {
				t.Errorf("%s at 4 δ: after %.1f blocks", c.metric, blocksUsed(verdicts))
			}
		}
	}
}

// What Detectable announces is what the simulation finds.
func TestDetectable(t *testing.T) {
	one := Default()
	one.Metrics = []Metric{one.Metrics[2]}
	n := trials(1000)
	for _, noise := range []float64{0.1, 0.3} {
		w := world{noise: map[string]float64{"p99": noise}, drift: 0.05}
		one.Design = Design{Alpha: 0.01, Looks: []Look{{Blocks: 40, Alpha: 0.01}}}
		sight := one.Design.Detectable(one.Metrics[0], 1, noise)[0]
		power := float64(Shares(w.slower(map[string]float64{"p99": sight.Found}).gates(one, n, 5))[analysis.Fail]) / float64(n)
		if math.Abs(power-sightPower) > 0.05+2/math.Sqrt(float64(n)) {
			t.Errorf("noise %v: %+v is found in %.3f", noise, sight, power)
		}
		one.Metrics[0].Delta = sight.Passes
		passes := float64(Shares(w.gates(one, n, 6))[analysis.Pass]) / float64(n)
		if math.Abs(passes-sightPower) > 0.05+2/math.Sqrt(float64(n)) {
			t.Errorf("noise %v: an unchanged head passes under a δ of %.3f in %.3f", noise, sight.Passes, passes)
		}
		one.Metrics[0].Delta = 0.10
	}
}
