package gate

import (
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// Other is how another gate would judge the same runs. They are here to be
// compared with, in a calibration, and for nothing else.
type Other struct {
	Name  string
	Does  string
	Judge func(s Settings, runs []attack.Run) analysis.Outcome
}

// Others are the usual ways.
func Others() []Other {
	return []Other{
		{"fixed 10 %", "the p99 of all requests of an arm, held against a threshold of +10 %", fixedThreshold},
		{"unpaired", "the p99 of each run, Mann–Whitney's test between the arms at α = 1 %", unpaired},
		{"pooled", "the response times of all requests, Mann–Whitney's test between the arms at α = 1 %", pooled},
	}
}

const othersAlpha = 0.01

// all gives the response times, in ms, of every request of an arm in order.
func all(runs []attack.Run, arm string) []float64 {
	var ms []float64
	for _, r := range runs {
		if r.Arm == arm && !r.Partial {
			for _, t := range look(r, r.Samples, nil).response {
				ms = append(ms, inMS(t))
			}
		}
	}
	slices.Sort(ms)
	return ms
}

func fixedThreshold(s Settings, runs []attack.Run) analysis.Outcome {
	base, head := all(runs, s.base()), all(runs, s.head())
	if len(base) == 0 || len(head) == 0 {
		return analysis.Pass // as such gates do
	}
	return failing(nearestRank(head, 0.99) > 1.1*nearestRank(base, 0.99))
}

func nearestRank(sorted []float64, q float64) float64 {
	d := make([]time.Duration, len(sorted))
	for i, v := range sorted {
		d[i] = time.Duration(v * float64(time.Millisecond))
	}
	return float64(analysis.Quantile(d, q))
}

func unpaired(s Settings, runs []attack.Run) analysis.Outcome {
	p99 := func(arm string) []float64 {
		var of []float64
		for _, r := range runs {
			if v, ok := look(r, r.Samples, nil).quantile("p99"); ok && r.Arm == arm && !r.Partial {
				of = append(of, v)
			}
		}
		return of
	}
	return failing(analysis.MannWhitneyGreater(p99(s.head()), p99(s.base())) <= othersAlpha)
}

func pooled(s Settings, runs []attack.Run) analysis.Outcome {
	return failing(analysis.MannWhitneyGreater(all(runs, s.head()), all(runs, s.base())) <= othersAlpha)
}

func failing(yes bool) analysis.Outcome {
	if yes {
		return analysis.Fail
	}
	return analysis.Pass
}
