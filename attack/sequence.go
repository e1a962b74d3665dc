package attack

import "time"

// Silence sends nothing for a while.
type Silence struct{ Lasts time.Duration }

var _ Schedule = Silence{}

// Due has no request.
func (Silence) Due(int) (time.Duration, bool) { return 0, false }

// Count is 0.
func (Silence) Count() int { return 0 }

// Span is Lasts.
func (s Silence) Span() time.Duration { return s.Lasts }

// Sequence is schedules one after the other: each begins when the span of the
// one before it is over.
type Sequence []Schedule

var _ Schedule = Sequence{}

// Due is asked of the part that request n belongs to.
func (s Sequence) Due(n int) (time.Duration, bool) {
	if n < 0 {
		return 0, false
	}
	var begins time.Duration
	for _, part := range s {
		count := part.Count()
		if n < count {
			due, ok := part.Due(n)
			return begins + due, ok
		}
		n -= count
		begins += part.Span()
	}
	return 0, false
}

// Count is the sum of the parts' counts.
func (s Sequence) Count() int {
	sum := 0
	for _, part := range s {
		sum += part.Count()
	}
	return sum
}

// Span is the sum of the parts' spans.
func (s Sequence) Span() time.Duration {
	var sum time.Duration
	for _, part := range s {
		sum += part.Span()
	}
	return sum
}
