package detect

import (
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Watch finds stalls among probes that are sent on and on, while their answers
// come. A stall is told from a slow answer by its end: several probes, sent one
// after the other on connections of their own, are answered at the same time. It is
// not safe for concurrent use, and its memory does not grow with time.
type Watch struct {
	schedule attack.Constant
	interval time.Duration // between probes
	least    time.Duration // shorter stalls are not told

	usual  ring[time.Duration]      // how long answers usually take
	quick  ring[quickAnswer]        // the last that were answered as usual
	group  []attack.Sample          // slow ones that were answered together, the last such group
	silent silence                  // since the last answer
	freed  time.Duration            // when the last group was answered
	order  outstanding              // which probes have no answer yet
	times  analysis.Histogram       // of all answers
	worst  []Seen                   // the longest
	errors map[attack.ErrorKind]int // probes without an answer
	sum    Watched
}

// Seen is a stall that was seen: for that long nobody was served.
type Seen struct {
	Begins time.Duration // from the first probe on
	// Length is in ns. It began between the last probe that was answered and the
	// first that was not, which is its interval.
	Length  analysis.Estimate
	Waiting int              // probes that it held up
	Partly  bool             // others were answered meanwhile: only some connections
	Lasting bool             // it had not ended yet
	Failed  attack.ErrorKind // there was no connection, or it was lost; empty when probes only waited
}

// Watched is what was seen in all.
type Watched struct {
	Took     time.Duration
	Sent     int
	Stalls   int
	Blocked  time.Duration // all stalls together
	Worst    []Seen        // the longest, the longest first
	Response analysis.Distribution
	Errors   map[attack.ErrorKind]int
	Late     int // probes that looptest itself sent too late
}

// Longest is the longest stall, 0 for none.
func (w Watched) Longest() time.Duration {
	if len(w.Worst) == 0 {
		return 0
	}
	return time.Duration(w.Worst[0].Length.Value)
}

const (
	// atOnce is how far apart probes are answered that one stall held up.
	atOnce = 10 * time.Millisecond
	// leastProbes is how many make a stall.
	leastProbes = 2
	// leastIntervals and leastTold bound from below what is told: shorter stalls
	// hold up too few probes.
	leastIntervals = 2.5
	leastTold      = 10 * time.Millisecond

	usualMost = 64
	quickMost = 512
	worstMost = 100
)

// ShortestSeen is the shortest stall that probes at that rate can tell.
func ShortestSeen(rate float64) time.Duration {
	return max(leastTold, time.Duration(leastIntervals*float64(time.Second)/rate))
}

// NewWatch makes a watch of probes that are due by the schedule.
func NewWatch(schedule attack.Constant) *Watch {
	return &Watch{
		schedule: schedule, interval: time.Duration(float64(time.Second) / schedule.Rate), least: ShortestSeen(schedule.Rate),
		usual: ring[time.Duration]{most: usualMost}, quick: ring[quickAnswer]{most: quickMost},
		order: outstanding{done: map[int]bool{}}, errors: map[attack.ErrorKind]int{},
	}
}

// quickAnswer is a probe that nothing held up.
type quickAnswer struct{ sent, done time.Duration }

// silence is a time without an answer in which probes failed.
type silence struct {
	begins time.Duration
	probes int
	kind   attack.ErrorKind
}

// Add takes a probe that is done, and gives the stalls that are over.
func (w *Watch) Add(s attack.Sample) (over []Seen) {
	w.order.finish(s.Seq)
	w.sum.Sent++
	w.sum.Late += count(s.SendLag() > w.interval)
	if !s.Answered() {
		w.fail(s)
		return nil
	}
	w.times.Add(s.Service())
	if len(w.group) > 0 && !w.joins(s) {
		over = w.close(over)
	}
	if s.Service() > w.limit() {
		w.group = append(w.group, s)
		return over
	}
	w.usual.add(s.Service())
	if len(w.group) == 0 && w.silent.probes > 0 && s.Sent > w.silent.begins {
		over = w.tell(over, w.outage(s.Done))
	}
	w.quick.add(quickAnswer{s.Sent, s.Done})
	return over
}

// fail notes a probe without an answer.
func (w *Watch) fail(s attack.Sample) {
	if s.Err != attack.ErrCanceled {
		w.errors[s.Err]++
	}
	if w.silent.probes == 0 || s.Sent < w.silent.begins {
		w.silent.begins = s.Sent
	}
	w.silent.probes++
	if s.Err != attack.ErrTimeout && s.Err != attack.ErrCanceled { // those are waiting for an answer
		w.silent.kind = s.Err
	}
}

// limit is from which service time on an answer is slow.
func (w *Watch) limit() time.Duration {
	usual := analysis.Describe(slices.Clone(w.usual.all)).P50
	return max(4*usual, usual+atOnce/2)
}

// joins reports whether an answer came with the group's, to a probe that was on its
// way with theirs.
func (w *Watch) joins(s attack.Sample) bool {
	return s.Sent < w.group[0].Done && s.Done <= w.group[0].Done+atOnce
}

// close ends the group, which is a stall when it looks like one: the probes left
// one after the other, and were answered together.
func (w *Watch) close(over []Seen) []Seen {
	group := w.group
	w.group = nil
	first, last := group[0], group[0]
	end, latest, late := group[0].Done, group[0].Done, time.Duration(0)
	for _, s := range group {
		if s.Sent < first.Sent {
			first = s
		}
		if s.Sent > last.Sent {
			last = s
		}
		end, latest, late = min(end, s.Done), max(latest, s.Done), max(late, s.SendLag())
	}
	if len(group) < leastProbes || 2*(latest-end) > last.Sent-first.Sent {
		for _, s := range group { // they only took long
			w.usual.add(s.Service())
		}
		w.freed = latest
		return over
	}
	seen := w.seen(first.Sent, end-late, len(group))
	w.freed = latest
	return w.tell(over, seen)
}

// seen is a stall up to an answer. Probes that failed before it in silence were
// held up by it too.
func (w *Watch) seen(begins, end time.Duration, probes int) Seen {
	s := Seen{Begins: begins, Waiting: probes}
	if w.silent.probes > 0 && w.silent.begins < begins {
		s.Begins, s.Waiting, s.Failed = max(w.silent.begins, w.served(begins)), probes+w.silent.probes, w.silent.kind
	}
	w.silent = silence{}
	s.Length = w.length(s.Begins, end)
	for _, q := range w.quick.all {
		s.Partly = s.Partly || q.sent > s.Begins && q.done < end-atOnce
	}
	return s
}

// length is a stall's, whose beginning lies up to an interval before the first
// probe that it held up.
func (w *Watch) length(begins, end time.Duration) analysis.Estimate {
	low := float64(max(0, end-begins))
	return analysis.Estimate{Value: low + float64(w.interval)/2, Low: low, High: low + float64(w.interval), Confidence: 1, N: 1}
}

// outage is a time in which probes failed and none was answered, up to an answer.
func (w *Watch) outage(end time.Duration) Seen {
	s := Seen{Begins: max(w.silent.begins, w.served(end)), Waiting: w.silent.probes, Failed: w.silent.kind}
	s.Length = w.length(s.Begins, end)
	w.silent = silence{}
	return s
}

// served is when the last answer came by that moment, but for those that are in the
// group.
func (w *Watch) served(by time.Duration) time.Duration {
	last := w.freed
	for _, q := range w.quick.all {
		if q.done <= by {
			last = max(last, q.done)
		}
	}
	return last
}

// tell counts a stall and appends it, when it is long enough.
func (w *Watch) tell(over []Seen, s Seen) []Seen {
	if s.Length.Value < float64(w.least) {
		return over
	}
	w.sum.Stalls++
	w.sum.Blocked += time.Duration(s.Length.Value)
	w.worst = append(w.worst, s)
	slices.SortStableFunc(w.worst, func(a, b Seen) int { return int(b.Length.Value - a.Length.Value) })
	w.worst = w.worst[:min(len(w.worst), worstMost)]
	return append(over, s)
}

// Now tells how it stands: a group that no further answer can join is over; and a
// stall is under way when nobody has been answered for long enough, while several
// probes wait. ok says that there is one.
func (w *Watch) Now(now time.Duration) (over []Seen, under Seen, ok bool) {
	if len(w.group) > 0 && now > w.group[0].Done+2*atOnce {
		over = w.close(nil)
	}
	begins, _ := w.schedule.Due(w.order.first)
	waiting := attack.DueBefore(w.schedule, now) - w.sum.Sent + w.silent.probes
	if w.silent.probes > 0 {
		begins = min(begins, w.silent.begins)
	}
	begins = max(begins, w.served(now))
	if len(w.group) > 0 || waiting < leastProbes || now-begins < w.least {
		return over, Seen{}, false
	}
	return over, Seen{Begins: begins, Length: w.length(begins, now), Waiting: waiting, Lasting: true, Failed: w.silent.kind}, true
}

// End tells what was under way when the watch ended, after the last Add, and sums
// all up.
func (w *Watch) End(now time.Duration) (over []Seen, all Watched) {
	if len(w.group) > 0 {
		over = w.close(over)
	}
	if w.silent.probes >= leastProbes {
		s := w.outage(now)
		s.Lasting = true
		over = w.tell(over, s)
	}
	all = w.Sum()
	all.Took, all.Response, all.Errors = now, w.times.Distribution(), w.errors
	return over, all
}

// Sum is what was seen so far, but for what takes long to sum up.
func (w *Watch) Sum() Watched {
	sum := w.sum
	sum.Worst = slices.Clone(w.worst)
	return sum
}

// Broken gives the rules that the longest stall breaks.
func (w Watched) Broken(rules []Rule) (broken []Rule) {
	for _, r := range rules {
		if r.Kind == AnyStall && w.Longest() > r.Longer {
			broken = append(broken, r)
		}
	}
	return broken
}
