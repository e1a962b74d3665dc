package target

import (
	"sync"
	"time"

	"github.com/looptest/looptest/target/internal/ring"
)

// keptRequests bounds the request log's memory.
const keptRequests = 1 << 15

// requestLog keeps the newest answered requests.
type requestLog struct {
	mu   sync.Mutex
	ring ring.Ring[Served]
}

func newRequestLog() *requestLog { return &requestLog{ring: ring.New[Served](keptRequests)} }

func (l *requestLog) add(s Served) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring.Push(s)
}

// since gives the requests that were answered at or after that time.
func (l *requestLog) since(t time.Duration) []Served {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ring.From(func(s Served) bool { return s.Answered >= t })
}
