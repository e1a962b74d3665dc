package main

import (
	"context"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// deploy drives a server that is asked to end in the midst of the load, with about
// ten requests in flight at any moment.
func deploy(t *testing.T, transport attack.Transport, options string) attack.Run {
	t.Helper()
	arm := attack.Arm{
		Name: options, StopAfter: 200 * time.Millisecond, Transport: transport,
		Target: target.Reference{Exe: self(t), Unit: 1500, PoolSize: 32, Options: options, EndsWithin: 20 * time.Second},
		Warmup: attack.Warmup{Lasts: 50 * time.Millisecond, Connections: 16},
		Streams: []attack.Stream{{
			Name: "/lookup", Role: attack.Probe, Timeout: 10 * time.Second,
			Requests: []attack.Request{{URL: "/lookup?ms=25&as=file"}},
			Schedule: attack.Constant{Rate: 400, Lasts: 500 * time.Millisecond},
		}},
	}
	runs, err := attack.Execute(context.Background(), attack.Plan{Arms: []attack.Arm{arm}, Blocks: 1}, attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	return runs[0]
}

// Every request that a client sends on an open connection is answered, however many
// are on their way when the server is asked to end; later ones are turned away.
func TestShutdownLosesNothing(t *testing.T) {
	for name, transport := range map[string]attack.Transport{"connections kept": {}, "fresh connections": {Fresh: true}} {
		r := deploy(t, transport, "--grace 30s")
		if c := r.Streams[0]; c.Lost != 0 || c.Bad != 0 || c.Sent != 200 || c.TurnedAway == 0 || r.Partial {
			t.Errorf("%s: %+v, partial %v %s", name, c, r.Partial, r.Failure)
		}
	}
}

// A server that ends at once loses what is in flight.
func TestEndingAtOnceLoses(t *testing.T) {
	if c := deploy(t, attack.Transport{}, "--grace 0").Streams[0]; c.Lost == 0 || c.Bad != 0 || c.TurnedAway == 0 {
		t.Errorf("%+v", c)
	}
}
