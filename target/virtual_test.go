package target

import (
	"log/slog"
	"net/http/httptest"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// virtual is a server on which nobody listens, and whose loop is driven by
// virtual time. Every reading of the clock takes a millisecond, as work does, so
// that what waits for time to pass comes to its end.
type virtual struct {
	*Server
	*loop.Virtual
	comes time.Duration // when something happens outside of the loop
	what  func()
}

func newVirtual(pool int) *virtual {
	v := &virtual{Virtual: loop.NewVirtual()}
	v.Server = &Server{
		config: Config{Unit: 1, PoolSize: pool, Workers: 1, Log: slog.New(slog.DiscardHandler)},
		log:    newRequestLog(),
	}
	v.prepare(loop.WithClock(v, v))
	return v
}

// Now lets a millisecond pass.
func (v *virtual) Now() time.Duration {
	v.Advance(time.Millisecond)
	now := v.Virtual.Now()
	if what := v.what; what != nil && now >= v.comes {
		v.what = nil
		what()
	}
	return now
}

// ask hands a request to the loop; the log has what became of it.
func (v *virtual) ask(url string) {
	r := httptest.NewRequest("GET", url, nil)
	x := &Exchange{loop: v.loop, server: v.Server, answer: make(chan answer, 1), served: Served{Path: r.URL.Path, Query: r.URL.RawQuery}}
	handle := v.handler(r, x)
	v.loop.Post(r.URL.Path, func() { x.run(handle) })
}

// beside runs the loop with a request, and one to /ok that comes 10 ms later.
func (v *virtual) beside(url string) (offender, ok Served) {
	v.ask(url)
	v.comes, v.what = 10*time.Millisecond, func() { v.ask("/ok") }
	v.loop.Run(nil)
	for _, s := range v.log.since(0) {
		if s.Path == "/ok" {
			ok = s
		} else {
			offender = s
		}
	}
	return offender, ok
}
