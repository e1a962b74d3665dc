package target

import (
	"fmt"
	"net/http"
	"strconv"
)

// Bounds of /items: an item takes about a millisecond, so the longest request
// takes about ten seconds.
const (
	itemsToDo      = 200
	itemsToDoMax   = 10_000
	itemSteps      = 1_000 // of about 1 µs
	itemsAtOnce    = 3     // as in the guide
	itemsAtOnceMax = 64
)

// itemsRoute is the guide's three ways through a list of heavy operations, and
// a fourth that is its third to the letter. There the operation is a plain call,
// so that Promise.all gets values that are there already: every item has been
// worked on in the handler by then, one after the other, and awaiting a promise
// that is settled gives back microtasks, not the loop. On Node 20 as here it
// holds the loop exactly as the plain loop does. What makes the batches worth
// their name is a thread for each item: the pool does the work, and the handler
// awaits it.
func itemsRoute(unit Unit) Route {
	return Route{
		Path: "/items",
		Does: "works on items of about 1 ms: in a loop, with a setImmediate before each, in batches on the thread pool, " +
			"or in batches in the handler, which is what Promise.all over plain calls comes to",
		Params: []Param{
			{Name: "mode", Means: "how it goes through the items", Default: "loop", Choices: []string{"loop", "yield", "batch", "sync-batch"}},
			{Name: "n", Means: "items", Default: strconv.Itoa(itemsToDo), Min: 1, Max: itemsToDoMax},
			{Name: "concurrency", Means: "items in a batch, which ends before the next begins; no more run at once than the pool has threads", Default: strconv.Itoa(itemsAtOnce), Min: 1, Max: itemsAtOnceMax},
		},
		Work:  []Work{{"mode=loop", Blocking}, {"mode=yield", Cooperative}, {"mode=batch", OffLoop}, {"mode=sync-batch", Blocking}},
		Guide: guide + "Async Operations",
		Handle: func(x *Exchange) {
			it := &iteration{
				x: x, results: make([]float64, x.Values.Int("n")), atOnce: int(x.Values.Int("concurrency")),
				work: func(item int) float64 { return sum(float64(item), 0, itemSteps*int64(unit)) },
			}
			it.begin(x.Values["mode"])
		},
	}
}

// iteration is a request's way through its items.
type iteration struct {
	x       *Exchange
	work    func(item int) float64
	results []float64
	atOnce  int
}

func (it *iteration) begin(mode string) {
	switch mode {
	case "loop":
		it.inLoop()
	case "yield":
		it.yielding(0)
	case "batch":
		it.inBatches(0)
	case "sync-batch":
		it.inSyncBatches(0)
	}
}

func (it *iteration) inLoop() {
	for i := range it.results {
		it.results[i] = it.work(i)
	}
	it.reply()
}

// yielding lets the loop go round before each item.
func (it *iteration) yielding(i int) {
	if i == len(it.results) {
		it.reply()
		return
	}
	it.x.SetImmediate(func() {
		it.results[i] = it.work(i)
		it.yielding(i + 1)
	})
}

// inBatches gives the pool a batch, and the next one when all of it is done.
func (it *iteration) inBatches(from int) {
	end := it.batchEnd(from)
	left := end - from
	done := func() {
		switch left--; {
		case left > 0:
		case end < len(it.results):
			it.inBatches(end)
		default:
			it.reply()
		}
	}
	for i := from; i < end; i++ {
		it.x.Work(func() { it.results[i] = it.work(i) }, done)
	}
}

// inSyncBatches is `await Promise.all(batch.map(work))` for a work that is a
// plain call.
func (it *iteration) inSyncBatches(from int) {
	if from == len(it.results) {
		it.reply()
		return
	}
	end := it.batchEnd(from)
	var batch []any
	for i := from; i < end; i++ {
		it.results[i] = it.work(i)
		batch = append(batch, it.results[i])
	}
	it.x.Then(it.x.loop.All(batch), func(any) any { it.inSyncBatches(end); return nil }, nil)
}

func (it *iteration) batchEnd(from int) int { return min(from+it.atOnce, len(it.results)) }

func (it *iteration) reply() {
	it.x.Reply(http.StatusOK, fmt.Sprintf("Items=%d Sum=%g", len(it.results), total(it.results)))
}
