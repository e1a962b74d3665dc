package target

// Panicking gives the server a route whose handler panics; before its first
// request.
func Panicking(s *Server) {
	s.routes["/panic"] = Route{Path: "/panic", Handle: func(*Exchange) { panic("boom") }}
}

// Fill makes the server count as many requests in flight as it allows.
func Fill(s *Server) { s.inFlight.Store(maxInFlight) }
