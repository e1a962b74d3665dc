package loop_test

import (
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// Eight jobs of 100 ms each: the last is done after ⌈8/size⌉ rounds.
func TestPoolRunsThatManyAtOnce(t *testing.T) {
	for _, c := range []struct {
		size int
		want time.Duration
	}{{1, 800}, {2, 400}, {4, 200}, {8, 100}, {16, 100}} {
		synctest.Test(t, func(t *testing.T) {
			l := loop.New(loop.WithPoolSize(c.size))
			began := time.Now()
			var order []int
			l.Run(func() {
				for i := range 8 {
					l.Work(func() { time.Sleep(100 * time.Millisecond) }, func() { order = append(order, i) })
				}
			})
			if took := time.Since(began); took != c.want*time.Millisecond {
				t.Errorf("size %d took %v, want %v", c.size, took, c.want*time.Millisecond)
			}
			if len(order) != 8 {
				t.Errorf("size %d answered %d of 8", c.size, len(order))
			}
		})
	}
}

// A thread that idles already takes one of two jobs; the other must not wait
// for it while the pool may still have threads.
func TestPoolGrowsBesideAnIdleThread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loop.New(loop.WithPoolSize(4))
		var took time.Duration
		l.Run(func() {
			l.Work(func() {}, nil)
			l.SetTimeout(func() {
				began := time.Now()
				for range 2 {
					l.Work(func() { time.Sleep(100 * time.Millisecond) }, func() { took = time.Since(began) })
				}
			}, 10*time.Millisecond)
		})
		if took != 100*time.Millisecond {
			t.Errorf("two jobs on a pool of 4 took %v, want 100ms", took)
		}
	})
}

func TestPoolStartsFirstInFirstOut(t *testing.T) {
	l := loop.New(loop.WithPoolSize(1))
	var started []int
	l.Run(func() {
		for i := range 50 {
			l.Work(func() { started = append(started, i) }, nil)
		}
	})
	for i, job := range started {
		if i != job {
			t.Fatalf("job %d started as number %d", job, i)
		}
	}
}

// Of 4 threads at most (4+1)/2 = 2 are at slow jobs, so a fast one behind six
// slow ones starts at once.
func TestSlowWorkLeavesThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loop.New(loop.WithPoolSize(4))
		began := time.Now()
		var slow, most atomic.Int32
		var fast, all time.Duration
		l.Run(func() {
			for range 6 {
				l.SlowWork(func() {
					most.Store(max(most.Load(), slow.Add(1)))
					time.Sleep(100 * time.Millisecond)
					slow.Add(-1)
				}, func() { all = time.Since(began) })
			}
			l.Work(func() { time.Sleep(time.Millisecond) }, func() { fast = time.Since(began) })
		})
		if most.Load() != 2 {
			t.Errorf("%d slow jobs ran at once, want 2", most.Load())
		}
		if fast != time.Millisecond {
			t.Errorf("the fast job was answered after %v, want 1ms", fast)
		}
		if all != 300*time.Millisecond { // six jobs, two at a time
			t.Errorf("the slow jobs took %v, want 300ms", all)
		}
	})
}

func TestPanicInAJobIsThrownOnTheLoop(t *testing.T) {
	l := loop.New()
	code := l.Run(func() { l.Work(func() { panic("boom") }, nil) })
	if code != 1 || l.Thrown() == nil || l.Thrown().Value != "boom" {
		t.Errorf("exit code %d, thrown %v; want 1, boom", code, l.Thrown())
	}
}

func TestPoolSizeFromTheEnvironment(t *testing.T) {
	for value, want := range map[string]int{"1": 1, "8": 8, "0": 1, "-3": 1, "many": 1, "1024": 1024, "5000": 1024} {
		t.Setenv("UV_THREADPOOL_SIZE", value)
		if got := loop.New().PoolSize(); got != want {
			t.Errorf("UV_THREADPOOL_SIZE=%s gives %d threads, want %d", value, got, want)
		}
	}
}

func TestPoolSizeDefault(t *testing.T) {
	t.Setenv("UV_THREADPOOL_SIZE", "") // so that it is restored
	os.Unsetenv("UV_THREADPOOL_SIZE")
	if got := loop.New().PoolSize(); got != 4 {
		t.Errorf("default pool size is %d, want 4", got)
	}
}
