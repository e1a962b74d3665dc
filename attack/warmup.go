package attack

import (
	"context"
	"time"
)

// Warmup is load that is sent before the measured part and left out of it: it
// lets the target settle, on connections that are open by then.
type Warmup struct {
	Lasts time.Duration
	// Connections is how many are opened beforehand: as many requests as a stall
	// leaves waiting at once. DefaultConnections when zero.
	Connections int
}

// DefaultConnections is how many connections a warm-up opens.
const DefaultConnections = 64

const (
	warmupEvery = 50 * time.Millisecond
	warmupSize  = 16 // requests at once
)

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
	chosen.Schedule = Bursts{Size: warmupSize, Every: warmupEvery, Times: max(1, int(w.Lasts/warmupEvery))}
	return chosen
}

func (w Warmup) run(ctx context.Context, conns *connections, url string, streams []Stream) error {
	if w.Lasts == 0 || len(streams) == 0 {
		return nil
	}
	open := w.Connections
	if open == 0 {
		open = DefaultConnections
	}
	if err := conns.open(ctx, url, open); err != nil {
		return err
	}
	_, _, err := drive(ctx, conns, url, []Stream{w.stream(streams)}, time.Now())
	return err
}
