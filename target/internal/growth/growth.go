// Package growth tells a heap that keeps growing from one that is only busy.
//
// A reading's way:
//
//  1. It is what was live after a collection of garbage. What is live goes up and
//     down with the requests in flight, so readings are joined to windows, and a
//     window is its least reading: its floor.
//  2. Sixteen windows make a judgement: whether their floors rise in order, by enough
//     to matter, and without flattening out.
//  3. Two windows are joined to one of twice the length, and so on, so that a slow
//     leak is judged over hours by the same rule as a quick one over seconds.
//
// Five collections in a row that each leave more than the one before, the rule of
// node-memwatch, are no sign by themselves: a busy server has dozens a second.
package growth

import (
	"slices"
	"time"
)

const (
	// windows are what a judgement stands on.
	windows = 16
	// mostInversions is how many of their 120 pairs may fall instead of rise: Kendall's
	// rank test. With floors that are in no order the chance of so few is 6 in ten
	// million.
	mostInversions = 12
	// Less is not worth an alarm: a server's own logs fill up by some MB.
	leastGrown = 8 << 20
	leastShare = 0.25
	// flattens is the share of the whole's slope that the second half must still
	// have: of what warms up with a time constant τ it is less once the windows
	// reach over 1.3 τ.
	flattens = 0.8
	// again is how many times more than at an alarm must be live for the next one:
	// what goes up and down gives one alarm, the first time it goes up.
	again = 2
)

// Growth is what an alarm is about.
type Growth struct {
	Grown       int64         // bytes
	Live        int64         // bytes, at its end
	Over        time.Duration // between its first and last windows
	Collections int           // that the windows hold
}

// Watch judges a series of readings.
type Watch struct {
	window time.Duration
	open   floor // the window under way; none while it has no collections
	scales []scale

	quietBelow int64 // no alarm until so much is live
}

// floor is the least that was live in a window.
type floor struct {
	at          time.Duration // when the window began
	live        int64
	collections int
}

// scale is windows of one length.
type scale struct {
	floors []floor // the newest ones
	single *floor  // waits for another one to be joined with
}

// New makes a watch that needs growth for at least that long.
func New(span time.Duration) *Watch { return &Watch{window: span / windows} }

// Add takes what was live after a collection and reports a growth that is a
// reason for alarm.
func (w *Watch) Add(at time.Duration, live int64) (Growth, bool) {
	if w.open.collections > 0 && at < w.open.at+w.window {
		w.open.live = min(w.open.live, live)
		w.open.collections++
		return Growth{}, false
	}
	closed := w.open
	w.open = floor{at, live, 1}
	if closed.collections == 0 {
		return Growth{}, false
	}
	return w.push(0, closed)
}

// push adds a window to a scale, and to the next one what it makes with its
// neighbour. Each scale is judged; the shortest that gives alarm counts.
func (w *Watch) push(i int, f floor) (Growth, bool) {
	if i == len(w.scales) {
		w.scales = append(w.scales, scale{})
	}
	s := &w.scales[i]
	s.add(f)
	g, grows := s.judge()
	alarm := grows && g.Live >= w.quietBelow
	if alarm {
		w.quietBelow = again * g.Live
	}
	if s.single == nil {
		s.single = &f
		return g, alarm
	}
	joined := s.single.join(f)
	s.single = nil
	longer, longerAlarm := w.push(i+1, joined)
	if alarm {
		return g, true
	}
	return longer, longerAlarm
}

func (f floor) join(next floor) floor {
	return floor{f.at, min(f.live, next.live), f.collections + next.collections}
}

func (s *scale) add(f floor) {
	if len(s.floors) == windows {
		s.floors = slices.Delete(s.floors, 0, 1)
	}
	s.floors = append(s.floors, f)
}

// judge holds the rule against the scale's windows.
func (s *scale) judge() (Growth, bool) {
	f := s.floors
	if len(f) < windows || inversions(f) > mostInversions {
		return Growth{}, false
	}
	first, middle, last := middleOf(f[:5]), middleOf(f[5:10]), middleOf(f[windows-5:])
	g := Growth{Grown: last.live - first.live, Live: last.live, Over: last.at - first.at}
	for _, one := range f {
		g.Collections += one.collections
	}
	enough := g.Grown >= leastGrown && float64(g.Grown) >= leastShare*float64(first.live)
	return g, enough && middle.slopeTo(last) >= flattens*first.slopeTo(last)
}

// inversions counts the pairs that don't rise.
func inversions(f []floor) (n int) {
	for i := range f {
		for _, later := range f[i+1:] {
			if later.live <= f[i].live {
				n++
			}
		}
	}
	return n
}

// middleOf is the median of five windows, at the time of the one in the middle.
func middleOf(five []floor) floor {
	live := make([]int64, len(five))
	for i, f := range five {
		live[i] = f.live
	}
	slices.Sort(live)
	return floor{at: five[len(five)/2].at, live: live[len(five)/2]}
}

// slopeTo is in bytes a second.
func (f floor) slopeTo(other floor) float64 {
	return float64(other.live-f.live) / (other.at - f.at).Seconds()
}
