package scenario

import (
	"strings"
	"time"

	"github.com/looptest/looptest/attack"
)

// schedule makes a stream's schedule over all phases. A shape of its own goes
// over the whole; a phase that a load does not name is silent.
func (b *building) schedule(load loadSpec) attack.Schedule {
	var whole time.Duration
	for _, p := range b.made.Phases {
		whole += p.Lasts
	}
	if load.whole != nil {
		return b.shape(load.whole, whole)
	}
	for _, e := range load.byPhase {
		if b.phase(e.name) < 0 {
			b.noPhase(e)
		}
	}
	var all attack.Sequence
	for _, p := range b.made.Phases {
		var part attack.Schedule = attack.Silence{Lasts: p.Lasts}
		for _, e := range load.byPhase {
			if e.name == p.Name {
				part = b.shape(&e.value, p.Lasts)
			}
		}
		all = append(all, part)
	}
	return all
}

func (b *building) noPhase(e entry[shapeSpec]) {
	names := append(b.phaseNames(), shapeNames...)
	near := Nearest(e.name, names)
	switch {
	case near != "":
		b.add(e.key, "there is no phase or shape %q; did you mean %q?", clipped(e.name), near)
	case len(b.file.Phases) == 0:
		b.add(e.key, "there is no shape %q; there are %s", clipped(e.name), strings.Join(shapeNames, ", "))
	default:
		b.add(e.key, "there is no phase %q; there are %s", clipped(e.name), strings.Join(b.phaseNames(), ", "))
	}
}

// shape makes a schedule of that length.
func (b *building) shape(s *shapeSpec, lasts time.Duration) attack.Schedule {
	if s.at.node.kind == scalar && s.Ramp == nil {
		switch {
		case s.Off:
			return attack.Silence{Lasts: lasts}
		case s.Rate == 0:
			b.add(s.at, "%s sends nothing; write off where that is meant", clipped(s.at.node.written))
		}
		return attack.Constant{Rate: float64(s.Rate), Lasts: lasts}
	}
	if len(s.at.node.pairs) > 1 {
		b.add(s.at, "has more than one shape; name phases, and give each its own")
	}
	switch {
	case s.Ramp != nil:
		b.someRate(s.Ramp.at, s.Ramp.From+s.Ramp.To)
		return attack.Ramp{From: float64(s.Ramp.From), To: float64(s.Ramp.To), Lasts: lasts}
	case s.Steps != nil:
		b.someRate(s.Steps.at, s.Steps.From+s.Steps.To)
		return attack.Steps{From: float64(s.Steps.From), To: float64(s.Steps.To), Levels: int(s.Steps.Count), Lasts: lasts}
	case s.Sine != nil:
		return b.sine(s.Sine, lasts)
	case s.Burst != nil:
		return b.burst(s.Burst, lasts)
	}
	b.add(s.at, "names no shape; there are %s", strings.Join(shapeNames, ", "))
	return attack.Silence{Lasts: lasts}
}

func (b *building) someRate(at place, sum rate) {
	if sum == 0 {
		b.add(at, "goes from nothing to nothing; write off where that is meant")
	}
}

func (b *building) sine(s *sineSpec, lasts time.Duration) attack.Schedule {
	switch {
	case s.Mean == 0:
		b.add(s.at.child("mean"), "has to be more than zero")
	case s.Amplitude > s.Mean:
		b.add(s.at.child("amplitude"), "is more than the mean: the rate would be below zero at times")
	case s.Mean+s.Amplitude > maxRate:
		b.add(s.at.child("amplitude"), "makes a rate of more than 1,000,000/s, the most that is sent")
	}
	return attack.Sine{Mean: float64(s.Mean), Amplitude: float64(s.Amplitude), Period: time.Duration(s.Period), Lasts: lasts}
}

func (b *building) burst(s *burstSpec, lasts time.Duration) attack.Schedule {
	every := time.Duration(s.Every)
	if float64(s.Size)/every.Seconds() > maxRate {
		b.add(s.at, "makes a rate of more than 1,000,000/s, the most that is sent")
	}
	return attack.Bursts{Size: int(s.Size), Every: every, Lasts: lasts}
}

// phase is a phase's index, −1 when there is none of that name.
func (b *building) phase(name string) int {
	for i, p := range b.made.Phases {
		if p.Name == name && name != "" {
			return i
		}
	}
	return -1
}

func (b *building) phaseNames() []string {
	var names []string
	for _, p := range b.file.Phases {
		names = append(names, p.Name)
	}
	return names
}
