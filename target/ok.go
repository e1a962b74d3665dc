package target

import "net/http"

// okRoute is the probe: it does nothing, so all of its time is waiting.
func okRoute() Route {
	return Route{
		Path:   "/ok",
		Does:   "answers at once",
		Work:   []Work{{Kind: Trivial}},
		Guide:  chapter + "Blocking the Loop",
		Handle: func(x *Exchange) { x.Reply(http.StatusOK, "OK") },
	}
}
