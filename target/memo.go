package target

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"weak"
)

// mostSessions bounds the sessions of /cache/memo: they are numbered.
const mostSessions = 1_000

// memoRoute is the guide's WeakMap: a result is remembered with the object that
// it is of, and goes when the object goes.
func memoRoute(unit Unit) Route {
	return Route{
		Path: "/cache/memo",
		Does: "computes something of a session that the server holds, and remembers it for as long as the session is held: the entry goes with the session at the next collection of garbage",
		Params: []Param{
			{Name: "session", Means: "which one; it is there from its first use", Default: "0", Min: 0, Max: mostSessions - 1},
			{Name: "do", Means: "use it, or let go of it", Default: "use", Choices: []string{"use", "drop"}},
			{Name: "n", Means: "steps of about 1 µs that the result takes", Default: strconv.Itoa(cacheSteps), Min: 0, Max: slowStepsMax},
		},
		Work:  []Work{{"remembered", Trivial}, {"computed", Blocking}},
		Guide: guide + "Memory-Efficient Data Structures",
		Handle: func(x *Exchange) {
			s, id := x.server.sessions, x.Values.Int("session")
			if x.Values["do"] == "drop" {
				x.Reply(http.StatusOK, fmt.Sprintf("Session=%d Held=%t Dropped", id, s.drop(id)))
				return
			}
			result, remembered := s.memo.of(s.use(id), func(of *session) float64 {
				return sum(float64(of.id), 0, x.Values.Int("n")*int64(unit))
			})
			x.Reply(http.StatusOK, fmt.Sprintf("Session=%d Sum=%g Remembered=%t", id, result, remembered))
		},
	}
}

// sessions are the objects that results are remembered of. They belong to the
// loop; the memo does not hold them.
type sessions struct {
	held map[int64]*session
	memo memo[session, float64]
}

type session struct {
	id   int64
	name string
}

func newSessions() *sessions { return &sessions{held: map[int64]*session{}} }

// use gives the session, made where there is none.
func (s *sessions) use(id int64) *session {
	held, known := s.held[id]
	if !known {
		held = &session{id, fmt.Sprintf("session %d", id)}
		s.held[id] = held
	}
	return held
}

// drop lets go of the session and tells whether it was held.
func (s *sessions) drop(id int64) bool {
	_, known := s.held[id]
	delete(s.held, id)
	return known
}

// memo remembers a result for each object for as long as someone else holds the
// object. Unlike a WeakMap's, a result must not lead back to its object: it would
// keep it, and itself, for ever. The zero value remembers nothing yet; it is safe
// from any goroutine.
type memo[O, R any] struct {
	mu      sync.Mutex
	results map[weak.Pointer[O]]R
	used    cacheUse
}

// of gives the result for the object and whether it was remembered. It is
// computed once, or more often where several ask for it at the same time.
func (m *memo[O, R]) of(object *O, compute func(*O) R) (R, bool) {
	key := weak.Make(object)
	result, remembered := m.recall(key)
	if !remembered {
		result = compute(object)
		m.remember(key, object, result)
	}
	return result, remembered
}

func (m *memo[O, R]) recall(key weak.Pointer[O]) (R, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	result, remembered := m.results[key]
	m.used.count(remembered)
	return result, remembered
}

func (m *memo[O, R]) remember(key weak.Pointer[O], object *O, result R) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.results == nil {
		m.results = map[weak.Pointer[O]]R{}
	}
	if _, before := m.results[key]; !before {
		runtime.AddCleanup(object, m.forget, key)
	}
	m.results[key] = result
}

// forget runs, on a goroutine of the runtime's, when the object is gone.
func (m *memo[O, R]) forget(key weak.Pointer[O]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.results, key)
	m.used.Evictions++
}

func (m *memo[O, R]) use() cacheUse {
	m.mu.Lock()
	defer m.mu.Unlock()
	use := m.used
	use.Entries = len(m.results)
	return use
}
