package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// maxInFlight bounds what waits for the loop or is under way, whether or not its
// client is still there: while the loop is blocked net/http goes on accepting
// and parsing, where Node would leave requests in the kernel. Beyond this many
// they are turned away with 503.
const maxInFlight = 20_000

// Server is the reference server: its handlers run on an event loop with
// Node's semantics. net/http plays the kernel's part: it reads and parses a
// request on a goroutine of its own and posts it through the loop's door.
type Server struct {
	config      Config
	loop        *loop.Loop
	monitor     *loop.Monitor
	workers     *workerPool
	routes      map[string]Route
	log         *requestLog
	memory      *memoryLog
	metrics     *metrics
	shedding    shedder
	performance *performance
	data        *dataFolder
	database    *database
	cleanups    cleanups
	caches      *caches
	sessions    *sessions
	leaked      leak
	heapDiff    heapDiff
	heapWatch   *heapWatch    // nil without a watch
	profiles    *heapProfiles // nil without a folder
	inFlight    atomic.Int64
	listening   *loop.Handle
	patience    patience

	timers               []*loop.Timer // that look at the loop's lag
	lagEvery, watchEvery time.Duration // and how often

	routesAt  *connections
	observeAt net.Listener
	observing *http.Server
	ended     chan struct{} // closed when the loop has ended

	uncaughtErrors      atomic.Int64
	unhandledRejections atomic.Int64
	crashed             chan struct{} // closed when one of them ends the loop
	crash               *Crash        // valid then
}

// Listen calibrates the server, takes its two addresses and returns it ready to
// Serve.
func Listen(config Config) (*Server, error) {
	config = config.withDefaults()
	s := &Server{
		config: config, log: newRequestLog(), memory: newMemoryLog(), patience: defaultPatience.within(config.Grace),
		lagEvery: lagEvery, watchEvery: watchEvery,
		ended: make(chan struct{}), crashed: make(chan struct{}),
	}
	var err error
	if s.data, err = newDataFolder(config.Data); err != nil {
		return nil, err
	}
	if config.Profiles != "" {
		if s.profiles, err = openProfiles(config.Profiles, config.Log); err != nil {
			return nil, err
		}
	}
	if s.routesAt, err = listenForConnections(config.Addr); err != nil {
		return nil, fmt.Errorf("the server can't listen on %q: %w", config.Addr, err)
	}
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

func (s *Server) prepare(options ...loop.Option) {
	s.onClose("observation", func() error { return s.observing.Close() }) // first, and so to the last
	s.onClose("data folder", s.data.close)
	s.monitor = loop.NewMonitor(loop.DefaultBeat)
	options = append(options, loop.WithMonitor(s.monitor))
	if s.config.PoolSize != 0 {
		options = append(options, loop.WithPoolSize(s.config.PoolSize))
	}
	s.loop = loop.New(options...)
	s.loop.OnUncaughtException(s.uncaught)
	s.shedding.most = s.config.MaxLag
	s.workers = newWorkerPool(s.loop, s.config.Workers, s.config.WorkerQueue)
	s.metrics = newMetrics(s)
	s.performance = newPerformance(s.loop)
	s.performance.observe(measureEntry, false, s.metrics.measured)
	s.loop.OnUnhandledRejection(s.unhandled)
	s.observing = &http.Server{Handler: s.observation(), ReadHeaderTimeout: 10 * time.Second}
	s.caches, s.sessions = newCaches(), newSessions()
	if s.config.WatchHeap > 0 {
		s.heapWatch = newHeapWatch(s.config.WatchHeap, s.config.Log)
	}
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
		okRoute(), slowRoute(unit), computeRoute(), arrayRoute(), hashRoute(), lookupRoute(), poolMixRoute(), panicRoute(), failRoute(),
		healthRoute(),
		starveRoute(),
		itemsRoute(unit),
		fsReadRoute(), fsCopyRoute(), fsManyRoute(),
		cacheRoute(unit), cacheClearRoute(), memoRoute(unit),
		leakRoute(),
		dbInsertRoute(), dbScanRoute(),
	}
	routes = append(routes, measuresRoute(routes)) // behind all that it lists
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
// finishes what is in flight, cleans up and returns. When that takes longer than the
// grace period it returns ErrUnfinished and leaves the loop behind: the process is
// expected to exit. When an uncaught error ends the server it cleans up too, and
// returns a *Crash.
func (s *Server) Serve(ctx context.Context) error {
	err := s.serve(ctx)
	failed := s.cleanUp()
	var crash *Crash
	if errors.As(err, &crash) {
		return err // says why the server has ended; what failed after that is in the log
	}
	return errors.Join(err, failed)
}

func (s *Server) serve(ctx context.Context) error {
	routes := &http.Server{
		Handler: http.HandlerFunc(s.whenWhole), ReadHeaderTimeout: s.patience.header, IdleTimeout: s.patience.idle,
		ConnState: s.routesAt.changed, ConnContext: s.routesAt.inContext,
	}
	failed := make(chan error, 2)
	go func() { failed <- routes.Serve(s.routesAt) }()
	go func() { failed <- s.observing.Serve(s.observeAt) }()
	s.listening = s.loop.Open("server")
	s.startTimers()
	go func() {
		defer close(s.ended)
		s.loop.Run(nil)
	}()
	if s.config.Dose.Every > 0 {
		go s.blockLoop()
	}
	defer s.memory.follow(s.sinceStart)()
	if s.heapWatch != nil {
		defer s.heapWatch.follow(lookEvery(s.config.WatchHeap), s.sinceStart)()
	}
	if s.profiles != nil {
		defer s.profiles.follow()()
	}

	var err error
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
	s.routesAt.lastWords(w)
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
	s.memory.glance(x.served.Arrived)
	handle := s.handler(r, x)
	if !s.routes[r.URL.Path].Always {
		handle = s.shedding.before(handle)
	}
	if !s.loop.Post(r.URL.Path, func() { x.run(handle) }) {
		s.inFlight.Add(-1)
	}
	select {
	case a := <-x.answer:
		s.memory.glance(s.sinceStart())
		s.config.Dose.hold(came)
		s.routesAt.lastWords(w)
		w.Header().Set("Content-Type", a.mediaType+"; charset=utf-8")
		w.WriteHeader(a.code)
		fmt.Fprint(w, a.body) // a client that has gone is no error of ours
		s.logRequest(r, came, a.code)
	case <-r.Context().Done():
		s.loop.Post(r.URL.Path, x.closed)
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
	x.Values, x.measured = values, route.measured()
	return route.Handle
}

func reply(code int, body string) func(*Exchange) {
	return func(x *Exchange) { x.Reply(code, body+"\n") }
}

// sinceStart is the time on the loop's clock.
func (s *Server) sinceStart() time.Duration { return s.loop.Clock().Now() }
