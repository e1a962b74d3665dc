package detect

import (
	"math"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Burst is what several suspects at once did.
type Burst struct {
	Run   attack.Run
	Size  int             // suspects that were sent
	Done  []time.Duration // when each was answered, from the burst's beginning, in order
	Stall time.Duration   // how long the worst probe waited
	Codes map[int]int     // of the suspects' answers
	Lost  int             // suspects without an answer
	Late  time.Duration   // the sender's largest send lag
}

func newBurst(r attack.Run) Burst {
	b := Burst{Run: r, Codes: map[int]int{}}
	var began time.Duration
	for _, s := range r.Samples {
		b.Late = max(b.Late, s.SendLag())
		if s.Stream == probeStream {
			continue
		}
		if b.Size == 0 || s.Sent < began {
			began = s.Sent
		}
		b.Size++
		b.Codes[s.Code]++
		if !s.Answered() {
			b.Lost++
			continue
		}
		b.Done = append(b.Done, s.Done)
	}
	slices.Sort(b.Done)
	for i := range b.Done {
		b.Done[i] -= began
	}
	until := began + b.last()
	for _, s := range r.Samples {
		if s.Stream == probeStream && s.Timed() && s.Intended <= until {
			b.Stall = max(b.Stall, waited(r, s))
		}
	}
	return b
}

// last is when the last of them was answered.
func (b Burst) last() time.Duration {
	if len(b.Done) == 0 {
		return 0
	}
	return b.Done[len(b.Done)-1]
}

// sheds reports whether some were turned away.
func (b Burst) sheds() bool { return b.Codes[503]+b.Codes[429] > 0 }

// amplify takes a stall that was too short for the single shots from the bursts:
// that of so many suspects, shared between them.
func (s *Stall) amplify(bursts []Burst, probe time.Duration) {
	if s.Found {
		return
	}
	var each []float64
	for _, b := range bursts {
		each = append(each, float64(b.Stall-probe)/float64(b.Size))
	}
	s.Found, s.ByBurst, s.Length = true, true, analysis.HodgesLehmann(each, stallConfidence)
}

// features is what the rules look at.
type features struct {
	alone      time.Duration // service time of a suspect by itself
	stall      Stall
	probe      time.Duration // service time of the probe by itself
	size       int
	last       time.Duration // the bursts' last answers, median
	burstStall time.Duration // the bursts' stalls, median, less what a probe takes anyway
	width      int           // of the bursts' steps; 0 for no steps
	height     time.Duration // of a step
	share      float64       // of the connections that felt a lone suspect's stall
	sheds      bool
	lost       int
}

// amplified is A: which part of the burst's time the loop was held at a stretch.
func (f features) amplified() float64 {
	if f.last == 0 {
		return 0
	}
	return float64(f.burstStall) / float64(f.last)
}

// held is ρ: which part of its time a suspect holds the loop.
func (f features) held() float64 {
	if !f.stall.Found || f.alone == 0 {
		return 0
	}
	return f.stall.Length.Value / float64(f.alone)
}

// serial is how far the burst's time is that of one after the other: 1 when it is
// all of it.
func (f features) serial() float64 {
	if f.alone == 0 {
		return 0
	}
	return float64(f.last) / (float64(f.size) * float64(f.alone))
}

// stretched is how many times longer the burst takes than one suspect.
func (f features) stretched() float64 {
	if f.alone == 0 {
		return 0
	}
	return float64(f.last) / float64(f.alone)
}

// read takes the features from trials and bursts.
func read(stall Stall, bursts []Burst) features {
	f := features{stall: stall, alone: took(stall.Trials).P50, probe: probeAlone(stall.Trials), share: share(stall.Trials)}
	var last, stalls []time.Duration
	for _, b := range bursts {
		f.size = max(f.size, b.Size)
		f.sheds = f.sheds || b.sheds()
		f.lost += b.Lost
		last = append(last, b.last())
		stalls = append(stalls, max(0, b.Stall-f.probe))
	}
	f.last, f.burstStall = analysis.Describe(last).P50, analysis.Describe(stalls).P50
	fit := fitSteps(bursts, f.alone)
	f.width, f.height = fit.width, fit.height
	return f
}

// probeAlone is what the first probe after a placebo waits: the probe's own time.
func probeAlone(trials []Trial) time.Duration {
	_, placebo := scores(trials, func(t Trial) time.Duration { return t.First })
	if len(placebo) == 0 {
		return 0
	}
	slices.Sort(placebo)
	return time.Duration(placebo[len(placebo)/2])
}

// share is which part of the connections felt the stalls of lone suspects: of the
// probes that were sent from the first on that felt one until the suspect was
// done, those that felt it too. The connections that are free late in a long stall
// are those that feel nothing, so only the first of these probes count.
func share(trials []Trial) float64 {
	felt, all := 0, 0
	for _, t := range trials {
		x, ok := sampleOf(t.Run, suspectStream)
		if t.Placebo || !ok {
			continue
		}
		seen := 0
		for _, p := range probesOf(t.Run) {
			left := x.Done - p.Sent
			feels := p.Service() > left/2
			if left < 2*probeEvery || p.Sent < x.Sent || seen == 0 && !feels || seen == Connections/2 {
				continue
			}
			seen++
			felt += count(feels)
		}
		all += seen
	}
	if all == 0 {
		return math.NaN()
	}
	return float64(felt) / float64(all)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func probesOf(r attack.Run) []attack.Sample {
	var probes []attack.Sample
	for _, s := range r.Samples {
		if s.Stream == probeStream {
			probes = append(probes, s)
		}
	}
	return probes
}
