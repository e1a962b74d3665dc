package target

import (
	"errors"
	"net/http"
	"time"
)

// hangLasts bounds a request that hangs.
const hangLasts = time.Minute

// failRoute fails in each of the ways that a server has to be ready for.
func failRoute() Route {
	return Route{
		Path: "/fail",
		Does: "fails: with an error that is handled, which is answered with 500; in a later callback, where nobody catches it; " +
			"with a promise that is rejected and that nobody handles; or with no answer for a minute",
		Params: []Param{
			{Name: "how", Means: "what goes wrong", Default: "error", Choices: []string{"error", "exception", "rejection", "hang"}},
		},
		Work:   []Work{{Kind: Trivial}},
		Guide:  guide + "Error Handling",
		Handle: func(x *Exchange) { failBy(x, x.Values["how"]) },
	}
}

func failBy(x *Exchange, how string) {
	failed := errors.New("boom, by " + how)
	switch how {
	case "error":
		x.SetImmediate(func() { x.Fail(failed) })
	case "exception":
		x.SetImmediate(func() { panic(failed) })
	case "rejection":
		x.SetImmediate(func() { x.Reject(failed) })
	case "hang":
		// The timer keeps no server from ending when the client has gone.
		x.loop.SetTimeout(x.bind(func() { x.Reply(http.StatusServiceUnavailable, "hung") }), hangLasts).Unref()
	}
}
