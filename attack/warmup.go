package attack

import (
	"context"
	"time"
)

// Warmup is load that is sent before the measured part and left out of it: it
// opens the connections that a stall will need and lets the target settle.
type Warmup struct {
	Lasts       time.Duration
	Connections int // opened at once; DefaultConnections when zero
}

// DefaultConnections is how many connections a warm-up opens.
const DefaultConnections = 64

const warmupEvery = 50 * time.Millisecond

// stream is bursts of the probe's requests, or of the first stream's when there
// is no probe.
func (w Warmup) stream(streams []Stream) Stream {
	chosen := streams[0]
	for _, s := range streams {
		if s.Role == Probe {
			chosen = s
			break
		}
	}
	size := w.Connections
	if size == 0 {
		size = DefaultConnections
	}
	chosen.Schedule = Bursts{Size: size, Every: warmupEvery, Times: max(1, int(w.Lasts/warmupEvery))}
	return chosen
}

func (w Warmup) run(ctx context.Context, conns connections, url string, streams []Stream) error {
	if w.Lasts == 0 || len(streams) == 0 {
		return nil
	}
	_, _, err := drive(ctx, conns, url, []Stream{w.stream(streams)}, time.Now())
	return err
}
