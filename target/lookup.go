package target

import (
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
			wait := func() { time.Sleep(time.Duration(x.Values.Int("ms")) * time.Millisecond) }
			done := func() { x.Reply(http.StatusOK, "waited "+x.Values["ms"]+" ms") }
			if x.Values["as"] == "dns" {
				x.SlowWork(wait, done)
				return
			}
			x.Work(wait, done)
		},
	}
}
