package target

import (
	"cmp"
	"log/slog"
	"runtime"
	"time"
)

// Config is how a reference server is set up. The zero value is a server on
// free loopback ports with Node's defaults.
type Config struct {
	Addr        string        // of the routes; a free loopback port when empty
	ObserveAddr string        // of the observation, off the loop; likewise
	PoolSize    int           // threads; UV_THREADPOOL_SIZE or 4 when zero
	Workers     int           // at most; one a core when zero
	WorkerQueue int           // tasks that may wait for a worker; DefaultWorkerQueue when zero
	Unit        Unit          // additions in a step; calibrated at start when zero
	Grace       time.Duration // what is in flight may take that long at shutdown; DefaultGrace when zero, or NoGrace
	Log         *slog.Logger  // gets what goes wrong, the clean-up, and what is asked for below; slog.Default when nil

	// ExitOnUncaught ends the server at the first error that nobody catches, and the
	// first rejection that nobody handles, as Node ends without handlers. Else they
	// cost their own request alone.
	ExitOnUncaught bool

	// MaxLag is the loop's smoothed lag beyond which requests are turned away with
	// 503, more of them the more it is; none ever when zero.
	MaxLag time.Duration

	LogRequests bool // a line in Log for every request that the loop answered
	WatchLag    bool // and for every time that a timer due once a second is over 100 ms late

	// WatchHeap is for how long the heap has to keep growing until that is logged as
	// a leak, with where it was allocated; no watch when zero.
	WatchHeap time.Duration
	Profiles  string // folder into which SIGUSR2 writes a profile of the heap; none when empty

	Dose Dose // makes it slower on purpose; not at all when zero

	Data string // folder of the files that routes read and copy; a private one, removed at the end, when empty
	// Database of the /db routes, which is opened at start; when empty it is an
	// embedded one, which is opened when it is first used.
	Database     DSN
	DatabasePool int // connections; DefaultDatabasePool when zero
}

// DefaultGrace is how long a shutdown waits for what is in flight. With NoGrace it
// does not wait: every connection is closed at once, as when Node ends without a
// handler of SIGTERM.
const (
	DefaultGrace = 5 * time.Second
	NoGrace      = time.Duration(-1)
)

// withDefaults fills in what was left out.
func (c Config) withDefaults() Config {
	c.Addr = cmp.Or(c.Addr, "127.0.0.1:0")
	c.ObserveAddr = cmp.Or(c.ObserveAddr, "127.0.0.1:0")
	if c.Unit == 0 {
		c.Unit = Calibrate()
	}
	c.Workers = cmp.Or(c.Workers, runtime.NumCPU())
	c.WorkerQueue = cmp.Or(c.WorkerQueue, DefaultWorkerQueue)
	c.Grace = cmp.Or(c.Grace, DefaultGrace)
	c.Log = cmp.Or(c.Log, slog.Default())
	c.DatabasePool = cmp.Or(c.DatabasePool, DefaultDatabasePool)
	return c
}
