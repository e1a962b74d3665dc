package detect

import (
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Trial is one shot: the suspect or the placebo, and the probes after it.
type Trial struct {
	Placebo bool
	Run     attack.Run
	// Aimed reports whether the first probe left when it should have. Others don't
	// count.
	Aimed  bool
	Apart  time.Duration // how long after the suspect the first probe left
	First  time.Duration // how long the first probe waited
	Worst  time.Duration // how long the worst of all probes waited, over the suspect's whole span
	Took   time.Duration // the suspect's service time
	Code   int           // of its answer, 0 for none
	Failed attack.ErrorKind
}

// newTrial reads a run. The probes within span after the suspect was sent count.
func newTrial(r attack.Run, placebo bool, span time.Duration) Trial {
	t := Trial{Placebo: placebo, Run: r}
	x, ok := sampleOf(r, suspectStream)
	if !ok {
		return t
	}
	t.Took, t.Code, t.Failed = x.Service(), x.Code, x.Err
	if !placebo {
		span = t.Took
	}
	first, ok := sampleOf(r, probeStream)
	if !ok || !first.Timed() {
		return t
	}
	t.Apart = first.Sent - x.Sent
	t.Aimed = x.Timed() && t.Apart >= nearest && t.Apart <= farthest
	t.First = waited(r, first)
	for _, p := range r.Samples {
		if p.Stream == probeStream && p.Timed() && p.Intended <= x.Sent+span {
			t.Worst = max(t.Worst, waited(r, p))
		}
	}
	return t
}

// sampleOf is the stream's first sample.
func sampleOf(r attack.Run, stream int) (attack.Sample, bool) {
	for _, s := range r.Samples {
		if s.Stream == stream {
			return s, true
		}
	}
	return attack.Sample{}, false
}

// waited is how long a probe took from its sending, less how late the sender
// itself was meanwhile: what delayed the sender (another process, a pause of the
// machine) delayed the answer too. No trial is thrown away for it: that would
// cost half of the test's power.
func waited(r attack.Run, p attack.Sample) time.Duration {
	var late time.Duration
	for _, other := range r.Samples {
		if other.Stream == probeStream && other.Intended >= p.Intended && other.Intended <= p.Done {
			late = max(late, other.SendLag())
		}
	}
	return p.Service() - late
}

// scores gives the trials' numbers, in ns: those of the suspect and of the placebo.
func scores(trials []Trial, of func(Trial) time.Duration) (suspect, placebo []float64) {
	for _, t := range trials {
		switch {
		case !t.Aimed:
		case t.Placebo:
			placebo = append(placebo, float64(of(t)))
		default:
			suspect = append(suspect, float64(of(t)))
		}
	}
	return suspect, placebo
}

// took is the distribution of the suspect's service time.
func took(trials []Trial) analysis.Distribution {
	var d []time.Duration
	for _, t := range trials {
		if !t.Placebo && t.Took > 0 {
			d = append(d, t.Took)
		}
	}
	return analysis.Describe(d)
}
