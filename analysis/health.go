package analysis

import (
	"fmt"
	"time"

	"github.com/looptest/looptest/attack"
)

// Limits of a run that can be trusted.
const (
	lateShare    = 0.01 // of the samples may be sent later than the limit
	lateLimit    = 10 * time.Millisecond
	lateOfEffect = 0.2 // of the effect being measured is a limit too
	lateNotice   = time.Millisecond
	unsentShare  = 0.001
	badShare     = 0.01 // of the answers may be unexpected, or missing
)

// Health is whether a run can be trusted.
type Health struct {
	Invalid  []string  // reasons why it can't
	Warnings []Warning // what weakens it
}

// Examine judges a run by what its generator can falsify. effect is the size of
// what is being measured: being late by a small part of it does no harm.
func Examine(r attack.Run, effect time.Duration) Health {
	var h Health
	limit := max(lateLimit, time.Duration(lateOfEffect*float64(effect)))
	var late, noticed int
	lags := make([]time.Duration, 0, len(r.Samples))
	exhausted := map[attack.ErrorKind]int{}
	for _, s := range r.Samples {
		lag := s.SendLag()
		lags = append(lags, lag)
		late += count(lag > limit)
		noticed += count(lag > lateNotice)
		if s.Err == attack.ErrFiles || s.Err == attack.ErrPorts {
			exhausted[s.Err]++
		}
	}
	p99 := Describe(lags).P99
	n := float64(max(len(r.Samples), 1))
	switch {
	case len(r.Samples) == 0:
		h.invalid("nothing was sent")
	case float64(late)/n > lateShare:
		h.invalid("%.1f %% of the requests were sent more than %s late (send lag p99 %s)", 100*float64(late)/n, Human(limit), Human(p99))
	case float64(noticed)/n > lateShare:
		h.warn("send lag p99 %s", Human(p99))
	}
	for _, kind := range []attack.ErrorKind{attack.ErrFiles, attack.ErrPorts} {
		if times := exhausted[kind]; times > 0 {
			h.invalid("the generator ran out of %s %d times", kind, times)
		}
	}
	h.examineStreams(r)
	return h
}

func (h *Health) examineStreams(r attack.Run) {
	for _, s := range r.Streams {
		if s.Offered == 0 {
			continue
		}
		if share := float64(s.Unsent) / float64(s.Offered); share > unsentShare {
			h.invalid("%d of %d requests of %s were never sent", s.Unsent, s.Offered, s.Name)
		}
		if share := float64(s.Bad) / float64(s.Offered); share > badShare {
			h.invalid("%d of %d requests of %s had no answer or an unexpected one", s.Bad, s.Offered, s.Name)
		} else if s.Bad > 0 {
			h.warn("%d of %d requests of %s had no answer or an unexpected one", s.Bad, s.Offered, s.Name)
		}
	}
}

func (h *Health) invalid(format string, args ...any) {
	h.Invalid = append(h.Invalid, fmt.Sprintf(format, args...))
}

func (h *Health) warn(format string, args ...any) {
	h.Warnings = append(h.Warnings, Warning(fmt.Sprintf(format, args...)))
}

func count(condition bool) int {
	if condition {
		return 1
	}
	return 0
}
