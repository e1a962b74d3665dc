package attack

import "time"

// Bursts sends Size requests at once, every Every: request n is due at
// Offset + ⌊n/Size⌋·Every. Either Times says how many bursts there are, or Lasts
// for how long they come; with both, whichever ends first.
type Bursts struct {
	Size   int
	Every  time.Duration
	Times  int
	Offset time.Duration
	Lasts  time.Duration // a burst is sent only before that has passed; 0 for no limit
}

var _ Schedule = Bursts{}

// Due is the start of the burst that request n belongs to.
func (b Bursts) Due(n int) (time.Duration, bool) {
	if n < 0 || n >= b.Count() {
		return 0, false
	}
	return b.Offset + time.Duration(n/b.Size)*b.Every, true
}

// Count is Size for each burst.
func (b Bursts) Count() int { return max(b.Size, 0) * b.bursts() }

// Span is Lasts, or runs from the start to the end of the last burst's turn.
func (b Bursts) Span() time.Duration {
	if b.Lasts > 0 {
		return b.Lasts
	}
	return b.Offset + time.Duration(max(b.Times, 0))*b.Every
}

func (b Bursts) bursts() int {
	if b.Lasts <= 0 {
		return max(b.Times, 0)
	}
	fit := 0
	switch left := b.Lasts - b.Offset; {
	case left <= 0:
	case b.Every <= 0:
		fit = 1
	default:
		fit = int((left + b.Every - 1) / b.Every)
	}
	if b.Times > 0 {
		fit = min(fit, b.Times)
	}
	return fit
}
