package analysis

import (
	"slices"

	"github.com/looptest/looptest/attack"
)

// Place says where a run's samples belong in a layout that it shares with
// others.
type Place struct {
	streams  []int   // by the run's own
	requests [][]int // by the run's own stream and request
}

// JoinLayouts makes one layout of several runs: their streams and requests by
// name. Where several runs have a stream, its schedule is not known any more, and
// neither are phases that aren't the same in all of them.
func JoinLayouts(layouts ...Layout) (Layout, []Place) {
	var joined Layout
	places := make([]Place, len(layouts))
	for i, l := range layouts {
		joined.Span = max(joined.Span, l.Span)
		if i == 0 {
			joined.Phases = l.Phases
		} else if !slices.Equal(joined.Phases, l.Phases) {
			joined.Phases = nil
		}
		for _, s := range l.Streams {
			at, requests := joined.join(s)
			places[i].streams = append(places[i].streams, at)
			places[i].requests = append(places[i].requests, requests)
		}
	}
	return joined, places
}

// join adds a stream, and gives its place and those of its requests.
func (l *Layout) join(s LayoutStream) (at int, requests []int) {
	at = slices.IndexFunc(l.Streams, func(known LayoutStream) bool { return known.Name == s.Name })
	if at < 0 {
		at = len(l.Streams)
		l.Streams = append(l.Streams, LayoutStream{Name: s.Name, Role: s.Role, Schedule: s.Schedule})
	} else {
		l.Streams[at].Schedule = nil
	}
	known := &l.Streams[at]
	for _, label := range s.Labels {
		i := slices.Index(known.Labels, label)
		if i < 0 {
			i = len(known.Labels)
			known.Labels = append(known.Labels, label)
		}
		requests = append(requests, i)
	}
	return at, requests
}

// Move rewrites the run's samples for the layout it shares. A sample of no known
// stream or request stays one.
func (p Place) Move(samples []attack.Sample) {
	for i := range samples {
		s := &samples[i]
		if s.Stream < 0 || s.Stream >= len(p.streams) {
			s.Stream = -1
			continue
		}
		requests := p.requests[s.Stream]
		if s.Request >= 0 && s.Request < len(requests) {
			s.Request = requests[s.Request]
		} else {
			s.Request = -1
		}
		s.Stream = p.streams[s.Stream]
	}
}

// JoinCounts adds the runs' accounts up for the layout they share; nil when those
// of a run were lost. Runs count as one beside the other: the longest span is
// that of all.
func JoinCounts(joined Layout, places []Place, counts [][]attack.StreamCount) []attack.StreamCount {
	total := make([]attack.StreamCount, len(joined.Streams))
	for i, s := range joined.Streams {
		total[i] = attack.StreamCount{Name: s.Name, Role: s.Role, Labels: s.Labels}
	}
	for i, place := range places {
		if i >= len(counts) || len(counts[i]) != len(place.streams) {
			return nil
		}
		for j, c := range counts[i] {
			t := &total[place.streams[j]]
			t.Offered += c.Offered
			t.Sent += c.Sent
			t.Unsent += c.Unsent
			t.Bad += c.Bad
			t.Span = max(t.Span, c.Span)
		}
	}
	return total
}
