package target

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/looptest/looptest/target/loop"
)

// onceListener is the guide's own example: every request listens once for "the
// next message" of the one worker.
type onceListener struct {
	worker    *loop.Worker
	listeners []func(any)
}

func newOnceListener(l *loop.Loop) *onceListener {
	o := &onceListener{worker: l.StartWorker(workerMain)}
	o.worker.Unref()
	o.worker.OnMessage(func(m any) {
		listeners := o.listeners // once: all that listen now get this message
		o.listeners = nil
		for _, fn := range listeners {
			fn(m)
		}
	})
	return o
}

func (o *onceListener) do(n int64, done func(string)) {
	o.worker.Post(workerTask{int(n), "fibonacci", []int64{n}})
	o.listeners = append(o.listeners, func(m any) { done(m.(workerReply).Result) })
}

// Two requests at once: the guide's example gives both the first one's reply;
// the pool, which matches by id, gives each its own.
func TestRepliesAreMatched(t *testing.T) {
	ask := func(do func(l *loop.Loop, n int64, done func(string))) map[int64]string {
		got := map[int64]string{}
		l := loop.New()
		l.Run(func() {
			waiting := l.Open("test")
			for _, n := range []int64{10, 11, 12, 13, 14, 15, 16, 17} {
				do(l, n, func(result string) {
					got[n] = result
					if len(got) == 8 {
						waiting.Close(nil)
					}
				})
			}
		})
		return got
	}
	wrong := func(got map[int64]string) (n int) {
		for asked, result := range got {
			if result != fmt.Sprint(fibonacci(asked)) {
				n++
			}
		}
		return n
	}

	var once *onceListener
	if n := wrong(ask(func(l *loop.Loop, n int64, done func(string)) {
		if once == nil {
			once = newOnceListener(l)
		}
		once.do(n, done)
	})); n != 7 {
		t.Errorf("listening once mixed up %d of 8 replies, want 7", n)
	}
	for _, size := range []int{1, 3, 8} {
		var pool *workerPool
		if n := wrong(ask(func(l *loop.Loop, n int64, done func(string)) {
			if pool == nil {
				pool = newWorkerPool(l, size, DefaultWorkerQueue)
			}
			pool.do("fibonacci", []int64{n}, func(result string, err error) {
				if err != nil {
					t.Error(err)
				}
				done(result)
			})
		})); n != 0 {
			t.Errorf("a pool of %d mixed up %d of 8 replies", size, n)
		}
	}
}

// A task that fails costs itself only: the worker is replaced and the others
// are answered.
func TestAFailingTaskFailsAlone(t *testing.T) {
	var results []string
	l := loop.New()
	l.Run(func() {
		waiting := l.Open("test")
		pool := newWorkerPool(l, 1, DefaultWorkerQueue)
		for _, job := range []string{"fibonacci", "no such job", "fibonacci"} {
			pool.do(job, []int64{10}, func(result string, err error) {
				if err != nil {
					result = err.Error()
				}
				if results = append(results, result); len(results) == 3 {
					waiting.Close(nil)
				}
			})
		}
	})
	want := []string{"55", `the worker failed: no job is named "no such job"`, "55"}
	if strings.Join(results, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", results, want)
	}
}

// The index names every route, with its parameters' ranges, its kind of work
// and its place in the guides.
func TestIndex(t *testing.T) {
	s, err := Listen(Config{Unit: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.routesAt.Close()
	defer s.observeAt.Close()
	waiting := s.loop.Open("test")
	go s.loop.Run(nil)
	defer s.loop.Post("end", func() { waiting.Close(nil) })
	page := func(accept string) string {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if !strings.Contains(w.Header().Get("Content-Type"), strings.Split(accept, ",")[0]) {
			t.Errorf("asked for %s, got %s", accept, w.Header().Get("Content-Type"))
		}
		return w.Body.String()
	}
	html, json := page("text/html,*/*"), page("application/json")
	for _, r := range Routes(1)[1:] {
		for _, text := range []string{r.Path, r.Guide} {
			if text == "" || !strings.Contains(html, text) || !strings.Contains(json, text) {
				t.Errorf("the index does not tell %q of %s", text, r.Path)
			}
		}
		if len(r.Work) == 0 {
			t.Errorf("%s has no kind of work", r.Path)
		}
		for _, p := range r.Params {
			if !strings.Contains(json, p.Means) || !strings.Contains(html, p.Means) {
				t.Errorf("the index does not tell parameter %s of %s", p.Name, r.Path)
			}
		}
	}
	if !strings.Contains(json, `"max": 10000000`) || !strings.Contains(html, "1 to 10000000") {
		t.Error("the index does not tell the range of n")
	}
}
