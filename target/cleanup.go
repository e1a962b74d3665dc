package target

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// cleanups is what a server has opened and closes at its end: a pool of database
// connections, a folder of temporary files. What was opened last is closed first,
// since it may stand on what was there before it.
type cleanups struct {
	mu   sync.Mutex
	open []cleanup
}

type cleanup struct {
	name  string
	close func() error
}

// onClose has the server call close at its end, once: at a shutdown, when what was
// in flight is over and the loop has ended, and after an uncaught error that ends the
// server, before it exits. What close returns or throws is logged under the name.
//
// close runs on a goroutine of its own. It must not touch what belongs to the loop,
// which a callback may still hold when the grace is over, and has to come to its end
// by itself: each has an equal share of the grace that is left by then, and one that
// takes longer is left behind. onClose may be called from any goroutine.
func (s *Server) onClose(name string, close func() error) {
	s.cleanups.mu.Lock()
	defer s.cleanups.mu.Unlock()
	s.cleanups.open = append(s.cleanups.open, cleanup{name, close})
}

// ErrUnclean is returned by Serve when something could not be closed at its end.
var ErrUnclean = errors.New("the clean-up failed")

// cleanUp closes everything, last in, first out.
func (s *Server) cleanUp() error {
	deadline := time.Now().Add(s.cleanupTime())
	open := s.cleanups.take()
	var closed, failed []string
	for i, c := range slices.Backward(open) {
		if err := c.run(time.Until(deadline) / time.Duration(i+1)); err != nil {
			failed = append(failed, fmt.Sprintf("%s: %v", c.name, err))
			s.note(slog.LevelError, "clean-up failed", slog.String("name", c.name), slog.String("error", err.Error()))
			continue
		}
		closed = append(closed, c.name)
	}
	s.note(slog.LevelInfo, "cleaned up", slog.Any("closed", closed))
	if len(failed) > 0 {
		return fmt.Errorf("%w: %s", ErrUnclean, strings.Join(failed, "; "))
	}
	return nil
}

// note writes to the log, which may be what has ended the server.
func (s *Server) note(level slog.Level, message string, attributes ...slog.Attr) {
	defer func() { recover() }()
	s.config.Log.LogAttrs(context.Background(), level, message, attributes...)
}

// cleanupTime bounds the clean-up: there is one however short what is in flight is
// cut.
func (s *Server) cleanupTime() time.Duration { return max(s.config.Grace, DefaultGrace) }

func (c *cleanups) take() []cleanup {
	c.mu.Lock()
	defer c.mu.Unlock()
	open := c.open
	c.open = nil
	return open
}

// run closes the one, or leaves it behind.
func (c cleanup) run(within time.Duration) error {
	closed := make(chan error, 1)
	go func() { closed <- c.guarded() }()
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	select {
	case err := <-closed:
		return err
	case <-timeout.C:
		return fmt.Errorf("it was not done within %v", within.Round(time.Millisecond))
	}
}

// guarded makes an error of what close throws, so that the others have their turn.
func (c cleanup) guarded() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it panicked: %v", v)
		}
	}()
	return c.close()
}
