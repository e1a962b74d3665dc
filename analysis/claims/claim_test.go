package claims

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

func TestClaimsAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range All() {
		if c.Name == "" || c.Title == "" || c.Proves == "" || seen[c.Name] {
			t.Errorf("claim %q is named twice, or lacks words", c.Name)
		}
		seen[c.Name] = true
	}
}

func TestWord(t *testing.T) {
	for o, want := range map[analysis.Outcome]string{
		analysis.Pass: "proven", analysis.Fail: "not proven", analysis.Inconclusive: "inconclusive", analysis.Invalid: "invalid",
	} {
		if got := Word(o); got != want {
			t.Errorf("%s: got %q, want %q", o, got, want)
		}
	}
}

func TestResultKeepsItsRuns(t *testing.T) {
	runs := in(chunkingRuns(8, blocked), idleLate, 2)
	runs = in(runs, partial, 7)
	r := chunking().judge(settings(2), runs)
	if r.Planned != 6 || r.Seed != 0x7f3a || r.Verdict.Blocks != 6 || r.Claim.Name != "chunking" || r.Partial {
		t.Errorf("got %d planned, seed %x, %d blocks, %s, partial %v", r.Planned, r.Seed, r.Verdict.Blocks, r.Claim.Name, r.Partial)
	}
	if len(r.Runs) != 24 {
		t.Errorf("got %d runs, want all 24", len(r.Runs))
	}
	// Of block 2 the arms block and chunk could be trusted, and were not judged.
	var trusted []string
	for _, run := range r.Trusted {
		trusted = append(trusted, fmt.Sprintf("%d %s", run.Block, run.Arm))
	}
	var want []string
	for _, block := range []int{0, 1, 3, 4, 5, 6} {
		for _, arm := range []string{"chunk", "idle", "block"} {
			want = append(want, fmt.Sprintf("%d %s", block, arm))
		}
	}
	if !slices.Equal(trusted, want) {
		t.Errorf("the verdict stands on %q, want %q", trusted, want)
	}
	var arms []string
	for _, a := range r.Arms {
		arms = append(arms, a.Arm)
	}
	if !slices.Equal(arms, []string{"idle", "block", "chunk"}) {
		t.Errorf("got arms %q, want the claim's order", arms)
	}
}

func TestSmallBenches(t *testing.T) {
	// Three blocks are what was asked for: too few to settle it, but not invalid.
	s := settings(2)
	s.Blocks = 3
	expect{outcome: analysis.Inconclusive, blocks: 3, warnings: tooFew(3)}.
		check(t, chunking().judge(s, chunkingRuns(3, blocked)))
	// Of ten, seven are left: enough.
	s.Blocks = 10
	late := in(chunkingRuns(10, blocked), idleLate, 0, 4, 9)
	if v := chunking().judge(s, late).Verdict; v.Outcome != analysis.Pass || v.Blocks != 7 || len(v.Reasons) != 3 {
		t.Errorf("got %s on %d blocks, reasons %q", v.Outcome, v.Blocks, v.Reasons)
	}
}

func TestFootWithoutCPUModel(t *testing.T) {
	runs := chunkingRuns(1, blocked)
	runs[0].Environment = attack.Environment{CPUs: 3, GoVersion: "go1.26"}
	if got, want := provenance(settings(2), runs), "looptest reference server · 3 CPUs · go1.26 · 2026-01-02 03:04 · seed 7f3a"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// still is a target on which nothing is sent; before says what happens at the
// n-th start, from 1.
type still struct {
	starts int
	before func(start int) error
}

func (s *still) Start(context.Context) (target.Target, error) {
	s.starts++
	return s, s.before(s.starts)
}

func (s *still) String() string            { return "a target on which nothing is sent" }
func (s *still) URL() string               { return "" }
func (s *still) Observer() target.Observer { return nil }
func (s *still) Gone() <-chan struct{}     { return nil }
func (s *still) Err() error                { return nil }
func (s *still) Stop() error               { return nil }

// silent is a claim with two arms that send nothing, so that none of its runs
// can be trusted.
func silent(before func(start int) error) Claim {
	s := &still{before: before}
	return Claim{
		Arms: func(Settings) []attack.Arm {
			return []attack.Arm{{Name: "a", Target: s}, {Name: "b", Target: s}}
		},
		Judge:  func(Settings, []analysis.Block) Judgement { panic("nothing can be judged") },
		Effect: func([]analysis.Block) time.Duration { return 0 },
	}
}

func runAlone(ctx context.Context, c Claim) (Result, error) {
	results, err := Studies([]Claim{c}, settings(2))[0].Run(ctx, settings(2), nil, attack.Hooks{})
	return results[0], err
}

func TestRunMakesUpForLostBlocks(t *testing.T) {
	r, err := runAlone(t.Context(), silent(func(int) error { return nil }))
	if err != nil {
		t.Fatal(err)
	}
	// Six blocks and two to spare, of two arms.
	if len(r.Runs) != 16 || r.Runs[15].Block != 7 || r.Planned != 6 || r.Partial {
		t.Errorf("got %d runs, %d blocks planned, partial %v", len(r.Runs), r.Planned, r.Partial)
	}
	v := r.Verdict
	if v.Outcome != analysis.Invalid || v.Headline != "no block can be trusted" || v.Blocks != 0 || len(v.Reasons) != 16 || len(r.Trusted) != 0 {
		t.Errorf("got %+v", v)
	}
	for _, reason := range v.Reasons {
		if !strings.HasSuffix(reason, "left out: nothing was sent") {
			t.Errorf("got reason %q", reason)
		}
	}
}

func TestRunBrokenOff(t *testing.T) {
	broken := errors.New("it does not start")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	cases := []struct {
		name   string
		before func(start int) error
		want   error
		runs   int
	}{
		{"at the first start", func(int) error { return broken }, broken, 0},
		{"in the third block", func(start int) error {
			if start == 3 {
				return broken
			}
			return nil
		}, broken, 4}, // a block is one process
		{"interrupted in the second block", func(start int) error {
			if start == 2 {
				interrupt()
			}
			return nil
		}, context.Canceled, 3},
	}
	for _, c := range cases {
		r, err := runAlone(ctx, silent(c.before))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got error %v, want %v", c.name, err, c.want)
		}
		if !r.Partial || !slices.Contains(r.Verdict.Warnings, "partial: the bench did not come to its end") {
			t.Errorf("%s: partial is %v, warnings %q", c.name, r.Partial, r.Verdict.Warnings)
		}
		if len(r.Runs) != c.runs || r.Verdict.Outcome != analysis.Invalid {
			t.Errorf("%s: got %d runs, %s; want %d, invalid", c.name, len(r.Runs), r.Verdict.Outcome, c.runs)
		}
	}
}

// The effect, of which 20 % may be late, is that of all runs so far.
func TestTrustFollowsTheEffect(t *testing.T) {
	trusted := Studies([]Claim{chunking()}, settings(2))[0].trusted
	runs := chunkingRuns(6, blocked)
	late := sentLate(runs[1], 75*ms) // of 400 − 8 ms are 78 ms too much, of 100 − 8 ms 18 ms
	if !trusted(runs[:3])(late) {
		t.Error("75 ms late is 19 % of the effect, and not trusted")
	}
	small := chunkingRuns(6, func(int) probes { return probes{ms, 100 * ms} })
	if trusted(small)(late) {
		t.Error("75 ms late is 82 % of the effect, and trusted")
	}
}
