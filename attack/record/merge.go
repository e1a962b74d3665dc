package record

import (
	"cmp"
	"slices"

	"github.com/looptest/looptest/attack"
)

// Merge makes one recording of several, as if all had begun at the same moment:
// every sample keeps its offset from the beginning of its own run. Streams are
// one when their names are, and requests of a stream when their labels are;
// phases are one when their names are, and reach from the earliest beginning to
// the latest end of that name. Counts are added by stream, losses too, and
// heartbeats of all are kept. The merged recording began when the earliest did,
// has the environment of the first, and no scenario, target or summary of its
// own; it is partial, or without intended times, when one of them is. Seq isn't
// unique in it. Closing it closes all; they can still be read by themselves.
//
// A single recording is given back as it is.
func Merge(readers ...*Reader) *Reader {
	if len(readers) == 1 {
		return readers[0]
	}
	m := &Reader{head: Head{Version: Version}}
	for i, r := range readers {
		m.mergeHead(r.head, i == 0)
		streams, requests := m.mergeStreams(r.head.Streams)
		for _, p := range r.pieces {
			m.pieces = append(m.pieces, renamed{p, streams, requests})
		}
		m.lags = append(m.lags, r.lags...)
		m.warnings = append(m.warnings, r.Warnings()...)
		m.closers = append(m.closers, r.Close)
	}
	m.head.Counts = countsOf(m.head.Streams, readers)
	return m
}

func (r *Reader) mergeHead(h Head, first bool) {
	into := &r.head
	if first {
		into.Command, into.Looptest, into.Environment, into.Began = h.Command, h.Looptest, h.Environment, h.Began
	}
	if into.Began.IsZero() || !h.Began.IsZero() && h.Began.Before(into.Began) {
		into.Began = h.Began
	}
	if !first && into.NoIntended != h.NoIntended {
		r.warn("intended times are known for a part of the samples only: response times are not shown")
	}
	into.Span = max(into.Span, h.span())
	into.Partial = into.Partial || h.Partial
	into.Unfinished = into.Unfinished || h.Unfinished
	into.NoIntended = into.NoIntended || h.NoIntended
	into.NoTimes = into.NoTimes || h.NoTimes
	into.Lost += h.Lost
	if into.Failure == "" {
		into.Failure = h.Failure
	}
	r.mergePhases(h.Phases)
}

// countsOf adds the counts of each stream up; none when they aren't known of all
// recordings, since the sum would be of a part only.
func countsOf(streams []Stream, readers []*Reader) []attack.StreamCount {
	counts := make([]attack.StreamCount, len(streams))
	for i, s := range streams {
		counts[i] = attack.StreamCount{Name: s.Name, Role: s.Role, Labels: s.Labels}
	}
	for _, r := range readers {
		if len(r.head.Counts) == 0 {
			return nil
		}
		for _, c := range r.head.Counts {
			at := slices.IndexFunc(streams, func(s Stream) bool { return s.Name == c.Name })
			if at < 0 {
				continue
			}
			into := &counts[at]
			into.Offered += c.Offered
			into.Sent += c.Sent
			into.Unsent += c.Unsent
			into.Bad += c.Bad
			into.Span = max(into.Span, c.Span)
		}
	}
	return counts
}

func (r *Reader) mergePhases(phases []attack.Phase) {
	into := &r.head.Phases
	for _, p := range phases {
		at := slices.IndexFunc(*into, func(other attack.Phase) bool { return other.Name == p.Name })
		if at < 0 {
			*into = append(*into, p)
			continue
		}
		known := &(*into)[at]
		if *known != p {
			r.warn("phase %q is not at the same time in all recordings: it is taken from its earliest beginning to its latest end", p.Name)
			ends := max(known.Begins+known.Lasts, p.Begins+p.Lasts)
			known.Begins = min(known.Begins, p.Begins)
			known.Lasts = ends - known.Begins
		}
	}
	slices.SortStableFunc(*into, func(a, b attack.Phase) int { return cmp.Compare(a.Begins, b.Begins) })
}

// mergeStreams gives the new index of each stream, and of each of its requests.
func (r *Reader) mergeStreams(streams []Stream) (indexes []int, requests [][]int) {
	for _, s := range streams {
		at := slices.IndexFunc(r.head.Streams, func(other Stream) bool { return other.Name == s.Name })
		if at < 0 {
			at = len(r.head.Streams)
			r.head.Streams = append(r.head.Streams, Stream{Name: s.Name, Role: s.Role})
		}
		into := &r.head.Streams[at]
		of := make([]int, max(len(s.Labels), 1))
		for i, label := range s.Labels {
			if of[i] = slices.Index(into.Labels, label); of[i] < 0 {
				of[i] = len(into.Labels)
				into.Labels = append(into.Labels, label)
			}
		}
		indexes, requests = append(indexes, at), append(requests, of)
	}
	return indexes, requests
}

// renamed is a piece with other indexes.
type renamed struct {
	piece
	streams  []int
	requests [][]int
}

func (p renamed) read(s *scratch, f func([]attack.Sample) error) error {
	return p.piece.read(s, func(batch []attack.Sample) error {
		for i := range batch {
			was := batch[i].Stream
			batch[i].Stream, batch[i].Request = p.streams[was], p.requests[was][batch[i].Request]
		}
		return f(batch)
	})
}
