package detect

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

const (
	// tooSlow is from where on a request can't be the probe: it would be the stall.
	tooSlow = restless / 2
	// tried is how long a probe is tried at its rate.
	tried = 200 * time.Millisecond
	// mostTried is how many candidates are asked for.
	mostTried = 50
)

// Probing is how a request does as the probe.
type Probing struct {
	Request attack.Request
	Takes   time.Duration // by itself; its median
	Why     string        // it can't be the probe; empty when it can
}

// ChooseProbe tries the candidates, the quickest first, and gives the first that can
// be the probe: it has a good answer, quickly, also when it is asked for as often as
// a probe is. refused are those that can't; chosen is the zero Probing when all are.
func ChooseProbe(ctx context.Context, shooter Shooter, candidates []Endpoint, settings Settings) (chosen Probing, refused []Probing, err error) {
	s := &scan{shooter: shooter, settings: settings, coin: rand.New(rand.NewPCG(settings.Seed, 1))}
	type asked struct {
		Probing
		endpoint Endpoint
	}
	var all []asked
	for _, e := range candidates[:min(len(candidates), mostTried)] {
		p, err := s.askAlone(ctx, e)
		if err != nil {
			return chosen, refused, err
		}
		all = append(all, asked{p, e})
	}
	slices.SortStableFunc(all, func(a, b asked) int { return cmp.Compare(a.Takes, b.Takes) })
	for _, a := range all {
		if a.Why == "" {
			if a.Why, err = s.askOften(ctx, a.endpoint, a.Takes); err != nil {
				return chosen, refused, err
			}
		}
		if a.Why == "" {
			return a.Probing, refused, nil
		}
		refused = append(refused, a.Probing)
	}
	return chosen, refused, nil
}

// askAlone sends a candidate a few times, or once when that shows that it is no
// probe.
func (s *scan) askAlone(ctx context.Context, e Endpoint) (Probing, error) {
	p := Probing{Request: e.Request}
	var times []time.Duration
	for len(times) < solos {
		run, err := s.fire(ctx, []attack.Stream{s.settings.suspects(e.Request, 1)}, 0)
		if err != nil {
			return p, err
		}
		x, _ := sampleOf(run, 0)
		times = append(times, x.Service())
		if p.Why = unanswered(e, x); p.Why != "" {
			return p, nil
		}
		if x.Service() > 10*tooSlow {
			break
		}
	}
	p.Takes = analysis.Describe(times).P50
	if p.Takes > tooSlow {
		p.Why = "takes " + analysis.Human(p.Takes)
	}
	return p, nil
}

// unanswered says why a request has no good answer; empty when it has one.
func unanswered(e Endpoint, x attack.Sample) string {
	switch {
	case x.Code == 0 && x.Err == "":
		return "could not be sent: there is no connection"
	case !x.Answered():
		return fmt.Sprintf("gives no answer (%s)", x.Err)
	case !e.expects(x.Code):
		return fmt.Sprintf("answers %d", x.Code)
	}
	return ""
}

// askOften sends a candidate at a probe's rate for a moment, and says why it can't
// stand that; empty when it can.
func (s *scan) askOften(ctx context.Context, e Endpoint, alone time.Duration) (string, error) {
	settings := s.settings
	settings.Probe = e.Request
	run, err := s.fire(ctx, []attack.Stream{settings.probes(probeRate, tried)}, 0)
	if err != nil {
		return "", err
	}
	var waits []time.Duration
	bad := map[string]int{}
	for _, x := range probesOf(run) {
		if why := unanswered(e, x); why != "" {
			bad[why]++
			continue
		}
		waits = append(waits, waited(run, x))
	}
	for why, n := range bad {
		if n > len(run.Samples)/10 {
			return fmt.Sprintf("%s when it is asked for %.0f times a second%s", why, probeRate, limited(run)), nil
		}
	}
	if p50 := analysis.Describe(waits).P50; p50 > tooSlow {
		return fmt.Sprintf("takes %s alone, and %s when it is asked for %.0f times a second: it holds the server up itself", analysis.Human(alone), analysis.Human(p50), probeRate), nil
	}
	return "", nil
}

// limited says what turns requests away when there are too many.
func limited(r attack.Run) string {
	for _, x := range r.Samples {
		if x.Code == http.StatusTooManyRequests || x.Code == http.StatusServiceUnavailable {
			return " (a rate limit? lift it for this machine)"
		}
	}
	return ""
}
