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
	late := lateness{sent: len(r.Samples), limit: max(lateLimit, time.Duration(lateOfEffect*float64(effect)))}
	lags := make([]time.Duration, 0, len(r.Samples))
	errors := map[attack.ErrorKind]int{}
	for _, s := range r.Samples {
		lag := s.SendLag()
		lags = append(lags, lag)
		late.late += count(lag > late.limit)
		late.noticed += count(lag > lateNotice)
		if s.Err != "" {
			errors[s.Err]++
		}
	}
	late.p99 = Describe(lags).P99
	var h Health
	for _, f := range append(late.faults(), exhaustions(errors)...) {
		h.add(f)
	}
	h.examineStreams(r)
	return h
}

func (h *Health) examineStreams(r attack.Run) {
	for _, s := range r.Streams {
		if s.Offered == 0 {
			continue
		}
		for _, f := range unsentFaults(s.Name, s.Offered, s.Unsent) {
			h.add(f)
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
