package detect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack/scenario"
	"github.com/looptest/looptest/target"
)

// Kinds are all that an endpoint can be found to be.
var Kinds = []target.Kind{
	target.Blocking, target.PartlyBlocking, target.Cooperative, target.OffLoop, target.Waiting,
	target.Trivial, target.Sheds, target.Processes, target.Unsure,
}

// stalling are those that may hold the loop.
var stalling = []target.Kind{target.Blocking, target.PartlyBlocking, target.Cooperative, target.Processes, target.Unsure}

// AnyStall is a rule's word for every kind that holds the loop.
const AnyStall = "stall"

// Rule is what must not be found: a kind, or a stall that is longer than a bound.
type Rule struct {
	Kind   target.Kind   // AnyStall for any
	Longer time.Duration // 0 for no bound
}

// String is the rule as it is written.
func (r Rule) String() string {
	if r.Longer == 0 {
		return string(r.Kind)
	}
	return fmt.Sprintf("%s>%s", r.Kind, r.Longer)
}

// ParseRule reads "blocking", "blocking>10ms" or "stall>100ms".
func ParseRule(text string) (r Rule, err error) {
	kind, bound, bounded := strings.Cut(text, ">")
	kind = strings.TrimSpace(kind)
	r.Kind = target.Kind(kind)
	if r.Kind != AnyStall && !slices.Contains(Kinds, r.Kind) {
		return r, fmt.Errorf("%q is no kind%s; there are %s, and %s for whatever holds the loop", kind, meant(kind), names(Kinds), AnyStall)
	}
	if !bounded {
		return r, nil
	}
	bound = strings.TrimSpace(bound)
	if r.Longer, err = time.ParseDuration(bound); err != nil || r.Longer <= 0 {
		return r, fmt.Errorf("%q is no length of a stall; write it as %s>10ms", bound, kind)
	}
	if r.Kind != AnyStall && !slices.Contains(stalling, r.Kind) {
		return r, fmt.Errorf("%s work has no stall; leave >%s out, or write stall>%s", kind, bound, bound)
	}
	return r, nil
}

func names(kinds []target.Kind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}

func meant(typed string) string {
	near := scenario.Nearest(typed, append(strings.Split(names(Kinds), ", "), AnyStall))
	if near == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", near)
}

// judge holds a finding against the rule: a fail says that it is broken, and
// inconclusive that the stall's interval crosses the bound.
func (r Rule) judge(f Finding) analysis.Outcome {
	switch {
	case r.Kind == AnyStall && f.Held() == 0, r.Kind != AnyStall && r.Kind != f.Kind:
		return analysis.Pass
	case r.Longer == 0:
		return analysis.Fail
	}
	low, high := f.heldWithin()
	switch {
	case low > r.Longer:
		return analysis.Fail
	case high > r.Longer:
		return analysis.Inconclusive
	}
	return analysis.Pass
}

// heldWithin is the interval of what the finding holds the loop.
func (f Finding) heldWithin() (low, high time.Duration) {
	if f.Stall.Found {
		return time.Duration(f.Stall.Length.Low), time.Duration(f.Stall.Length.High)
	}
	return f.Held(), f.Held()
}

// Broken gives the rules that the finding breaks, and those that it may break.
func (f Finding) Broken(rules []Rule) (broken, open []Rule) {
	for _, r := range rules {
		switch r.judge(f) {
		case analysis.Fail:
			broken = append(broken, r)
		case analysis.Inconclusive:
			open = append(open, r)
		}
	}
	return broken, open
}

// Judge is a fail when a finding breaks a rule, and inconclusive when one may or
// could not be told.
func Judge(findings []Finding, rules []Rule) analysis.Outcome {
	if len(findings) == 0 {
		return analysis.Invalid
	}
	all := analysis.Pass
	for _, f := range findings {
		all = analysis.Worst(all, f.Outcome(rules))
	}
	return all
}

// Outcome is the finding's own part in that.
func (f Finding) Outcome(rules []Rule) analysis.Outcome {
	broken, open := f.Broken(rules)
	switch {
	case len(broken) > 0:
		return analysis.Fail
	case len(open) > 0 || f.Kind == target.Unsure:
		return analysis.Inconclusive
	}
	return analysis.Pass
}
