package detect

import (
	"context"
	"slices"

	"github.com/looptest/looptest/target"
)

// mostCandidates bounds how many endpoints are tried as another's pool probe.
const mostCandidates = 3

// sharePools looks among the endpoints for one that is short and waits for the
// same pool as another, so that this one's capacity can be told exactly.
func (s *scan) sharePools(ctx context.Context, findings []Finding) ([]Finding, error) {
	if s.settings.PoolProbe != nil {
		return findings, nil
	}
	for i := range findings {
		f := &findings[i]
		if f.Kind != target.OffLoop {
			continue
		}
		for _, other := range candidates(findings, i) {
			s.step("pool size of "+f.Endpoint.Request.Label(), 0)
			c, ok := s.occupancy(ctx, f.Endpoint, other.Endpoint.Request)
			if ctx.Err() != nil {
				return findings, context.Cause(ctx)
			}
			if ok {
				f.Capacity = c
				f.Advice = f.advice()
				f.Because += ", and it shares its pool with " + other.Endpoint.Request.Label()
				break
			}
		}
	}
	return findings, nil
}

// candidates are the other endpoints that are short enough to tell by, the
// shortest first.
func candidates(findings []Finding, of int) []Finding {
	var some []Finding
	for i, f := range findings {
		short := float64(f.Service.P50) < shorter*float64(findings[of].Service.P50)
		if i != of && short && (f.Kind == target.OffLoop || f.Kind == target.Waiting || f.Kind == target.Trivial) {
			some = append(some, f)
		}
	}
	slices.SortStableFunc(some, func(a, b Finding) int { return int(a.Service.P50 - b.Service.P50) })
	return some[:min(len(some), mostCandidates)]
}
