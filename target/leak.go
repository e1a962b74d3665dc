package target

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
)

// mostLeaked bounds what /leak may hold; from then on it refuses.
const mostLeaked = 256 << 20

const (
	leakKB     = 16
	leakKBMost = 1_024
)

// leakRoute is memory that nobody lets go of, to have something to be found.
func leakRoute() Route {
	return Route{
		Path: "/leak",
		Does: fmt.Sprintf("allocates memory for the request and never lets go of it, up to %d MiB in all; or does, or clears what was kept", mostLeaked>>20),
		Params: []Param{
			{Name: "mode", Means: "keep it, let go of it, or let go of all that was kept", Default: "on", Choices: []string{"on", "off", "clear"}},
			{Name: "kb", Means: "how much, in KiB", Default: strconv.Itoa(leakKB), Min: 1, Max: leakKBMost},
		},
		Work:  []Work{{Kind: Trivial}},
		Guide: guide + "Memory Leak Detection",
		Handle: func(x *Exchange) {
			l, bytes := &x.server.leaked, int(x.Values.Int("kb"))<<10
			switch x.Values["mode"] {
			case "clear":
				l.clear()
			case "off":
				l.allocate(bytes)
			case "on":
				if !l.plant(bytes) {
					x.Reply(http.StatusInsufficientStorage, fmt.Sprintf("%d MiB have leaked; /leak?mode=clear frees them\n", mostLeaked>>20))
					return
				}
			}
			x.Reply(http.StatusOK, fmt.Sprintf("Leaked=%d", l.bytes()))
		},
	}
}

// leak is what a handler forgot in a list.
type leak struct {
	mu   sync.Mutex // the loop's alone, but for bytes
	kept [][]byte
	held int
}

// plant leaks; it reports false when there is no room for more.
func (l *leak) plant(bytes int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held+bytes > mostLeaked {
		return false
	}
	l.kept = append(l.kept, fill(make([]byte, bytes)))
	l.held += bytes
	return true
}

// allocate is the same work without the leak.
func (l *leak) allocate(bytes int) []byte { return fill(make([]byte, bytes)) }

// fill touches every page, since memory that nobody touched is not resident.
//
//go:noinline
func fill(b []byte) []byte {
	for i := 0; i < len(b); i += 1 << 10 {
		b[i] = 1
	}
	return b
}

func (l *leak) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept, l.held = nil, 0
}

func (l *leak) bytes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held
}
