package target_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/looptest/looptest/target"
)

func TestPoolMixAnswers(t *testing.T) {
	s := serve(t, target.Config{PoolSize: 2})
	for _, c := range []struct {
		query string
		code  int
		says  string
	}{
		{"", 200, "read 16384 bytes"},
		{"job=read", 200, "read 16384 bytes"},
		{"job=lookup&ms=1", 200, "waited 1 ms"},
		{"job=lookup&ms=1&as=file", 200, "waited 1 ms"},
		{"job=lookup&as=disk", 400, "must be one of dns, file"},
		{"job=hash", 200, "acbc1cbd82e53eb6"}, // as /hash gives it
		{"job=compress&kib=1", 200, "1 KiB in "},
		{"job=compress&kib=1024", 200, "1024 KiB in "},
		{"job=sort", 400, `"job" is "sort"; it must be one of hash, compress, lookup, read`},
		{"job=lookup&ms=10001", 400, "from 0 to 10000"},
		{"job=compress&kib=0", 400, "from 1 to 1024"},
		{"job=compress&kib=1025", 400, "from 1 to 1024"},
	} {
		code, body := get(t, s.URL+"/pool/mix?"+c.query)
		if code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%s answered %d %q, want %d with %q", c.query, code, body, c.code, c.says)
		}
	}
}

// The text is compressed indeed: to less than half, and not to nothing.
func TestCompressWorksOnText(t *testing.T) {
	s := serve(t, target.Config{})
	_, body := get(t, s.URL+"/pool/mix?job=compress&kib=100")
	var kib, packed int
	if _, err := fmt.Sscanf(body, "%d KiB in %d bytes", &kib, &packed); err != nil || kib != 100 || packed < 5<<10 || packed > 50<<10 {
		t.Errorf("got %q", body)
	}
}

// holdThreads gives the server a route whose job keeps a thread of the pool until
// the test opens it; as a lookup it takes one of those that lookups may have.
func holdThreads(s *running, asLookup bool) (entered <-chan struct{}, open func()) {
	begun, opened := make(chan struct{}, 16), make(chan struct{})
	target.Handle(s.server, "/thread", func(x *target.Exchange) {
		submit := x.Work
		if asLookup {
			submit = x.SlowWork
		}
		submit(func() {
			begun <- struct{}{}
			<-opened
		}, func() { x.Reply(http.StatusOK, "opened") })
	})
	return begun, sync.OnceFunc(func() { close(opened) })
}

// On a full pool every job waits, whatever it has to do with the others, while
// the loop is free; on one with a thread to spare, none does.
func TestReadsWaitForAFullPool(t *testing.T) {
	for threads, waits := range map[int]bool{2: true, 3: false} {
		t.Run(fmt.Sprintf("%d threads", threads), func(t *testing.T) {
			s := serve(t, target.Config{PoolSize: threads})
			entered, open := holdThreads(s, false)
			defer open()
			var all sync.WaitGroup
			for range 2 {
				all.Go(func() { get(t, s.URL+"/thread") })
				<-entered
			}
			first := []string{"/ok", "/thread"} // the first thread to be free takes the read
			if waits {
				all.Go(func() { get(t, s.URL+"/pool/mix?job=read") })
				until(func() bool {
					_, text := get(t, s.ObserveURL+"/metrics")
					return strings.Contains(text, `{queue="pool"} 3`)
				})
			} else {
				get(t, s.URL+"/pool/mix?job=read")
				first = []string{"/pool/mix", "/ok"}
			}
			answersOthers(t, s)
			open()
			all.Wait()
			answeredFirst(t, s, first...)
		})
	}
}

// A name's lookup waits while such have their half of the threads; what reads does
// not.
func TestLookupsHaveHalfOfThePool(t *testing.T) {
	s := serve(t, target.Config{PoolSize: 2})
	entered, open := holdThreads(s, true)
	defer open()
	var all sync.WaitGroup
	all.Go(func() { get(t, s.URL+"/thread") })
	<-entered
	all.Go(func() { get(t, s.URL+"/pool/mix?job=lookup&ms=0") })
	until(func() bool { return target.InFlight(s.server) == 2 })
	get(t, s.URL+"/pool/mix?job=read")
	get(t, s.URL+"/pool/mix?job=lookup&ms=0&as=file")
	open()
	all.Wait()
	answeredFirst(t, s, "/pool/mix", "/pool/mix", "/thread", "/pool/mix")
}

// answeredFirst checks what the loop answered first, in its order.
func answeredFirst(t *testing.T, s *running, want ...string) {
	t.Helper()
	var log []served
	getJSON(t, s.ObserveURL+"/requests", &log)
	var got []string
	for _, r := range log {
		got = append(got, r.Path)
	}
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("answered in the order %q, want %q first", got, want)
	}
}
