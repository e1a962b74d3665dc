package scenario

import (
	"regexp"
	"slices"
	"time"

	"github.com/looptest/looptest/attack"
)

// building makes a scenario of a file that was read without a mistake, and notes
// what can't be: names that don't exist, bounds that can't be kept.
type building struct {
	*mistakes
	world *world
	file  *file
	made  Scenario
}

// Bounds of a scenario in all.
const (
	maxRequests = 1_000_000_000
	maxStreams  = 100
	maxPhases   = 1000
)

func (b *building) scenario() *Scenario {
	b.made.Name = b.file.Name
	b.made.Warmup.Lasts = time.Duration(b.file.Warmup)
	b.phases()
	b.streams()
	b.target()
	if len(b.list) == 0 {
		b.tooMany()
		b.budgets()
	}
	return &b.made
}

var nameForm = regexp.MustCompile(`^[\pL\pN][\pL\pN ._/-]{0,63}$`)

// called checks the name of a stream or phase.
func (b *building) called(at place, name string) {
	if !nameForm.MatchString(name) {
		b.add(at, "%q is no name; it has up to 64 letters, digits, dots, dashes or blanks, and begins with a letter or digit", clipped(name))
	}
}

func (b *building) phases() {
	f := b.file
	at := f.at.child("phases")
	switch {
	case f.Duration > 0 && len(f.Phases) > 0:
		b.add(f.at.child("duration"), "the phases have durations of their own; leave one of the two out")
	case f.Duration == 0 && len(f.Phases) == 0:
		b.add(f.at, "duration is missing: how long the measured part lasts; or name phases")
	case len(f.Phases) > maxPhases:
		b.add(at, "there are more than %d phases", maxPhases)
	case f.Duration > 0:
		b.made.Phases = []attack.Phase{{Lasts: time.Duration(f.Duration)}}
	}
	var begins time.Duration
	for i, p := range first(f.Phases, maxPhases) {
		b.called(p.at.child("name"), p.Name)
		switch {
		case slices.Contains(shapeNames, p.Name) || p.Name == "off":
			b.add(p.at.child("name"), "%q is a shape of load, so no phase can be called that", p.Name)
		case slices.ContainsFunc(f.Phases[:i], func(other phaseSpec) bool { return other.Name == p.Name }):
			b.add(p.at.child("name"), "there is a phase %q already", p.Name)
		}
		b.made.Phases = append(b.made.Phases, attack.Phase{Name: p.Name, Begins: begins, Lasts: time.Duration(p.Duration)})
		begins += time.Duration(p.Duration)
	}
	if begins > maxDuration {
		b.add(at, "the phases last longer than a week")
	}
}

func (b *building) streams() {
	at := b.file.at.child("streams")
	switch {
	case len(b.file.Streams) == 0:
		b.add(at, "names no stream")
		return
	case len(b.file.Streams) > maxStreams:
		b.add(at, "there are more than %d streams", maxStreams)
		return
	}
	for _, e := range b.file.Streams {
		b.called(e.key, e.name)
		b.made.Streams = append(b.made.Streams, b.stream(e.name, e.value))
	}
}

func (b *building) stream(name string, spec streamSpec) attack.Stream {
	s := attack.Stream{
		Name: name, Role: attack.Role(spec.Role), Timeout: time.Duration(spec.Timeout),
		MaxBody: int64(spec.MaxBody), Requests: b.requests(spec), Schedule: b.schedule(spec.Load),
	}
	if s.Role == "" {
		s.Role = attack.Probe
	}
	if spec.Expect != nil {
		s.Expect, s.Match = spec.Expect.Codes.expects(), spec.Expect.Body.Regexp
	}
	return s
}

// tooMany bounds the requests in all, and wants one at least.
func (b *building) tooMany() {
	sum := 0
	for i, s := range b.made.Streams {
		count := s.Schedule.Count()
		if sum += count; sum > maxRequests || count < 0 {
			b.add(b.file.Streams[i].value.at.child("load"), "the streams ask for more than a billion requests in all")
			return
		}
	}
	if sum == 0 {
		b.add(b.file.Streams[0].value.at.child("load"), "no stream sends anything")
	}
}
