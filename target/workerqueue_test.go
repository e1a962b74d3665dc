package target

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/looptest/looptest/target/loop"
)

// heldJob makes a job that workers are at until the test opens it; it says when
// one is entered.
func heldJob() (entered <-chan struct{}, open func()) {
	begun, opened := make(chan struct{}, 16), make(chan struct{})
	workerJobs["held"] = func([]int64) (string, error) {
		begun <- struct{}{}
		<-opened
		return "held", nil
	}
	return begun, sync.OnceFunc(func() { close(opened) })
}

// What does not fit behind the workers is refused at once, and nothing that was
// taken is lost: it is done first in, first out.
func TestAFullQueueRefusesAtOnce(t *testing.T) {
	const size, limit, tasks = 1, 3, 6
	_, open := heldJob()
	var refused, done []int
	l := loop.New()
	l.Run(func() {
		waiting := l.Open("test")
		pool := newWorkerPool(l, size, limit)
		for i := range tasks {
			pool.do("held", nil, func(_ string, err error) {
				if errors.Is(err, errQueueFull) {
					refused = append(refused, i)
				} else if done = append(done, i); err != nil {
					t.Errorf("task %d: %v", i, err)
				}
				if len(done) == size+limit {
					waiting.Close(nil)
				}
			})
		}
		if c := pool.describe(); c != (workersDocument{Size: size, Queue: limit, Limit: limit, Rejected: 2}) {
			t.Errorf("with the queue full: %+v", c)
		}
		if !slices.Equal(refused, []int{4, 5}) {
			t.Errorf("tasks %v were refused at once, want the last two of %d", refused, tasks)
		}
		open()
	})
	if !slices.Equal(done, []int{0, 1, 2, 3}) {
		t.Errorf("tasks %v were done, want the first four in their order", done)
	}
}

// A task that is withdrawn makes room in the queue and is never done; one that a
// worker has begun goes on.
func TestAWithdrawnTaskMakesRoom(t *testing.T) {
	_, open := heldJob()
	ends := map[string]error{}
	l := loop.New()
	l.Run(func() {
		waiting := l.Open("test")
		pool := newWorkerPool(l, 1, 2)
		do := func(name string) *poolTask {
			return pool.do("held", nil, func(_ string, err error) {
				if _, twice := ends[name]; twice {
					t.Errorf("%s has come to its end twice", name)
				}
				if ends[name] = err; len(ends) == 5 {
					waiting.Close(nil)
				}
			})
		}
		begun, first := do("begun"), do("first")
		do("second")
		do("third")
		for range 2 {
			pool.withdraw(begun)
			pool.withdraw(first)
		}
		do("fourth")
		if c := pool.describe(); c.Queue != 2 || c.Withdrawn != 1 || c.Rejected != 1 {
			t.Errorf("got %+v", c)
		}
		open()
	})
	for name, want := range map[string]error{"begun": nil, "first": errWithdrawn, "second": nil, "third": errQueueFull, "fourth": nil} {
		if got := ends[name]; !errors.Is(got, want) {
			t.Errorf("%s came to %v, want %v", name, got, want)
		}
	}
}

// A worker that died is replaced at once, whether or not a task waits for it; one
// whose task merely gave an error lives on.
func TestDeadWorkersAreReplaced(t *testing.T) {
	l := loop.New()
	l.Run(func() {
		waiting := l.Open("test")
		pool := newWorkerPool(l, 1, DefaultWorkerQueue)
		var worker *poolWorker
		steps := []struct {
			job      string
			result   string
			died     bool
			replaced int64 // by then
		}{
			{"fibonacci", "55", false, 0}, {"fail", "", false, 0}, {"panic", "", true, 1}, {"fibonacci", "55", false, 1}, {"panic", "", true, 2},
		}
		var next func(i int)
		next = func(i int) {
			if i == len(steps) {
				waiting.Close(nil)
				return
			}
			step := steps[i]
			pool.do(step.job, []int64{10}, func(result string, err error) {
				if result != step.result || (err == nil) != (result != "") || errors.Is(err, errWorkerFailed) != step.died {
					t.Errorf("%s gave %q, %v", step.job, result, err)
				}
				if len(pool.members) != 1 || (pool.members[0] != worker) != step.died || pool.counts.replaced.Load() != step.replaced {
					t.Errorf("after step %d: %d workers, another one is %v, %+v", i, len(pool.members), pool.members[0] != worker, pool.describe())
				}
				l.SetImmediate(func() { next(i + 1) })
			})
			worker = pool.members[0]
		}
		next(0)
	})
}
