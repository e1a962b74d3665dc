package target

import "time"

// Impatient lets the server give its clients that long for each part of a
// request, and for idling; before it serves.
func Impatient(s *Server, d time.Duration) { s.patience = patience{d, d, d} }

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

// Waiting is how many requests the server counts as in flight.
func Waiting(s *Server) int { return int(s.inFlight.Load()) }

// Bound is how many it allows.
const Bound = maxInFlight

// Leaked makes the server count so many bytes as leaked.
func Leaked(s *Server, bytes int) { s.leaked.held = bytes }
