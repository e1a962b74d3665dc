package target

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ErrUnfinished is returned by Serve when something was still in flight at the
// end of the grace period.
var ErrUnfinished = errors.New("requests were still in flight at the end of the grace period")

// finish ends the server gracefully, or gives up after the grace period. The order
// loses no request: first nobody is accepted any more, then every connection is
// closed by its next answer, then those are that nobody uses, and then what is still
// in flight is waited for. It waits for whole requests alone: net/http would give a
// half-sent one five seconds to be completed.
func (s *Server) finish(routes *http.Server) error {
	if s.config.Grace == NoGrace {
		return s.cutOff(routes)
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.config.Grace)
	defer cancel()
	s.routesAt.stopAccepting()
	s.routesAt.drain(s.patience.quiet, s.config.Grace/2) // the other half is for what comes last
	if routes.Shutdown(ctx) != nil {
		err := s.unfinished()
		s.abandon(routes)
		return err
	}
	s.loop.Post("shutdown", func() {
		s.stopTimers()
		s.listening.Close(nil)
	})
	select {
	case <-s.ended:
		return s.ending()
	case <-ctx.Done():
		s.loop.Stop()
		return s.unfinished()
	}
}

// cutOff ends the server at once.
func (s *Server) cutOff(routes *http.Server) error {
	err := s.ending()
	if s.routesAt.working() > 0 {
		err = s.unfinished()
	}
	s.abandon(routes)
	return err
}

// abandon closes every connection, whatever is under way on it.
func (s *Server) abandon(routes *http.Server) {
	routes.Close()
	s.loop.Stop() // after the callback that it is at, if that ever ends
}

// unfinished says what a shutdown waited for in vain, unless it was a crash.
func (s *Server) unfinished() error {
	if err := s.ending(); err != nil {
		return err
	}
	err := fmt.Errorf("%w (after %v: %d without an answer, %d connections in use)",
		ErrUnfinished, max(s.config.Grace, 0), s.inFlight.Load(), s.routesAt.working())
	r := s.monitor.Read()
	if r.Running.Phase == "" {
		return err
	}
	held := (r.At - r.Running.Start).Round(time.Millisecond)
	return fmt.Errorf("%w; the loop has been held by %s for %v", err, r.Running.Label, held)
}

// Close takes back what Listen took, of a server that is never to Serve.
func (s *Server) Close() error {
	return errors.Join(s.routesAt.Close(), s.observeAt.Close(), s.cleanUp())
}

// fallen ends a server whose loop has ended, or is about to: what runs on the
// pool is waited for, as Node waits, but no longer than a shutdown would.
func (s *Server) fallen(routes *http.Server) error {
	routes.Close()
	select {
	case <-s.ended:
	case <-time.After(s.config.Grace):
	}
	if err := s.ending(); err != nil {
		return err
	}
	return errors.New("the loop ended by itself")
}

// ending is why the loop has ended; nil for no bad reason.
func (s *Server) ending() error {
	select {
	case <-s.crashed:
		return s.crash
	default:
		return nil
	}
}
