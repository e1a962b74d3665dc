package scenario

import (
	"strings"
	"time"

	"github.com/looptest/looptest/attack"
)

// budgets gathers them from the file, its streams and its phases.
func (b *building) budgets() {
	for _, spec := range b.file.Budgets {
		b.budget(spec, "", "")
	}
	for _, e := range b.file.Streams {
		for _, spec := range e.value.Budgets {
			b.budget(spec, e.name, "")
		}
	}
	for _, p := range b.file.Phases {
		for _, spec := range p.Budgets {
			b.budget(spec, "", p.Name)
		}
	}
}

// budget adds one that stands in a stream or phase, or in neither.
func (b *building) budget(spec budgetSpec, stream, phase string) {
	at := func(key string) place {
		if spec.at.node.kind == scalar {
			return spec.at
		}
		return spec.at.child(key)
	}
	budget := spec.Assert.Budget
	budget.Stream, budget.Phase, budget.Abort = stream, phase, spec.Abort
	switch {
	case spec.Stream == "":
	case stream != "":
		b.add(at("stream"), "this budget stands in the stream %q already", stream)
	case b.streamNamed(spec.Stream) < 0:
		b.missing(at("stream"), "stream", spec.Stream, b.streamNames())
	default:
		budget.Stream = spec.Stream
	}
	switch {
	case spec.Phase == "":
	case phase != "":
		b.add(at("phase"), "this budget stands in the phase %q already", phase)
	case b.phase(spec.Phase) < 0:
		b.missing(at("phase"), "phase", spec.Phase, b.phaseNames())
	default:
		budget.Phase = spec.Phase
	}
	if quantity, _ := SplitMetric(budget.Metric); quantity == Lag && budget.Stream != "" {
		b.add(at("assert"), "the lag is the target's, not a stream's; put this under the whole's budgets")
	}
	b.possible(at("assert"), budget)
	b.made.Budgets = append(b.made.Budgets, budget)
}

func (b *building) missing(at place, what, name string, names []string) {
	if near := Nearest(name, names); near != "" {
		b.add(at, "there is no %s %q; did you mean %q?", what, clipped(name), near)
		return
	}
	if len(names) == 0 {
		b.add(at, "there is no %s %q: the file names none", what, clipped(name))
		return
	}
	b.add(at, "there is no %s %q; there are %s", what, clipped(name), strings.Join(names, ", "))
}

// possible notes a throughput that the load does not even ask for.
func (b *building) possible(at place, budget Budget) {
	if budget.Metric != Throughput || budget.Op[0] != '>' {
		return
	}
	begins, ends := time.Duration(0), b.made.Span()
	if i := b.phase(budget.Phase); i >= 0 {
		begins = b.made.Phases[i].Begins
		ends = begins + b.made.Phases[i].Lasts
	}
	offered := 0
	for _, s := range b.made.Streams {
		if budget.Stream != "" && s.Name != budget.Stream {
			continue
		}
		offered += attack.DueBefore(s.Schedule, ends) - attack.DueBefore(s.Schedule, begins)
	}
	most := float64(offered) / (ends - begins).Seconds()
	if most < budget.Value || most == budget.Value && budget.Op == ">" {
		b.add(at, "%s can't be held: only %.6g/s are sent", clipped(budget.Text), most)
	}
}

func (b *building) streamNamed(name string) int {
	for i, s := range b.made.Streams {
		if s.Name == name {
			return i
		}
	}
	return -1
}

func (b *building) streamNames() []string {
	var names []string
	for _, s := range b.made.Streams {
		names = append(names, s.Name)
	}
	return names
}
