package target

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// Config is how a reference server is set up. The zero value is a server on
// free loopback ports with Node's defaults.
type Config struct {
	Addr        string        // of the routes; a free loopback port when empty
	ObserveAddr string        // of the observation, off the loop; likewise
	PoolSize    int           // threads; UV_THREADPOOL_SIZE or 4 when zero
	Workers     int           // at most; one a core when zero
	Unit        Unit          // additions in a step; calibrated at start when zero
	Grace       time.Duration // what is in flight may take that long at shutdown; DefaultGrace when zero
	Log         *slog.Logger  // gets the uncaught errors; slog.Default when nil

	// ExitOnUncaught ends the server at the first error that nobody catches, as
	// Node ends without a handler. Else the error costs its own request alone.
	ExitOnUncaught bool

	Dose Dose // makes it slower on purpose; not at all when zero

	// Database of the /db routes, which is opened at start; when empty it is an
	// embedded one, which is opened when it is first used.
	Database     DSN
	DatabasePool int // connections; DefaultDatabasePool when zero
}

// DefaultGrace is how long a shutdown waits for what is in flight.
const DefaultGrace = 5 * time.Second

// maxInFlight bounds what waits for the loop or is under way, whether or not its
// client is still there: while the loop is blocked net/http goes on accepting
// and parsing, where Node would leave requests in the kernel. Beyond this many
// they are turned away with 503.
const maxInFlight = 20_000

// Server is the reference server: its handlers run on an event loop with
// Node's semantics. net/http plays the kernel's part: it reads and parses a
// request on a goroutine of its own and posts it through the loop's door.
type Server struct {
	config    Config
	loop      *loop.Loop
	monitor   *loop.Monitor
	workers   *workerPool
	database  *database
	routes    map[string]Route
	log       *requestLog
	metrics   *metrics
	inFlight  atomic.Int64
	listening *loop.Handle
	patience  patience

	routesAt  *connections
	observeAt net.Listener
	ended     chan struct{} // closed when the loop has ended

	uncaughtErrors atomic.Int64
	crashed        chan struct{} // closed when an uncaught error ends the loop
	crash          *Crash        // valid then
}

// Listen calibrates the server, takes its two addresses and returns it ready to
// Serve.
func Listen(config Config) (*Server, error) {
	if config.Addr == "" {
		config.Addr = "127.0.0.1:0"
	}
	if config.ObserveAddr == "" {
		config.ObserveAddr = "127.0.0.1:0"
	}
	if config.Unit == 0 {
		config.Unit = Calibrate()
	}
	if config.Workers == 0 {
		config.Workers = runtime.NumCPU()
	}
	if config.Grace == 0 {
		config.Grace = DefaultGrace
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.DatabasePool == 0 {
		config.DatabasePool = DefaultDatabasePool
	}
	s := &Server{
		config: config, log: newRequestLog(), patience: defaultPatience,
		ended: make(chan struct{}), crashed: make(chan struct{}),
	}
	routesAt, err := net.Listen("tcp", config.Addr)
	if err != nil {
		return nil, fmt.Errorf("the server can't listen on %q: %w", config.Addr, err)
	}
	s.routesAt = newConnections(routesAt)
	if s.observeAt, err = net.Listen("tcp", config.ObserveAddr); err != nil {
		s.routesAt.Close()
		return nil, fmt.Errorf("the observation can't listen on %q: %w", config.ObserveAddr, err)
	}
	s.prepare()
	if err := s.openDatabase(); err != nil {
		s.routesAt.Close()
		s.observeAt.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) prepare() {
	s.monitor = loop.NewMonitor(loop.DefaultBeat)
	options := []loop.Option{loop.WithMonitor(s.monitor)}
	if s.config.PoolSize != 0 {
		options = append(options, loop.WithPoolSize(s.config.PoolSize))
	}
	s.loop = loop.New(options...)
	s.loop.OnUncaughtException(s.uncaught)
	s.workers = newWorkerPool(s.loop, s.config.Workers)
	s.metrics = newMetrics(s)
	s.routes = map[string]Route{}
	for _, r := range Routes(s.config.Unit) {
		s.routes[r.Path] = r
	}
	needProcs(s.procs())
}

// procs is how many threads may want to run at once.
func (s *Server) procs() int { return runtime.NumCPU() + s.loop.PoolSize() + s.config.Workers }

// needProcs lets the kernel share the cores, as it does among Node's threads:
// with fewer Ps than threads Go's scheduler would let pool work hold up the loop.
func needProcs(procs int) {
	if runtime.GOMAXPROCS(0) < procs {
		runtime.GOMAXPROCS(procs)
	}
}

// Routes is everything the reference server offers, one pattern a file.
func Routes(unit Unit) []Route {
	routes := []Route{
		okRoute(), slowRoute(unit), computeRoute(), arrayRoute(), hashRoute(), lookupRoute(), panicRoute(),
		dbInsertRoute(), dbScanRoute(),
	}
	return append([]Route{indexRoute(routes)}, routes...)
}

// Ready is the line that a server prints when it can be driven.
type Ready struct {
	URL           string `json:"url"`
	ObserveURL    string `json:"observe_url"`
	PID           int    `json:"pid"`
	PoolSize      int    `json:"pool_size"`
	Workers       int    `json:"workers"`
	UnitAdditions Unit   `json:"unit_additions"` // in a step of about 1 µs
	Procs         int    `json:"procs"`          // GOMAXPROCS
}

// Ready describes the server.
func (s *Server) Ready(pid int) Ready {
	return Ready{
		URL:           "http://" + s.routesAt.Addr().String(),
		ObserveURL:    "http://" + s.observeAt.Addr().String(),
		PID:           pid,
		PoolSize:      s.loop.PoolSize(),
		Workers:       s.config.Workers,
		UnitAdditions: s.config.Unit,
		Procs:         runtime.GOMAXPROCS(0),
	}
}

// Serve answers requests until the context is done, then stops accepting,
// finishes what is in flight and returns. When that takes longer than the grace
// period it returns ErrUnfinished and leaves the loop behind: the process is
// expected to exit. When an uncaught error ends the server it returns a *Crash.
func (s *Server) Serve(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, s.closeDatabase()) }()
	routes := &http.Server{
		Handler: http.HandlerFunc(s.whenWhole), ReadHeaderTimeout: s.patience.header, IdleTimeout: s.patience.idle,
		ConnState: s.routesAt.changed, ConnContext: s.routesAt.inContext,
	}
	observe := &http.Server{Handler: s.observation(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	go func() { failed <- routes.Serve(s.routesAt) }()
	go func() { failed <- observe.Serve(s.observeAt) }()
	s.listening = s.loop.Open("server")
	go func() {
		defer close(s.ended)
		s.loop.Run(nil)
	}()
	if s.config.Dose.Every > 0 {
		go s.blockLoop()
	}
	defer observe.Close()

	select {
	case <-ctx.Done():
	case err = <-failed:
		routes.Close()
	case <-s.crashed:
		return s.fallen(routes)
	case <-s.ended:
		return s.fallen(routes)
	}
	return errors.Join(err, s.finish(routes))
}

// whenWhole serves a request that has arrived to its last byte.
func (s *Server) whenWhole(w http.ResponseWriter, r *http.Request) {
	if s.receive(w, r) && connectionOf(r).begin() {
		s.ServeHTTP(w, r)
	}
}

// ServeHTTP hands a request to the loop and waits for its answer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == announcePath {
		s.announce(w)
		return
	}
	if s.inFlight.Add(1) > maxInFlight {
		s.inFlight.Add(-1)
		http.Error(w, fmt.Sprintf("more than %d requests wait for the loop", maxInFlight), http.StatusServiceUnavailable)
		return
	}
	came := time.Now()
	x := &Exchange{
		Accept: r.Header.Get("Accept"), loop: s.loop, server: s, answer: make(chan answer, 1),
		served: Served{Path: r.URL.Path, Query: r.URL.RawQuery, Seq: r.Header.Get("X-Vegeta-Seq"), Arrived: s.sinceStart()},
	}
	handle := s.handler(r, x)
	if !s.loop.Post(r.URL.Path, func() { x.run(handle) }) {
		s.inFlight.Add(-1)
	}
	select {
	case a := <-x.answer:
		s.config.Dose.hold(came)
		w.Header().Set("Content-Type", a.mediaType+"; charset=utf-8")
		w.WriteHeader(a.code)
		fmt.Fprint(w, a.body) // a client that has gone is no error of ours
	case <-r.Context().Done():
	case <-s.crashed:
		panic(http.ErrAbortHandler) // closes the connection without an answer, as a process that ends does
	case <-s.ended:
		http.Error(w, "the server is shutting down", http.StatusServiceUnavailable)
	}
}

// handler finds what answers the request; a wrong request is answered on the
// loop too, as it is in Node.
func (s *Server) handler(r *http.Request, x *Exchange) func(*Exchange) {
	route, known := s.routes[r.URL.Path]
	if !known {
		return reply(http.StatusNotFound, "no route "+r.URL.Path)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return reply(http.StatusMethodNotAllowed, "only GET and HEAD are answered")
	}
	values, err := route.read(r.URL.Query())
	if err != nil {
		return reply(http.StatusBadRequest, err.Error())
	}
	x.Values = values
	return route.Handle
}

func reply(code int, body string) func(*Exchange) {
	return func(x *Exchange) { x.Reply(code, body+"\n") }
}

// sinceStart is the time on the loop's clock.
func (s *Server) sinceStart() time.Duration { return s.loop.Clock().Now() }
