package analysis

import (
	"fmt"
	"slices"
	"time"

	"github.com/looptest/looptest/attack"
)

// judge says whether the last step's rate was kept, measured by the calmest step.
func (c *climb) judge(steps []attack.Run) Rung {
	calm := swiftness(steps[0])
	for _, r := range steps[1:] {
		if s := swiftness(r); s.response99 < calm.response99 {
			calm = s
		}
	}
	r := steps[len(steps)-1]
	now := swiftness(r)
	all := added(r.Streams)
	// What a calm target takes to answer the last request is no lateness.
	took := max(all.Span, now.last-calm.service50)
	rung := Rung{Offered: c.asked, P99: now.response99, Achieved: float64(all.Sent-all.Bad) / took.Seconds()}
	limit := p99Growth*calm.response99 + p99Room
	behind := rung.Achieved < achievedShare*float64(all.Offered)/all.Span.Seconds()
	switch {
	case float64(all.Bad) > badRungShare*float64(all.Sent):
		rung.Why = fmt.Sprintf("%d of %d requests had no answer or an unexpected one", all.Bad, all.Sent)
	case (behind || now.response99 > limit) && (all.Unsent > 0 || now.lateBeyond(calm)) && now.service99 <= limit:
		rung.Generator = true
		rung.Why = "the generator sent too late"
	case now.response99 > limit:
		rung.Why = fmt.Sprintf("its p99 grew from %s to %s", Human(calm.response99), Human(now.response99))
	case behind:
		rung.Why = fmt.Sprintf("it answered %s a second", Digits(rung.Achieved))
	default:
		rung.Kept = true
	}
	return rung
}

// added is the accounts of streams that were sent at the same time.
func added(streams []attack.StreamCount) attack.StreamCount {
	all := attack.StreamCount{Span: 1}
	for _, s := range streams {
		all.Offered += s.Offered
		all.Sent += s.Sent
		all.Unsent += s.Unsent
		all.Bad += s.Bad
		all.Span = max(all.Span, s.Span)
	}
	return all
}

// swift is how quickly a step was answered.
type swift struct {
	response99, service50, service99, sendLag99 time.Duration

	last time.Duration // when the last answer came
}

// lateSending is a send lag that is the generator's own.
const lateSending = 10 * time.Millisecond

// lateBeyond says whether the generator's lateness is what made the response time
// grow.
func (s swift) lateBeyond(calm swift) bool {
	return s.sendLag99 > max(lateSending, (s.response99-calm.response99)/2)
}

func swiftness(r attack.Run) swift {
	var s swift
	response := make([]time.Duration, 0, len(r.Samples))
	service, lag := make([]time.Duration, 0, len(r.Samples)), make([]time.Duration, 0, len(r.Samples))
	for _, sample := range r.Samples {
		response = append(response, sample.Response())
		service = append(service, sample.Service())
		lag = append(lag, sample.SendLag())
		s.last = max(s.last, sample.Done)
	}
	if len(response) == 0 {
		return s
	}
	slices.Sort(response)
	slices.Sort(service)
	slices.Sort(lag)
	s.response99, s.service99 = Quantile(response, 0.99), Quantile(service, 0.99)
	s.service50 = Quantile(service, 0.5)
	s.sendLag99 = Quantile(lag, 0.99)
	return s
}
