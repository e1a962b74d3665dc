package target

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/looptest/looptest/target/loop"
)

// thrown is something that a callback threw, or the reason of a rejection.
type thrown struct {
	by       *Exchange // the request that the callback belongs to; nil for none
	value    any
	stack    []byte // of the throw
	rejected bool   // it came to a promise, whose rejection nobody handled
}

func (t *thrown) Error() string { return fmt.Sprintf("%s: %v", t.kind(), t.value) }

// kind tells the two events apart, as Node does.
func (t *thrown) kind() string {
	if t.rejected {
		return "unhandled rejection"
	}
	return "uncaught error"
}

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
		return &thrown{by: by, value: v, stack: debug.Stack()}
	}
	if t.by == nil && by != nil {
		return &thrown{by: by, value: t.value, stack: t.stack}
	}
	return t
}

// Exit codes of a server that an uncaught error ended, as Node has them.
const (
	ExitUncaught       = 1 // Config.ExitOnUncaught asked for it
	ExitUncaughtFailed = 7 // reporting the error failed
)

// Crash is returned by Serve when an uncaught error, or an unhandled rejection,
// ended the server.
type Crash struct {
	Code int // ExitUncaught or ExitUncaughtFailed
	Err  error
}

func (c *Crash) Error() string { return c.Err.Error() }

// Unwrap gives the error that ended the server.
func (c *Crash) Unwrap() error { return c.Err }

// uncaught is the loop's handler of what nobody caught.
func (s *Server) uncaught(v any) { s.suffer(asThrown(v, nil)) }

// unhandled is the loop's handler of a rejection that nobody handles. Node without
// such a handler makes an uncaught error of it.
func (s *Server) unhandled(reason any, _ *loop.Promise) {
	t := *asThrown(reason, nil)
	t.rejected = true
	s.suffer(&t)
}

// suffer reports what went wrong. It costs the request that it belongs to a 500,
// and the server lives on unless it shall not.
func (s *Server) suffer(t *thrown) {
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

// report counts what went wrong and writes it to the log. It is an error when
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
	s.count(t, route)
	s.config.Log.Error(t.kind(), slog.String("route", route), slog.String("query", query),
		slog.String("error", fmt.Sprint(t.value)), slog.String("stack", string(t.stack)))
	return nil
}

func (s *Server) count(t *thrown, route string) {
	if t.rejected {
		s.unhandledRejections.Add(1)
		s.metrics.rejections.WithLabelValues(cmp.Or(route, noRoute)).Inc()
		return
	}
	s.uncaughtErrors.Add(1)
	s.metrics.errors.WithLabelValues(cmp.Or(route, noRoute)).Inc()
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
