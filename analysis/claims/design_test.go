package claims

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// everySetting are the settings under which a design has to be sound.
func everySetting() []Settings {
	var all []Settings
	for _, quick := range []bool{false, true} {
		for _, hash := range []time.Duration{0, ms, 5 * ms, 31 * ms, 40 * ms, 41 * ms, 67 * ms, 130 * ms, 500 * ms, 3 * time.Second} {
			for i, rate := range []float64{10, DefaultRate, 5000} {
				s := settings(2)
				s.Quick, s.Hash, s.Compute, s.Rate = quick, hash, hash, rate
				s.Capacity = []float64{0, 40, 1000}[i] // 0 is unknown
				s.Insert, s.Scan = hash/200, 5*hash    // a slow machine is slow in all
				all = append(all, s)
			}
		}
	}
	return all
}

var errStop = errors.New("valid, and not to be run")

// stopping is a target that ends an execution once its plan was found valid.
type stopping struct{ target.Reference }

func (stopping) Start(context.Context) (target.Target, error) { return nil, errStop }

func TestEveryArmIsValid(t *testing.T) {
	for _, c := range All() {
		for _, s := range everySetting() {
			names := map[string]bool{}
			for _, arm := range c.Arms(s) {
				if names[arm.Name] || arm.Name == "" || arm.Look == "" {
					t.Errorf("%s: arm %q is named twice, or lacks a name or a look", c.Name, arm.Name)
				}
				names[arm.Name] = true
				arm.Target = stopping{}
				design := analysis.FixedDesign{Plan: attack.Plan{Arms: []attack.Arm{arm}, Blocks: 1}}
				if _, err := analysis.Conduct(t.Context(), design, nil, attack.Hooks{}); !errors.Is(err, errStop) {
					t.Errorf("%s, arm %q: %v", c.Name, arm.Name, err)
				}
				if arm.Streams[0].Role != attack.Probe {
					t.Errorf("%s, arm %q: the first stream is no probe", c.Name, arm.Name)
				}
				for _, stream := range arm.Streams {
					if stream.Schedule.Count() == 0 {
						t.Errorf("%s, arm %q: %s sends nothing", c.Name, arm.Name, stream.Name)
					}
				}
			}
		}
	}
}

// What an arm asks for is what the reference server offers.
func TestEveryRequestHasARoute(t *testing.T) {
	routes := target.Routes(1)
	for _, c := range All() {
		for _, s := range everySetting() {
			for _, arm := range c.Arms(s) {
				for _, stream := range arm.Streams {
					for _, r := range stream.Requests {
						if why := refused(routes, r.URL); why != "" {
							t.Errorf("%s, arm %q: %s: %s", c.Name, arm.Name, r.URL, why)
						}
					}
				}
			}
		}
	}
}

// refused says why no route takes the request.
func refused(routes []target.Route, request string) string {
	u, err := url.Parse(request)
	if err != nil {
		return err.Error()
	}
	i := slices.IndexFunc(routes, func(r target.Route) bool { return r.Path == u.Path })
	if i < 0 {
		return "no such route"
	}
	for name, values := range u.Query() {
		j := slices.IndexFunc(routes[i].Params, func(p target.Param) bool { return p.Name == name })
		switch {
		case j < 0:
			return "no parameter " + name
		case routes[i].Params[j].Choices != nil && !slices.Contains(routes[i].Params[j].Choices, values[0]):
			return "no choice " + values[0]
		}
	}
	return ""
}

// In all, a bench with its defaults takes under five minutes and a quick one
// under two, since the claims share arms. Each further claim takes under 45 and
// 18 s.
func TestPlansAreShort(t *testing.T) {
	for quick, limit := range map[bool]time.Duration{false: 5 * time.Minute, true: 2 * time.Minute} {
		s := settings(2)
		further := 45 * time.Second
		if s.Blocks, s.Quick = DefaultBlocks, quick; quick {
			s.Blocks, further = QuickBlocks, 18*time.Second
		}
		var takes, apart time.Duration
		for _, st := range Studies(Default(), s) {
			takes += st.Plan(s).Takes()
		}
		for _, c := range All() {
			alone := Studies([]Claim{c}, s)[0].Plan(s).Takes()
			if !c.Extra {
				apart += alone
			} else if alone >= further {
				t.Errorf("quick is %v: %s takes %v, want under %v", quick, c.Name, alone, further)
			}
		}
		if takes <= 0 || takes >= limit {
			t.Errorf("quick is %v: takes %v, want under %v", quick, takes, limit)
		}
		if takes >= apart {
			t.Errorf("quick is %v: together %v, one by one %v", quick, takes, apart)
		}
	}
}

func TestPlansHoldAnInterval(t *testing.T) {
	if need := analysis.BlocksFor(analysis.Confidence); min(DefaultBlocks, QuickBlocks) < need {
		t.Errorf("%d and %d blocks by default, an interval needs %d", DefaultBlocks, QuickBlocks, need)
	}
}

// A burst is over before the next one is due, also when one thread does all of
// its work, and the probes go on until the last one's turn has passed.
func TestBurstsDoNotOverlap(t *testing.T) {
	slow := func(s Settings, _ attack.Arm) time.Duration {
		return time.Duration(slowLoad(s).steps) * time.Microsecond
	}
	short := func(s Settings, _ attack.Arm) time.Duration {
		return time.Duration(shortLoad(s).steps) * time.Microsecond
	}
	work := map[string]func(Settings, attack.Arm) time.Duration{ // of one burst
		"shutdown":   func(Settings, attack.Arm) time.Duration { return 0 }, // it has none
		"chunking":   slow,
		"chunk-size": slow,
		"offload": func(s Settings, arm attack.Arm) time.Duration {
			if arm.Name == blockCrowd || arm.Name == workerCrowd {
				return crowd * slow(s, arm) / 2
			}
			return slow(s, arm)
		},
		"starvation": short,
		"iteration":  short,
		"pool-size": func(s Settings, arm attack.Arm) time.Duration {
			if !slices.Contains(waiting.arms(), arm.Name) {
				return poolJobs * s.Hash
			}
			if s.Quick {
				return poolJobs * 20 * ms
			}
			return poolJobs * 50 * ms
		},
		"file-read":  func(Settings, attack.Arm) time.Duration { return slowRead },
		"file-copy":  func(Settings, attack.Arm) time.Duration { return slowCopy },
		"many-files": func(s Settings, arm attack.Arm) time.Duration { return slowMany(s, arm.Name) },
		"worker-pool": func(s Settings, arm attack.Arm) time.Duration {
			return time.Duration(arm.Streams[1].Schedule.(attack.Bursts).Size) * s.Compute
		},
		"pool-victims": func(s Settings, _ attack.Arm) time.Duration {
			return 2*mixWait + mixHashes*s.Hash + mixPacks*packTakes // eight waits on four threads
		},
		"db-insert": func(s Settings, _ attack.Arm) time.Duration {
			rows, each, _ := insertLoad(s)
			return time.Duration(rows) * each
		},
		"db-scan": func(s Settings, _ attack.Arm) time.Duration { return scanClients * s.Scan },
		"db-pool": func(s Settings, arm attack.Arm) time.Duration {
			i := slices.Index(querying.arms(), arm.Name)
			return queryRounds(querying.sizes[i]) * queryHold(s)
		},
	}
	for _, c := range All() {
		for _, s := range everySetting() {
			for _, arm := range c.Arms(s) {
				for _, stream := range arm.Streams[1:] {
					b, bursts := stream.Schedule.(attack.Bursts)
					if !bursts {
						continue
					}
					if work[c.Name] == nil {
						t.Fatalf("how long a burst of %s takes is not known here", c.Name)
					}
					burst := work[c.Name](s, arm)
					if b.Every < burst {
						t.Errorf("%s, arm %q, hash %v, quick %v: bursts of %v every %v", c.Name, arm.Name, s.Hash, s.Quick, burst, b.Every)
					}
					last, _ := b.Due(b.Count() - 1)
					if probed := arm.Streams[0].Schedule.Span(); probed < last+burst {
						t.Errorf("%s, arm %q, hash %v, quick %v: probes for %v, the last burst is over at %v", c.Name, arm.Name, s.Hash, s.Quick, probed, last+burst)
					}
				}
			}
		}
	}
}

// What one way of reading files leaves in memory, or has open, must not count for
// another: each has a server of its own, with the same settings.
func TestFileArmsAreApart(t *testing.T) {
	for _, c := range []Claim{fileRead(), fileCopy(), manyFiles()} {
		seen := map[target.Starter]string{}
		for _, arm := range c.Arms(settings(2)) {
			if other, shared := seen[arm.Target]; shared {
				t.Errorf("%s: %s and %s share a server", c.Name, arm.Name, other)
			}
			seen[arm.Target] = arm.Name
			on := arm.Target.(target.Reference)
			if on.Apart, on.PoolSize = "", 0; on != settings(2).Target {
				t.Errorf("%s: %s has other settings: %+v", c.Name, arm.Name, on)
			}
		}
	}
}

func TestSeedGivesTheOrder(t *testing.T) {
	for _, c := range All() {
		s := settings(2)
		plan := func() attack.Plan { return Studies([]Claim{c}, s)[0].Plan(s) }
		first, again := plan(), plan()
		s.Seed++
		other := plan()
		blocksDiffer, seedsDiffer := false, false
		for b := range 10 {
			order := first.Order(b)
			if !slices.Equal(order, again.Order(b)) {
				t.Errorf("%s, block %d: the seed does not repeat the order", c.Name, b)
			}
			blocksDiffer = blocksDiffer || !slices.Equal(order, first.Order(0))
			seedsDiffer = seedsDiffer || !slices.Equal(order, other.Order(b))
			slices.Sort(order)
			for i, arm := range order {
				if arm != i {
					t.Fatalf("%s, block %d: the arms %v are not each run once", c.Name, b, order)
				}
			}
		}
		if !blocksDiffer || !seedsDiffer {
			t.Errorf("%s: blocks differ: %v, seeds differ: %v", c.Name, blocksDiffer, seedsDiffer)
		}
	}
}

// A pool's size is a setting of the process; all else is the same in every arm
// of one kind of job.
func TestPoolArmsDifferInTheirPool(t *testing.T) {
	want := map[string]int{syncArm: 4}
	for _, size := range poolSizes {
		want[hashing.arm(size)], want[waiting.arm(size)] = size, size
	}
	for _, arm := range poolArms(settings(2)) {
		if got := arm.Target.(target.Reference).PoolSize; got != want[arm.Name] {
			t.Errorf("arm %q: a pool of %d, want %d", arm.Name, got, want[arm.Name])
		}
		delete(want, arm.Name)
	}
	if len(want) != 0 {
		t.Errorf("arms %v are missing", want)
	}
}

// The number of workers and the limit of their queue are settings of the process.
func TestWorkerArmsDifferInTheirWorkers(t *testing.T) {
	type pool struct {
		workers int
		options string
	}
	want := map[string]pool{
		handlerArm: {workers: 2}, "workers 1": {workers: 1}, "workers 2": {workers: 2}, "workers 4": {workers: 4},
		"queue 1000": {workers: 2}, "queue 4": {2, "--worker-queue 4"},
	}
	for _, arm := range workerPoolArms(settings(2)) {
		r := arm.Target.(target.Reference)
		if got := (pool{r.Workers, r.Options}); got != want[arm.Name] {
			t.Errorf("arm %q: %+v, want %+v", arm.Name, got, want[arm.Name])
		}
		delete(want, arm.Name)
	}
	if len(want) != 0 {
		t.Errorf("arms %v are missing", want)
	}
}

// The mix leaves threads of the widest pool for the reads, and none of the others;
// all else is the same in every arm.
func TestVictimArmsDifferInTheirPool(t *testing.T) {
	arms := victimArms(settings(2))
	sizes := map[string]int{aloneArm: 4, "pool 4": 4, "pool 8": 8, "pool 16": 16}
	for i, arm := range arms {
		if got := arm.Target.(target.Reference).PoolSize; got != sizes[arm.Name] {
			t.Errorf("arm %q: a pool of %d, want %d", arm.Name, got, sizes[arm.Name])
		}
		if !reflect.DeepEqual(arm.Streams[0], arms[0].Streams[0]) || (i == 0) != (len(arm.Streams) == 1) {
			t.Errorf("arm %q asks for other reads, or lacks the mix", arm.Name)
		}
		if i > 1 && !reflect.DeepEqual(arm.Streams[1], arms[1].Streams[1]) {
			t.Errorf("arm %q has another mix", arm.Name)
		}
	}
	atOnce := arms[1].Streams[1].Schedule.(attack.Bursts).Size
	if len(arms) != len(sizes) || atOnce >= widePool || atOnce <= victimPools[1] {
		t.Errorf("%d arms, %d jobs at once", len(arms), atOnce)
	}
}

// Arms of several claims that do the same are run once, whatever each calls
// them, and each claim gets its runs under its own name.
func TestStudiesShareArms(t *testing.T) {
	s := settings(2)
	studies := Studies(Default(), s)
	if len(studies) < 2 || studies[0].Name() != "chunking, chunk-size, offload" || studies[1].Name() != "pool-size" {
		t.Fatalf("got studies %v", studies)
	}
	var names []string
	for _, arm := range studies[0].Plan(s).Arms {
		if slices.Contains(names, arm.Name) {
			t.Errorf("two arms are named %q", arm.Name)
		}
		names = append(names, arm.Name)
	}
	// idle, block, 6 chunk lengths (5 ms is the chunking claim's), worker, and 2 crowds
	if len(names) != 11 || slices.Contains(names, "chunk 5 ms") {
		t.Errorf("got %d arms: %q", len(names), names)
	}
	runs := []attack.Run{{Arm: "chunk"}, {Arm: "worker"}, {Arm: "block"}}
	for claim, want := range map[string][]string{"chunking": {"chunk", "block"}, "chunk-size": {"chunk 5 ms", "block"}, "offload": {"worker", "block"}} {
		i := slices.IndexFunc(All(), func(c Claim) bool { return c.Name == claim })
		var got []string
		for _, r := range studies[0].of(All()[i], runs) {
			got = append(got, r.Arm)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s gets the runs %q, want %q", claim, got, want)
		}
	}
	if runs[0].Arm != "chunk" {
		t.Error("the runs themselves were renamed")
	}
}
