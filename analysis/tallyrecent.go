package analysis

import (
	"time"

	"github.com/looptest/looptest/attack"
)

// Recent is what came in lately.
type Recent struct {
	Since, Span time.Duration // the interval
	Offered     int           // requests due in it; 0 for streams without a known schedule
	Good        int           // good answers that came in it
	Failed      int           // requests that came to nothing good in it
	// Response is of the answers and timeouts that came in the interval, whenever
	// their requests were due, to 2 digits.
	Response Distribution
}

// The last moments are kept in slots of a quarter of a second, for 16 s.
const (
	slotLasts = 250 * time.Millisecond
	slots     = 64
)

// recent is a ring of the last slots, by the moment at which answers came.
type recent [slots]slot

type slot struct {
	number       int64 // of the slot since the beginning, from 1; 0 when unused
	good, failed int
	response     Histogram // coarse
}

// at gives the slot of that number; nil when it is over long ago.
func (r *recent) at(number int64) *slot {
	e := &r[number%slots]
	switch {
	case e.number > number:
		return nil
	case e.number < number:
		*e = slot{number: number, response: newCoarse()}
	}
	return e
}

func (r *recent) add(s *attack.Sample, m *measures) {
	e := r.at(int64(max(s.Done, 0)/slotLasts) + 1)
	if e == nil {
		return
	}
	if m.counts {
		e.response.add(m.response.d, m.response.bucket)
	}
	if s.Err == "" {
		e.good++
	} else {
		e.failed++
	}
}

func (r *recent) merge(other *recent) {
	for i := range other {
		from := &other[i]
		if from.number == 0 {
			continue
		}
		if e := r.at(from.number); e != nil {
			e.good += from.good
			e.failed += from.failed
			e.response.Merge(from.response)
		}
	}
}

// Recent says what came in during the last span before now, at most 16 s, by the
// quarter second. now counts from where the samples' times begin.
func (t *Tally) Recent(now, span time.Duration) Recent {
	last := int64(max(now, 0) / slotLasts)
	first := max(0, last-int64(min(span, (slots-1)*slotLasts)/slotLasts))
	r := Recent{Since: time.Duration(first) * slotLasts}
	r.Span = max(now, 0) - r.Since
	response := newCoarse()
	for k := first; k <= last; k++ {
		e := &t.recent[(k+1)%slots]
		if e.number != k+1 {
			continue
		}
		r.Good += e.good
		r.Failed += e.failed
		response.Merge(e.response)
	}
	for _, s := range t.layout.Streams {
		if s.Schedule != nil {
			r.Offered += dueWithin(s.Schedule, r.Since, now)
		}
	}
	r.Response = response.Distribution()
	return r
}
