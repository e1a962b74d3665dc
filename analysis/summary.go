package analysis

import (
	"time"

	"github.com/looptest/looptest/attack"
)

// ArmSummary describes what one arm gave in all of its runs together. It is
// for reading; verdicts stand on blocks.
type ArmSummary struct {
	Arm         string
	Look        attack.Look
	Streams     []StreamSummary
	Lag         Distribution  // of the loop's heartbeats; N is 0 when they can't be seen
	Utilization float64       // of the loop, over the runs' measured parts that it was seen in
	Longest     time.Duration // the longest callback
	CPU         time.Duration // of the target's process, over all runs
	PeakMemory  int64         // of the target, bytes
	Procs       int           // GOMAXPROCS of the target
}

// StreamSummary describes one stream of an arm.
type StreamSummary struct {
	Name                       string
	Role                       attack.Role
	Offered, Sent, Unsent, Bad int
	Shed                       int     // turned away, as the stream expects: neither bad nor good, and without times
	TurnedAway, Lost           int     // by a target that was asked to end
	OfferedRate, AchievedRate  float64 // requests a second; achieved counts good answers
	Response, Service, SendLag Distribution
}

// Summarize describes the arms in the given order; an arm without runs is left
// out.
func Summarize(runs []attack.Run, arms []string) []ArmSummary {
	var summaries []ArmSummary
	for _, arm := range arms {
		var of []attack.Run
		for _, r := range runs {
			if r.Arm == arm && len(r.Streams) > 0 {
				of = append(of, r)
			}
		}
		if len(of) > 0 {
			summaries = append(summaries, summarizeArm(of))
		}
	}
	return summaries
}

func summarizeArm(runs []attack.Run) ArmSummary {
	a := ArmSummary{Arm: runs[0].Arm, Look: runs[0].Look}
	var lags []time.Duration
	observed := 0
	for _, r := range runs {
		for _, l := range r.Lag {
			lags = append(lags, l.Lag())
		}
		if r.Target == nil {
			continue
		}
		if !r.Target.Unseen {
			observed++
			a.Utilization += r.Target.Utilization
		}
		a.Longest = max(a.Longest, r.Target.Longest)
		a.CPU += r.Target.CPU
		a.PeakMemory = max(a.PeakMemory, r.Target.PeakMemory)
		a.Procs = max(a.Procs, r.Target.Procs)
	}
	a.Utilization /= float64(max(observed, 1))
	a.Lag = Describe(lags)
	for i := range runs[0].Streams {
		a.Streams = append(a.Streams, summarizeStream(runs, i))
	}
	return a
}

func summarizeStream(runs []attack.Run, index int) StreamSummary {
	first := runs[0].Streams[index]
	s := StreamSummary{Name: first.Name, Role: first.Role}
	var response, service, sendLag []time.Duration
	var asked, took time.Duration
	for _, r := range runs {
		if index >= len(r.Streams) {
			continue
		}
		c := r.Streams[index]
		s.Offered += c.Offered
		s.Sent += c.Sent
		s.Unsent += c.Unsent
		s.Bad += c.Bad
		s.TurnedAway += c.TurnedAway
		s.Lost += c.Lost
		asked += c.Span
		last := c.Span
		for _, sample := range r.Samples {
			if sample.Stream != index {
				continue
			}
			sendLag = append(sendLag, sample.SendLag())
			if sample.Shed() {
				s.Shed++
			}
			if sample.Served() {
				response = append(response, sample.Response())
				service = append(service, sample.Service())
				last = max(last, sample.Done)
			}
		}
		took += last
	}
	s.Response, s.Service, s.SendLag = Describe(response), Describe(service), Describe(sendLag)
	s.OfferedRate = rate(s.Offered, asked)
	s.AchievedRate = rate(s.Sent-s.Bad-s.Shed-s.TurnedAway-s.Lost, took)
	return s
}

func rate(n int, over time.Duration) float64 {
	if over <= 0 {
		return 0
	}
	return float64(n) / over.Seconds()
}
