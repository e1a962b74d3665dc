package detect

import (
	"math"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
)

// Scores are what the paired shots are judged by, in ns: how long the probe after
// the suspect waited, and the one after the placebo. It is the worst probe of a
// trial when the stall begins late in the suspect, else the first.
func (s Stall) Scores() (suspect, placebo []float64) { return scores(s.Trials, s.score) }

func (s Stall) score(t Trial) time.Duration {
	if s.Late {
		return t.Worst
	}
	return t.First
}

// Typical is the suspect's trial whose score is the median of all, to be shown;
// any trial of the suspect where none was aimed well. ok is false when there is
// none.
func (s Stall) Typical() (typical Trial, ok bool) {
	suspect, _ := s.Scores()
	if len(suspect) == 0 {
		i := slices.IndexFunc(s.Trials, func(t Trial) bool { return !t.Placebo && len(t.Run.Samples) > 0 })
		if i < 0 {
			return Trial{}, false
		}
		return s.Trials[i], true
	}
	slices.Sort(suspect)
	median := suspect[len(suspect)/2]
	best := math.Inf(1)
	for _, t := range s.Trials {
		if away := math.Abs(float64(s.score(t)) - median); t.Aimed && !t.Placebo && away < best {
			typical, best = t, away
		}
	}
	return typical, true
}

// Unseen is how long a stall may be that was not found: the upper end of the
// interval. ok is false when there are no trials to tell it by.
func (s Stall) Unseen() (most time.Duration, ok bool) {
	suspect, placebo := s.Scores()
	if s.Found || len(suspect) == 0 || len(placebo) == 0 {
		return 0, false
	}
	return time.Duration(max(0, analysis.Shift(suspect, placebo, stallConfidence).High)), true
}

// Typical is the burst whose stall is the median of all; ok is false when none was
// answered.
func Typical(bursts []Burst) (typical Burst, ok bool) {
	answered := slices.DeleteFunc(slices.Clone(bursts), func(b Burst) bool { return len(b.Done) == 0 })
	if len(answered) == 0 {
		return Burst{}, false
	}
	slices.SortStableFunc(answered, func(a, b Burst) int { return int(a.Stall - b.Stall) })
	return answered[len(answered)/2], true
}
