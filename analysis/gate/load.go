package gate

import (
	"slices"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// AtRate gives the streams a fixed rate, together, for that long: each has the
// share of it that its own schedule says.
func AtRate(streams []attack.Stream, perSecond float64, lasts time.Duration) []attack.Stream {
	streams = slices.Clone(streams)
	for i, share := range analysis.SharesOf(streams) {
		streams[i].Schedule = attack.Constant{Rate: perSecond * share, Lasts: lasts}
	}
	return streams
}

// Steady says whether every stream is sent at one fixed rate, and gives their sum.
func Steady(streams []attack.Stream) (perSecond float64, steady bool) {
	for _, s := range streams {
		c, constant := s.Schedule.(attack.Constant)
		if !constant {
			return 0, false
		}
		perSecond += c.Rate
	}
	return perSecond, true
}
