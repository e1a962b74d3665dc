package target

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

var itemModes = []string{"loop", "yield", "batch", "sync-batch"}

// iterating is a virtual server whose /test goes through items in a way of the
// test's choice.
func iterating(pool, items, atOnce int, mode string, work func(v *virtual, item int) float64) *virtual {
	v := newVirtual(pool)
	Handle(v.Server, "/test", func(x *Exchange) {
		it := &iteration{x: x, results: make([]float64, items), atOnce: atOnce}
		it.work = func(item int) float64 { return work(v, item) }
		it.begin(mode)
	})
	return v
}

// The plain loop lets nobody in, nor do batches whose items are worked on in the
// handler; a yield before each item does.
func TestIterationLetsOthersIn(t *testing.T) {
	for mode, lets := range map[string]bool{"loop": false, "sync-batch": false, "yield": true} {
		v := iterating(1, 50, 3, mode, func(v *virtual, item int) float64 {
			v.Advance(time.Millisecond)
			v.Now() // what comes meanwhile does
			return 1
		})
		test, ok := v.beside("/test")
		if test.Code != http.StatusOK || ok.Code != http.StatusOK {
			t.Fatalf("%s: /test became %+v, /ok %+v", mode, test, ok)
		}
		if within := ok.Answered < test.Answered; within != lets {
			t.Errorf("%s: a request that came at 10 ms was answered at %v, /test at %v", mode, ok.Answered, test.Answered)
		}
	}
}

// A batch's items are under way at once, and no item of the next one begins
// before the last of them is done.
func TestBatchesAreConcurrent(t *testing.T) {
	const items, atOnce = 8, 3
	var mu sync.Mutex
	running, most, done := 0, 0, 0
	whole := make([]sync.WaitGroup, 3) // of each batch, all have begun
	for i := range items {
		whole[i/atOnce].Add(1)
	}
	v := iterating(atOnce, items, atOnce, "batch", func(_ *virtual, item int) float64 {
		mu.Lock()
		running++
		most = max(most, running)
		if before := item / atOnce * atOnce; done < before {
			t.Errorf("item %d begins when %d are done", item, done)
		}
		mu.Unlock()
		whole[item/atOnce].Done()
		whole[item/atOnce].Wait()
		mu.Lock()
		defer mu.Unlock()
		running--
		done++
		return 1
	})
	if test, ok := v.beside("/test"); test.Code != http.StatusOK || ok.Code != http.StatusOK {
		t.Errorf("/test became %+v, /ok %+v", test, ok)
	}
	if done != items || most != atOnce {
		t.Errorf("%d items were done, %d at once; want %d and %d", done, most, items, atOnce)
	}
}

// A pool that is smaller than a batch bounds what runs at once.
func TestBatchesFitTheirPool(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	v := iterating(2, 40, 8, "batch", func(*virtual, int) float64 {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		time.Sleep(100 * time.Microsecond)
		mu.Lock()
		defer mu.Unlock()
		running--
		return 1
	})
	v.beside("/test")
	if most > 2 {
		t.Errorf("%d items ran at once on 2 threads", most)
	}
}

// An item that throws costs its request a 500, and nobody else anything.
func TestItemThatThrows(t *testing.T) {
	for _, mode := range itemModes {
		v := iterating(2, 9, 3, mode, func(_ *virtual, item int) float64 {
			if item == 4 {
				panic("boom")
			}
			return 1
		})
		if test, _ := v.beside("/test"); test.Code != http.StatusInternalServerError {
			t.Errorf("%s: /test answered %d", mode, test.Code)
		}
		if n := v.uncaughtErrors.Load() + v.unhandledRejections.Load(); n != 1 {
			t.Errorf("%s: %d errors are counted, want 1", mode, n)
		}
	}
}
