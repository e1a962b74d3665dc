package attack_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// diary is what happened to several targets, in turn.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// stretches joins lines that repeat.
func (d *diary) stretches() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Compact(slices.Clone(d.lines))
}

// kept is a target that writes its diary. Each start counts as another process.
type kept struct {
	name    string
	diary   *diary
	handler http.HandlerFunc
	broken  error
	gone    chan struct{}
	usage   target.Usage
}

func (k *kept) String() string { return k.name }

func (k *kept) Start(context.Context) (target.Target, error) {
	if k.broken != nil {
		return nil, k.broken
	}
	k.diary.note("start %s", k.name)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.diary.note("%s", k.name)
		if k.handler != nil {
			k.handler(w, r)
			return
		}
		answer(w, r)
	}))
	return &keptProcess{kept: k, server: server}, nil
}

type keptProcess struct {
	*kept
	server *httptest.Server
}

func (p *keptProcess) URL() string               { return p.server.URL }
func (p *keptProcess) Observer() target.Observer { return p }
func (p *keptProcess) Gone() <-chan struct{}     { return p.gone }
func (p *keptProcess) Err() error                { return errors.New("it died") }

func (p *keptProcess) Stop() error {
	p.diary.note("stop %s", p.name)
	p.server.Close()
	return nil
}

func (p *keptProcess) Mark(context.Context) (target.Mark, error) {
	p.diary.note("look at %s", p.name)
	return target.Mark{}, nil
}

// Since has a heartbeat and a reading of the memory every 10 ms, from long before
// origin to now.
func (p *keptProcess) Since(_ context.Context, _ target.Mark, origin time.Time) (target.Usage, []target.LagReading, error) {
	p.diary.note("looked at %s", p.name)
	var lag []target.LagReading
	usage := p.usage
	for due := -time.Second; due < time.Since(origin); due += 10 * time.Millisecond {
		lag = append(lag, target.LagReading{Due: due, Ran: due})
		usage.Memory = append(usage.Memory, target.MemoryReading{At: due, Heap: 1})
	}
	return usage, lag, nil
}

// pair is a plan of two arms, each driven for so long.
func pair(lasts time.Duration, interleave attack.Interleave) (attack.Plan, *kept, *kept) {
	d := &diary{}
	base := &kept{name: "base", diary: d, gone: make(chan struct{})}
	head := &kept{name: "head", diary: d, gone: make(chan struct{})}
	load := []attack.Stream{probe(200, lasts)}
	return attack.Plan{Blocks: 1, Seed: 5, Interleave: &interleave, Arms: []attack.Arm{
		{Name: "base", Target: base, Streams: load}, {Name: "head", Target: head, Streams: load},
	}}, base, head
}
