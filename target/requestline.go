package target

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// logRequest writes a line about a request whose answer is on its way: what it
// took since it came, its wait for the loop included.
func (s *Server) logRequest(r *http.Request, came time.Time, code int) {
	if !s.config.LogRequests {
		return
	}
	s.config.Log.LogAttrs(context.Background(), slog.LevelInfo, "request",
		slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Float64("ms", ms(time.Since(came))), slog.Int("code", code))
}
