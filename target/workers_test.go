package target_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/looptest/looptest/target"
)

// workers mirrors what /stats tells of the workers.
type workers struct {
	Size, Queue, Rejected, Withdrawn, Replaced int
	Limit                                      int `json:"queue_limit"`
}

func workersOf(t *testing.T, s *running) workers {
	t.Helper()
	var stats struct{ Workers workers }
	getJSON(t, s.ObserveURL+"/stats", &stats)
	return stats.Workers
}

// askHeld asks for a task that keeps a worker, and gives the answer's code; 0 when
// the request was given up.
func askHeld(ctx context.Context, s *running) (code <-chan int) {
	codes := make(chan int, 1)
	go func() {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/held", nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			codes <- 0
			return
		}
		res.Body.Close()
		codes <- res.StatusCode
	}()
	return codes
}

// With the workers busy and their queue full a request for them is answered with
// 503 at once, all others as ever; what was taken gets its answer.
func TestFullWorkerQueue(t *testing.T) {
	s := serve(t, target.Config{Workers: 1, WorkerQueue: 2})
	entered, open := target.HoldWorkers(s.server)
	defer open()
	taken := []<-chan int{askHeld(t.Context(), s)}
	<-entered
	for range 2 {
		taken = append(taken, askHeld(t.Context(), s))
	}
	until(func() bool { return workersOf(t, s).Queue == 2 })
	for _, path := range []string{"/compute?n=1", "/slow?mode=worker&n=1", "/held"} {
		if code, body := get(t, s.URL+path); code != http.StatusServiceUnavailable || !strings.Contains(body, "queue is full: 2 tasks wait") {
			t.Errorf("%s answered %d %q", path, code, body)
		}
	}
	if code, body := get(t, s.URL+"/compute?n=10&mode=block"); code != http.StatusOK || body != "55" {
		t.Errorf("in the handler it answered %d %q", code, body)
	}
	answersOthers(t, s)
	if w := workersOf(t, s); w != (workers{Size: 1, Queue: 2, Limit: 2, Rejected: 3}) {
		t.Errorf("/stats tells of %+v", w)
	}
	_, text := get(t, s.ObserveURL+"/metrics")
	for _, line := range []string{
		`loop_queue_length{queue="workers"} 2`, "worker_tasks_rejected_total 3", "worker_tasks_withdrawn_total 0", "workers_replaced_total 0",
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the metrics have no %q", line)
		}
	}
	open()
	for _, code := range taken {
		if code := <-code; code != http.StatusOK {
			t.Errorf("a request that was taken got %d", code)
		}
	}
	ends(t, s)
}

// A client that goes away while its task waits makes room for another; the task
// is not done.
func TestClientsLeaveTheWorkerQueue(t *testing.T) {
	s := serve(t, target.Config{Workers: 1, WorkerQueue: 1})
	entered, open := target.HoldWorkers(s.server)
	defer open()
	begun := askHeld(t.Context(), s)
	<-entered
	ctx, leave := context.WithCancel(t.Context())
	left := askHeld(ctx, s)
	until(func() bool { return workersOf(t, s).Queue == 1 })
	leave()
	<-left
	until(func() bool { return workersOf(t, s).Queue == 0 })
	stays := askHeld(t.Context(), s)
	until(func() bool { return workersOf(t, s).Queue == 1 })
	if w := workersOf(t, s); w.Withdrawn != 1 || w.Rejected != 0 {
		t.Errorf("/stats tells of %+v", w)
	}
	open()
	if a, b := <-begun, <-stays; a != http.StatusOK || b != http.StatusOK {
		t.Errorf("the others got %d and %d", a, b)
	}
	ends(t, s)
}

// Tasks that fail or throw among others cost their own requests alone; only what
// throws is an uncaught error and ends its worker, and each is replaced.
func TestFailingTasksAmongOthers(t *testing.T) {
	s := serve(t, target.Config{Workers: 2})
	const each = 20
	want := map[string]string{
		"n=15&fail=no":               "200 610",
		"n=15&fail=error":            "500 the task failed",
		"n=15&fail=panic":            "500 the worker failed: uncaught error: boom in a task",
		"n=15&fail=no&mode=block":    "200 610",
		"n=15&fail=error&mode=block": "500 the task failed",
		"n=15&fail=panic&mode=block": "500 uncaught error: boom in a task",
		"n=15&fail=never":            `400 parameter "fail" is "never"; it must be one of no, error, panic` + "\n",
		"n=-1&fail=error":            `400 parameter "n" is "-1"; it must be a whole number from 0 to 45` + "\n",
	}
	var all sync.WaitGroup
	for range each {
		for query, answer := range want {
			all.Go(func() {
				code, body := get(t, s.URL+"/compute?"+query)
				if got := fmt.Sprintf("%d %s", code, body); got != answer {
					t.Errorf("%s: %q, want %q", query, got, answer)
				}
			})
		}
	}
	all.Wait()
	if w := workersOf(t, s); w.Replaced != each || w.Queue != 0 || w.Rejected != 0 {
		t.Errorf("/stats tells of %+v, want %d workers replaced", w, each)
	}
	if n := uncaught(t, s); n != 2*each {
		t.Errorf("%d uncaught errors are counted, want the %d that threw", n, 2*each)
	}
	ends(t, s)
}
