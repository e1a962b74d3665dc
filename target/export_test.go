package target

import "time"

// Impatient lets the server give its clients that long for each part of a
// request, and for idling; before it serves.
func Impatient(s *Server, d time.Duration) { s.patience = patience{d, d, d, d} }

// Listening lets a shutdown wait that long for clients that are quiet; before it
// serves.
func Listening(s *Server, quiet time.Duration) { s.patience.quiet = quiet }

// OnClose has the server close something at its end.
func OnClose(s *Server, name string, close func() error) { s.onClose(name, close) }

// Post gives the server's loop a callback that belongs to no request.
func Post(s *Server, fn func()) { s.loop.Post("stray", fn) }

// Fill makes the server count as many requests in flight as it allows.
func Fill(s *Server) { s.inFlight.Store(maxInFlight) }

// Handle gives the server a route of the test's own; before its first request.
func Handle(s *Server, path string, handle func(*Exchange)) {
	s.routes[path] = Route{Path: path, Handle: handle}
}

// Leave makes the server count so many requests in flight that it takes only n
// more.
func Leave(s *Server, n int) { s.inFlight.Store(maxInFlight - int64(n)) }

// InFlight is how many requests the server counts as in flight.
func InFlight(s *Server) int { return int(s.inFlight.Load()) }

// Working is on how many connections a request is under way.
func Working(s *Server) int { return s.routesAt.working() }

// Bound is how many it allows.
const Bound = maxInFlight

// Observers is how many observe the server's measures and marks; after its end.
func Observers(s *Server) int { return len(s.performance.observers) }

// LookEvery lets the server look at its lag so often; before it serves.
func LookEvery(s *Server, d time.Duration) { s.lagEvery, s.watchEvery = d, d }

// SetLag sets the server's smoothed lag.
func SetLag(s *Server, lag time.Duration) { s.shedding.lag.Store(int64(lag)) }

// HoldWorkers gives the server a route /held whose task keeps a worker until the
// test opens it, and says when one is entered; before its first request.
func HoldWorkers(s *Server) (entered <-chan struct{}, open func()) {
	Handle(s, "/held", func(x *Exchange) { x.onWorker("held") })
	return heldJob()
}

// Leaked makes the server count so many bytes as leaked.
func Leaked(s *Server, bytes int) { s.leaked.held = bytes }
