package attack

import (
	"cmp"
	"context"
	"time"
)

// Warmup is load that is sent before the measured part and left out of it: it
// lets the target settle, on connections that are open by then.
type Warmup struct {
	Lasts time.Duration
	// Connections is how many are opened beforehand: as many requests as a stall
	// leaves waiting at once. When zero it is DefaultConnections, and with AsLoad
	// no more than the warm-up's requests of a second.
	Connections int
	// AsLoad sends what the streams send, all their requests in turn and whatever
	// their methods, each at the rate of its schedule's first second and at least
	// one a second: no more than the target is going to get anyway. Otherwise the
	// warm-up is bursts of the probe's requests, 320 a second whatever the load is:
	// right for a server that is known, and too much for one that isn't.
	AsLoad bool
}

// DefaultConnections is how many connections a warm-up opens.
const DefaultConnections = 64

const (
	warmupEvery = 50 * time.Millisecond
	warmupSize  = 16 // requests at once
)

// load is the streams as they are sent, which ends after Lasts.
func (w Warmup) load(streams []Stream) []Stream {
	if !w.AsLoad {
		return []Stream{w.bursts(streams)}
	}
	load := make([]Stream, len(streams))
	for i, s := range streams {
		s.Schedule = Constant{Rate: initialRate(s.Schedule), Lasts: w.Lasts}
		load[i] = s
	}
	return load
}

// bursts is of the probe's requests, or of the first stream's when there is no
// probe.
func (w Warmup) bursts(streams []Stream) Stream {
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

// initialRate is how many requests a schedule sends in its first second, and at
// least 1.
func initialRate(s Schedule) float64 { return float64(max(1, DueBefore(s, time.Second))) }

// connections is how many are opened.
func (w Warmup) connections(streams []Stream) int {
	if w.Connections > 0 || !w.AsLoad {
		return cmp.Or(w.Connections, DefaultConnections)
	}
	rate := 0.0
	for _, s := range streams {
		rate += initialRate(s.Schedule)
	}
	return int(min(DefaultConnections, rate))
}

func (w Warmup) run(ctx context.Context, conns *connections, url string, streams []Stream) error {
	if w.Lasts == 0 || len(streams) == 0 {
		return nil
	}
	if err := conns.openReady(ctx, url, w.connections(streams)); err != nil {
		return err
	}
	forget := func(Sample) {}
	_, err := drive(ctx, conns, url, w.load(streams), time.Now(), newCollector(forget, nil))
	return err
}
