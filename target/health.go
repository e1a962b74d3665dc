package target

import (
	"encoding/json"
	"net/http"
	"time"
)

type healthDocument struct {
	Lag    int64  `json:"lag"` // smoothed, in whole milliseconds
	Status string `json:"status"`
}

// healthRoute tells the lag that load shedding goes by. It stands on the loop
// and waits its turn like any other request, but is never turned away.
func healthRoute() Route {
	return Route{
		Path:   "/health",
		Does:   "tells the loop's smoothed lag in ms, and whether that is busy or normal; is never turned away",
		Work:   []Work{{Kind: Trivial}},
		Guide:  guide + "Monitoring Event Loop Lag",
		Always: true,
		Handle: func(x *Exchange) {
			shedding := &x.server.shedding
			health := healthDocument{Lag: shedding.smoothed().Round(time.Millisecond).Milliseconds(), Status: "normal"}
			if shedding.busy() {
				health.Status = "busy"
			}
			body, err := json.Marshal(health)
			if err != nil {
				x.Fail(err)
				return
			}
			x.ReplyAs(http.StatusOK, "application/json", string(body)+"\n")
		},
	}
}
