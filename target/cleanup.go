package target

import (
	"errors"
	"fmt"
)

// cleanup is what has to be given back when the server ends.
type cleanup struct {
	name  string
	close func() error
}

// onClose has close called when the server has ended: what came last goes first.
// It is for the time before the server serves.
func (s *Server) onClose(name string, close func() error) {
	s.cleanups = append(s.cleanups, cleanup{name, close})
}

// cleanUp gives everything back, whatever fails.
func (s *Server) cleanUp() error {
	var errs []error
	for i := len(s.cleanups) - 1; i >= 0; i-- {
		if err := s.cleanups[i].close(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.cleanups[i].name, err))
		}
	}
	s.cleanups = nil
	return errors.Join(errs...)
}
