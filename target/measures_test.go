package target

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Each request to a route that works is measured, from its handler's beginning
// to its answer, also when another one comes and goes meanwhile.
func TestRequestsAreMeasured(t *testing.T) {
	v := newVirtual(1)
	v.ask("/slow?mode=chunk&n=10&chunk=1")
	v.ask("/slow?mode=chunk&n=2&chunk=1")
	v.ask("/ok")
	v.ask("/slow?mode=none")
	v.loop.Run(nil)
	entries, dropped := v.performance.timelines[measureEntry].list()
	var log []Served
	for _, s := range v.log.since(0) {
		if s.Path == "/slow" && s.Code == http.StatusOK {
			log = append(log, s)
		}
	}
	if len(entries) != 2 || len(log) != 2 || dropped != 0 || !strings.Contains(log[0].Query, "n=2&") {
		t.Fatalf("got measures %+v of %+v, %d dropped", entries, log, dropped)
	}
	for i, e := range entries {
		// Each mark is the reading of the clock that follows the log's.
		if e.name != "/slow" || e.start != log[i].Started+time.Millisecond || e.end() != log[i].Answered+time.Millisecond {
			t.Errorf("%+v is measured as %+v", log[i], e)
		}
	}
}
