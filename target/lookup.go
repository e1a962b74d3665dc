package target

import (
	"fmt"
	"net/http"
	"time"
)

// lookupMax bounds /lookup, in milliseconds.
const lookupMax = 10_000

// lookupRoute is a pool job that only waits, the other reason to size a pool.
func lookupRoute() Route {
	return Route{
		Path: "/lookup",
		Does: "waits on a thread of the pool: as a file read on a slow disk does, or as getaddrinfo does, which libuv lets have half of the threads",
		Params: []Param{
			{Name: "ms", Means: "how long it waits, in milliseconds", Default: "50", Min: 0, Max: lookupMax},
			{Name: "as", Means: "what it stands for", Default: "dns", Choices: []string{"dns", "file"}},
		},
		Work:  []Work{{Kind: OffLoop}},
		Guide: chapter + "Thread Pool Limit",
		Handle: func(x *Exchange) {
			var result string
			x.workAs(x.Values["as"], func() { result = lookUp(x.Values.Int("ms")) }, func() { x.Reply(http.StatusOK, result) })
		},
	}
}

// workAs has the pool do work and then the loop what is to be done: as "dns" on
// one of the threads that libuv lets name lookups have.
func (x *Exchange) workAs(as string, work, done func()) {
	if as == "dns" {
		x.SlowWork(work, done)
		return
	}
	x.Work(work, done)
}

func lookUp(ms int64) string {
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return fmt.Sprintf("waited %d ms", ms)
}
