package analysis

import (
	"cmp"
	"slices"
	"time"

	"github.com/looptest/looptest/attack"
)

// Stall is an interval in which a stream had no answer while its requests were
// waiting.
type Stall struct {
	Stream  string
	Begins  time.Duration
	Lasts   time.Duration
	Waiting int // requests that it left without an answer when it ended; about
}

// What counts as a stall.
const (
	shortestStall = 100 * time.Millisecond // what a person notices
	stallOfMedian = 3                      // times the stream's median response: a slow answer is no stall
	leastWaiting  = 2
	mostStalls    = 10

	mostTurns  = 4096
	firstTurns = 1 << 20 // nanoseconds
)

// turn is what a stream did in a short piece of time. The gaps between answers
// that are longer than it follow exactly from the first and last answer of each.
type turn struct {
	meant, answered, failed uint32        // failed: given up without an answer
	firstMeant              time.Duration // when meant > 0
	firstAnswer, lastAnswer time.Duration // when answered > 0
	lastFailed              time.Duration // when failed > 0
}

func newTurns() columns[turn] {
	return columns[turn]{width: firstTurns, limit: mostTurns, fold: (*turn).merge}
}

func (u *turn) merge(other *turn) {
	u.firstMeant = earlier(u.meant > 0, u.firstMeant, other.meant > 0, other.firstMeant)
	u.firstAnswer = earlier(u.answered > 0, u.firstAnswer, other.answered > 0, other.firstAnswer)
	u.lastAnswer = max(u.lastAnswer, other.lastAnswer)
	u.lastFailed = max(u.lastFailed, other.lastFailed)
	u.meant += other.meant
	u.answered += other.answered
	u.failed += other.failed
}

// earlier is the earlier of the moments that there are.
func earlier(isA bool, a time.Duration, isB bool, b time.Duration) time.Duration {
	if !isA || isB && b < a {
		return b
	}
	return a
}

func (s *streamTally) addTurn(sample *attack.Sample) {
	meant := s.turns.at(sample.Intended)
	meant.firstMeant = earlier(meant.meant > 0, meant.firstMeant, true, sample.Intended)
	meant.meant++
	done := s.turns.at(sample.Done)
	if !sample.Answered() {
		done.failed++
		done.lastFailed = max(done.lastFailed, sample.Done)
		return
	}
	done.firstAnswer = earlier(done.answered > 0, done.firstAnswer, true, sample.Done)
	done.answered++
	done.lastAnswer = max(done.lastAnswer, sample.Done)
}

// stalls gives the stream's stalls, in order of time, from its name and median
// response.
func (s *streamTally) stalls(name string, median time.Duration) []Stall {
	var found []Stall
	g := gap{counts: countTurns(s.turns.all), turns: s.turns.all, width: s.turns.width, first: -1}
	least := max(shortestStall, stallOfMedian*median, s.turns.width)
	var lastFailed time.Duration
	failedIn := 0
	for i, u := range s.turns.all {
		if u.answered > 0 {
			g.to, g.last = u.firstAnswer, i
			found = g.stall(found, name, least)
			g.from, g.first = u.lastAnswer, i
		}
		if u.failed > 0 {
			lastFailed, failedIn = u.lastFailed, i
		}
	}
	if lastFailed > g.from { // the target never came back
		g.to, g.last = lastFailed, failedIn
		found = g.stall(found, name, least)
	}
	return found
}

// gap is an interval without an answer, from a moment of the first turn (−1: the
// beginning) to one of the last.
type gap struct {
	turns       []turn
	counts      []turnCount
	width       time.Duration
	from, to    time.Duration
	first, last int
}

// turnCount is what there was before a turn.
type turnCount struct{ meant, answered, failed int }

func countTurns(turns []turn) []turnCount {
	counts := make([]turnCount, len(turns)+1)
	for i, u := range turns {
		c := counts[i]
		counts[i+1] = turnCount{c.meant + int(u.meant), c.answered + int(u.answered), c.failed + int(u.failed)}
	}
	return counts
}

// stall appends the gap when it is one: it begins with the first request that
// waits in it, or at once when one is waiting already.
func (g *gap) stall(found []Stall, name string, least time.Duration) []Stall {
	if g.to-g.from < least {
		return found
	}
	before := g.counts[g.first+1]
	begins := g.from
	if before.meant <= before.answered+before.failed {
		begins = g.firstMeant()
	}
	inLast := float64(g.turns[g.last].meant) * float64(g.to-time.Duration(g.last)*g.width) / float64(g.width)
	waiting := g.counts[g.last].meant + int(inLast+0.5) - before.answered - before.failed
	if g.to-begins < least || waiting < leastWaiting {
		return found
	}
	return append(found, Stall{Stream: name, Begins: begins, Lasts: g.to - begins, Waiting: waiting})
}

// firstMeant is when the first request of the gap was meant to be sent.
func (g *gap) firstMeant() time.Duration {
	for _, u := range g.turns[g.first+1 : g.last+1] {
		if u.meant > 0 {
			return max(g.from, u.firstMeant)
		}
	}
	return g.to
}

// longestStalls keeps the longest, the longest first.
func longestStalls(stalls []Stall) []Stall {
	slices.SortStableFunc(stalls, func(a, b Stall) int { return cmp.Compare(b.Lasts, a.Lasts) })
	return stalls[:min(len(stalls), mostStalls)]
}
