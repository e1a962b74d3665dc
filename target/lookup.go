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
			job := func() { result = lookUp(x.Values.Int("ms")) }
			done := func() { x.Reply(http.StatusOK, result) }
			if x.Values["as"] == "dns" {
				x.SlowWork(job, done)
				return
			}
			x.Work(job, done)
		},
	}
}

func lookUp(ms int64) string {
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return fmt.Sprintf("waited %d ms", ms)
}
