// Package target holds what can be under test: how it is started, observed and
// stopped, and the reference server with its routes.
package target

import (
	"context"
	"fmt"
	"time"
)

// Starter makes a target ready to be driven. Starters are compared with ==:
// arms of one block with equal starters share one process.
type Starter interface {
	// Start returns when the target answers, or with the reason why it doesn't.
	Start(ctx context.Context) (Target, error)
	// The starter's name and settings, as a reader of a report wants them.
	fmt.Stringer
}

// Target is something under test.
type Target interface {
	// URL is where requests go, without a trailing slash.
	URL() string
	// Observer shows the target's loop from outside it; nil when it can't be seen.
	Observer() Observer
	// Gone is closed when the target has ended by itself or was stopped; nil when
	// that can't be known.
	Gone() <-chan struct{}
	// Err is why the target is gone, nil while it lives.
	Err() error
	// Stop ends the target and waits until nothing of it is left.
	Stop() error
}

// Observer reads what a target says of its own loop. It answers while the loop
// is blocked.
type Observer interface {
	// Mark begins an observed interval.
	Mark(ctx context.Context) (Mark, error)
	// Since gives what happened from the mark until now, on the time axis that
	// starts at origin.
	Since(ctx context.Context, m Mark, origin time.Time) (Usage, []LagReading, error)
}

// Mark is the beginning of an observed interval: where a target's accounts
// stood then.
type Mark struct {
	taken   time.Duration // on the target's clock
	elapsed time.Duration
	idle    time.Duration
	cpu     time.Duration
	live    int64
	cached  cacheUse
}

// Usage is what a target's loop and process used over an interval.
type Usage struct {
	Utilization float64       // 1 − idle/elapsed of the loop, from 0 to 1
	Longest     time.Duration // the longest callback, zero under loop.HeldFrom
	Phase       string        // the phase it ran in
	Label       string        // and what it was
	CPU         time.Duration // of the whole process
	PeakMemory  int64         // bytes resident, at most, since the process began
	Procs       int           // GOMAXPROCS of the process; zero when unknown
	OpenFiles   int           `json:",omitempty"` // of its data folder at once, at most, since the process began
	// Memory is what the process held over the interval, in the order of time on the
	// axis of the lag readings; empty when the target doesn't show it.
	Memory []MemoryReading `json:",omitempty"`
	// LiveBefore and LiveAfter are what the last collection of garbage had left, in
	// bytes, when the interval began and when it ended.
	LiveBefore, LiveAfter int64 `json:",omitempty"`
	// Leaks is the alarms of the heap watch; none where there is no watch.
	Leaks []Leak `json:",omitempty"`
	// CacheHits and CacheMisses are those of the reference server's caches.
	CacheHits, CacheMisses int64 `json:",omitempty"`
	// Unseen says that only the process was seen and not its loop: Utilization,
	// Longest, Phase and Label are then unknown, and there are no lag readings.
	Unseen bool `json:",omitempty"`
}

// Leak is an alarm: the heap kept growing.
type Leak struct {
	After       time.Duration // since the interval began
	Site        string        // that allocated most of it: function, file and line
	Grown       int64         // bytes that collections left more than before
	Collections int           // that it was seen over
}
