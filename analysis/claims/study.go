package claims

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Study is claims that are run together because they share arms: an arm that
// several of them need is run once a block.
type Study struct {
	claims []Claim
	arms   []attack.Arm // each once, under the name that its first claim gives it
	// names gives, by claim and by an arm's name in the study, what that claim
	// calls it.
	names map[string]map[string]string
}

// Studies groups the claims by the arms that they share.
func Studies(chosen []Claim, s Settings) []Study {
	var studies []Study
	for _, c := range chosen {
		arms := c.Arms(s)
		i := slices.IndexFunc(studies, func(st Study) bool {
			return slices.ContainsFunc(arms, func(a attack.Arm) bool { return st.find(a) >= 0 })
		})
		if i < 0 {
			i = len(studies)
			studies = append(studies, Study{names: map[string]map[string]string{}})
		}
		studies[i].add(c, arms)
	}
	return studies
}

func (st *Study) add(c Claim, arms []attack.Arm) {
	st.claims = append(st.claims, c)
	st.names[c.Name] = map[string]string{}
	others := len(st.arms) // a claim's own arms stay apart, also when they do the same
	for _, a := range arms {
		i := st.find(a)
		if i < 0 || i >= others {
			i = len(st.arms)
			st.arms = append(st.arms, a)
		}
		st.names[c.Name][st.arms[i].Name] = a.Name
	}
}

// find gives the place of an arm that does the same, whatever its name; −1
// when there is none.
func (st Study) find(a attack.Arm) int {
	return slices.IndexFunc(st.arms, func(other attack.Arm) bool {
		other.Name = a.Name
		return reflect.DeepEqual(other, a)
	})
}

// Name lists the claims: "chunking, offload".
func (st Study) Name() string {
	names := make([]string, len(st.claims))
	for i, c := range st.claims {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// Plan is the study's design: every arm once a block.
func (st Study) Plan(s Settings) attack.Plan {
	return attack.Plan{Arms: st.arms, Blocks: s.Blocks, Seed: s.Seed}
}

// Run carries the study out, after the runs that an earlier session left, and
// judges each claim. On an error the results hold what was measured so far.
func (st Study) Run(ctx context.Context, s Settings, earlier []attack.Run, hooks attack.Hooks) ([]Result, error) {
	began := time.Now()
	design := analysis.FixedDesign{Plan: st.Plan(s), Spare: spareBlocks, Trusted: st.trusted}
	runs, err := analysis.Conduct(ctx, design, earlier, hooks)
	var results []Result
	for _, c := range st.claims {
		r := c.judge(s, st.of(c, runs))
		r.Took = time.Since(began)
		if r.Partial = err != nil; r.Partial {
			r.Verdict.Warnings = append(r.Verdict.Warnings, "partial: the bench did not come to its end")
		}
		results = append(results, r)
	}
	return results, err
}

// trusted says whether every claim that a run belongs to can trust it.
func (st Study) trusted(runs []attack.Run) func(attack.Run) bool {
	type trust struct {
		names  map[string]string
		effect time.Duration
	}
	var trusts []trust
	for _, c := range st.claims {
		trusts = append(trusts, trust{st.names[c.Name], c.effect(st.of(c, runs))})
	}
	return func(r attack.Run) bool {
		for _, t := range trusts {
			if _, belongs := t.names[r.Arm]; belongs && len(analysis.Examine(r, t.effect).Invalid) > 0 {
				return false
			}
		}
		return true
	}
}

// of gives the runs of a claim's arms, under the names that it gives them.
func (st Study) of(c Claim, runs []attack.Run) []attack.Run {
	var of []attack.Run
	for _, r := range runs {
		if name, belongs := st.names[c.Name][r.Arm]; belongs {
			r.Arm = name
			of = append(of, r)
		}
	}
	return of
}
