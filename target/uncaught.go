package target

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// thrown is something that a callback threw.
type thrown struct {
	by    *Exchange // the request that the callback belongs to; nil for none
	value any
	stack []byte // of the throw
}

func (t *thrown) Error() string { return fmt.Sprintf("uncaught error: %v", t.value) }

// Unwrap gives an error that was thrown as such.
func (t *thrown) Unwrap() error {
	err, _ := t.value.(error)
	return err
}

// asThrown is called where v was recovered, while the stack is still that of
// the throw. What was thrown before keeps its own request and stack.
func asThrown(v any, by *Exchange) *thrown {
	t, before := v.(*thrown)
	if !before {
		return &thrown{by, v, debug.Stack()}
	}
	if t.by == nil && by != nil {
		return &thrown{by, t.value, t.stack}
	}
	return t
}

// Exit codes of a server that an uncaught error ended, as Node has them.
const (
	ExitUncaught       = 1 // Config.ExitOnUncaught asked for it
	ExitUncaughtFailed = 7 // reporting the error failed
)

// Crash is returned by Serve when an uncaught error ended the server.
type Crash struct {
	Code int // ExitUncaught or ExitUncaughtFailed
	Err  error
}

func (c *Crash) Error() string { return c.Err.Error() }

// Unwrap gives the error that ended the server.
func (c *Crash) Unwrap() error { return c.Err }

// uncaught is the loop's handler of what nobody caught. It costs the request
// that it belongs to a 500, and the server lives on unless it shall not.
func (s *Server) uncaught(v any) {
	t := asThrown(v, nil)
	if err := s.report(t); err != nil {
		s.crashes(ExitUncaughtFailed, err)
	}
	if s.config.ExitOnUncaught {
		s.crashes(ExitUncaught, t)
	}
	if t.by != nil {
		t.by.Fail(t)
	}
}

// crashes ends the server as Node ends: nothing is answered any more. Serve
// hears of it at once; the loop's own end waits for what runs on its pool.
func (s *Server) crashes(code int, err error) {
	if s.crash == nil {
		s.crash = &Crash{code, err}
		close(s.crashed)
	}
	s.loop.Exit(code)
}

// report counts an uncaught error and writes it to the log. It is an error when
// that fails.
func (s *Server) report(t *thrown) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w\n%s\nand the report of it failed: %v", t, t.stack, v)
		}
	}()
	route, query := "", ""
	if t.by != nil {
		route, query = t.by.served.Path, t.by.served.Query
	}
	s.uncaughtErrors.Add(1)
	s.metrics.uncaught(route)
	s.config.Log.Error("uncaught error", slog.String("route", route), slog.String("query", query),
		slog.String("error", fmt.Sprint(t.value)), slog.String("stack", string(t.stack)))
	return nil
}

// workerFailed is an uncaught error of a worker: it ends the worker alone, as in
// Node, where the worker's error event is handled.
func (x *Exchange) workerFailed(err error) {
	t := &thrown{by: x, value: err}
	if inner := (*thrown)(nil); errors.As(err, &inner) {
		t.value, t.stack = inner.value, inner.stack
	}
	if failed := x.server.report(t); failed != nil {
		x.server.crashes(ExitUncaughtFailed, failed)
	}
	x.Reply(http.StatusInternalServerError, err.Error())
}
