package detect

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

func suspect(url string) Endpoint { return Endpoint{Request: attack.Request{URL: url}} }

func settingsOf(seed uint64) Settings {
	return Settings{Probe: attack.Request{URL: "/probe"}, Seed: seed, Budget: time.Hour}
}

// scanned judges a simulated server's suspect.
func scanned(t *testing.T, s *sim, seed uint64) Finding {
	t.Helper()
	var f []Finding
	synctest.Test(t, func(t *testing.T) { // the rests take no time
		var err error
		if f, err = Scan(t.Context(), s, []Endpoint{suspect("/x")}, settingsOf(seed), Hooks{}); err != nil {
			t.Fatal(err)
		}
	})
	return f[0]
}

type example struct {
	name      string
	work      work
	processes int
	kind      target.Kind
	stall     time.Duration // that is to be found; 0 for none
	capacity  int
}

func together(parts ...work) (w work) {
	for _, p := range parts {
		w = append(w, p...)
	}
	return w
}

var examples = []example{
	{name: "block 2 ms", work: blocks(2 * ms), kind: target.Blocking, stall: 2 * ms},
	{name: "block 5 ms", work: blocks(5 * ms), kind: target.Blocking, stall: 5 * ms},
	{name: "block 50 ms", work: blocks(50 * ms), kind: target.Blocking, stall: 50 * ms},
	{name: "block 200 ms", work: blocks(200 * ms), kind: target.Blocking, stall: 200 * ms},
	{name: "chunks of 1 ms", work: chunks(60, ms), kind: target.Cooperative},
	{name: "chunks of 5 ms", work: chunks(20, 5*ms), kind: target.Cooperative},
	{name: "chunks of 20 ms", work: chunks(10, 20*ms), kind: target.Cooperative},
	{name: "wait 20 ms", work: waits(20 * ms), kind: target.Waiting},
	{name: "wait 100 ms", work: waits(100 * ms), kind: target.Waiting},
	{name: "pool of 1", work: pooled(30*ms, 1), kind: target.OffLoop, capacity: 1},
	{name: "pool of 2", work: pooled(30*ms, 2), kind: target.OffLoop, capacity: 2},
	{name: "pool of 4", work: pooled(40*ms, 4), kind: target.OffLoop, capacity: 4},
	{name: "pool of 8", work: pooled(40*ms, 8), kind: target.OffLoop, capacity: 8},
	{name: "late block", work: together(waits(40*ms), blocks(20*ms)), kind: target.PartlyBlocking, stall: 20 * ms},
	{name: "half of it, late", work: together(waits(20*ms), blocks(20*ms)), kind: target.PartlyBlocking, stall: 20 * ms},
	{name: "early block", work: together(blocks(10*ms), waits(60*ms)), kind: target.PartlyBlocking, stall: 10 * ms},
	{name: "two processes", work: blocks(40 * ms), processes: 2, kind: target.Processes},
	{name: "trivial", work: blocks(50 * time.Microsecond), kind: target.Trivial},
	{name: "sheds", work: work{{code: 503, of: 6}, {waits: 20 * ms}}, kind: target.Sheds},
}

func TestKinds(t *testing.T) {
	for _, e := range examples {
		for seed := range uint64(5) {
			s := newSim(e.work, seed)
			s.processes = max(1, e.processes)
			f := scanned(t, s, seed)
			if f.Kind != e.kind {
				t.Errorf("%s, seed %d: %s, want %s: %s (%.2f) %+v", e.name, seed, f.Kind, e.kind, f.Because, f.Confidence, describe(f))
				continue
			}
			if e.capacity > 0 && f.Capacity.Value != e.capacity {
				t.Errorf("%s, seed %d: capacity %+v", e.name, seed, f.Capacity)
			}
			if got := time.Duration(f.Stall.Length.Value); e.stall > 0 && (got < e.stall-ms || got > e.stall+ms) {
				t.Errorf("%s, seed %d: a stall of %v, want %v (late %v)", e.name, seed, got, e.stall, f.Stall.Late)
			}
		}
	}
}

func describe(f Finding) map[string]any {
	x := read(f.Stall, f.Bursts)
	return map[string]any{"alone": x.alone, "stall": x.stall.Found, "p": x.stall.P, "rho": x.held(), "A": x.amplified(), "width": x.width, "last": x.last, "serial": x.serial(), "share": x.share, "pairs": f.Stall.Pairs}
}

// On servers that hold nothing, noisy ones too, hardly ever is a stall found: the
// test's α is 0.1 %, and here are 400 chances.
func TestFalseAlarms(t *testing.T) {
	wrong := 0
	for seed := range uint64(400) {
		w := waits(time.Duration(1+seed%20) * ms)
		if seed%2 == 1 {
			w = pooled(time.Duration(2+seed%20)*ms, 4)
		}
		s := newSim(w, seed)
		s.hiccup = []float64{0, 0.005, 0.05, 0.3}[seed/2%4]
		if f := scanned(t, s, seed); f.Stall.Found {
			wrong++
			t.Logf("seed %d: %s", seed, f.Because)
		}
	}
	if wrong > 3 {
		t.Errorf("%d of 400", wrong)
	}
}

// A block of a millisecond is found nearly always, wherever in a request it is.
func TestSensitivity(t *testing.T) {
	for name, w := range map[string]work{
		"at once": together(blocks(1100*time.Microsecond), waits(10*ms)), "late": together(waits(10*ms), blocks(4*ms)),
	} {
		found := 0
		for seed := range uint64(40) {
			found += count(scanned(t, newSim(w, seed), seed).Stall.Found)
		}
		if found < 36 {
			t.Errorf("%s: %d of 40", name, found)
		}
	}
}
