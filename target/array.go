package target

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
)

// Bounds of /array: an item takes some nanoseconds, and its result 8 bytes.
const (
	arrayItems    = 1_000_000
	arrayItemsMax = 5_000_000
	arrayChunk    = 1_000
)

// arrayRoute is the guide's processLargeArray: every item is worked on, a chunk
// at a time with setImmediate in between, or all in one go.
func arrayRoute() Route {
	return Route{
		Path: "/array",
		Does: "works on every item of a large array, in chunks that reschedule themselves with setImmediate or in one go",
		Params: []Param{
			{Name: "items", Means: "length of the array", Default: strconv.Itoa(arrayItems), Min: 0, Max: arrayItemsMax},
			{Name: "chunk", Means: "items in a chunk; 0 for all in one go", Default: strconv.Itoa(arrayChunk), Min: 0, Max: arrayItemsMax},
		},
		Work:  []Work{{"chunk=0", Blocking}, {"chunk>0", Cooperative}},
		Guide: guide + "Using setImmediate for Breaking Up Work",
		Handle: func(x *Exchange) {
			items, chunk := int(x.Values.Int("items")), int(x.Values.Int("chunk"))
			if chunk == 0 {
				chunk = max(items, 1)
			}
			processArray(x, items, chunk)
		},
	}
}

// processArray works on one chunk and schedules the next.
func processArray(x *Exchange, items, chunk int) {
	results := make([]float64, 0, items)
	var next func()
	next = func() {
		for range min(chunk, items-len(results)) {
			results = append(results, heavy(len(results)))
		}
		if len(results) < items {
			x.SetImmediate(next)
			return
		}
		x.Reply(http.StatusOK, fmt.Sprintf("Items=%d Sum=%g", len(results), total(results)))
	}
	next()
}

// heavy stands for the guide's heavyOperation.
func heavy(item int) float64 {
	v := float64(item)
	for range 10 {
		v = math.Sqrt(v*v + 1)
	}
	return v
}

func total(values []float64) float64 {
	var t float64
	for _, v := range values {
		t += v
	}
	return t
}
