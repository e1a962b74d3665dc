package target

import "time"

// everyMeasure is the choice of /measures that is no measure's name.
const everyMeasure = "all"

// measuresRoute lists the server's own measures, as an observer that comes now
// is told of them: buffered. There is one for each request to the routes whose
// work is worth one, from the beginning of its handler to its answer, by the
// route's name: how long it was at work or waited for its own, without the wait
// for its turn on the loop, which the request log has.
func measuresRoute(routes []Route) Route {
	names := []string{everyMeasure}
	for _, r := range routes {
		if r.measured() {
			names = append(names, r.Path)
		}
	}
	return Route{
		Path: "/measures",
		Does: "lists the newest measures as JSON: of each request whose route does more than trivial work, from its handler's beginning to its answer",
		Params: []Param{
			{Name: "name", Means: "of which route", Default: everyMeasure, Choices: names},
			{Name: "since_ms", Means: "only those that ended then or later, in milliseconds on the clock of the loop", Default: "0", Min: 0, Max: 1e12},
		},
		Work:   []Work{{Kind: Trivial}},
		Guide:  guide + "Custom Metrics",
		Handle: replyMeasures,
	}
}

// measured reports whether requests to the route are measured. Those that do
// hardly any work are not: they are what others' stalls are seen by, and an
// observer would be told of each.
func (r Route) measured() bool {
	for _, w := range r.Work {
		if w.Kind != Trivial {
			return true
		}
	}
	return false
}

type (
	measuresDocument struct {
		At       float64           `json:"at_ms"`
		Dropped  int               `json:"dropped"` // of all names, since the server's start
		Measures []measureDocument `json:"measures"`
	}
	measureDocument struct {
		Name  string  `json:"name"`
		Start float64 `json:"start_ms"`
		Took  float64 `json:"duration_ms"`
	}
)

func replyMeasures(x *Exchange) {
	name, since := x.Values["name"], time.Duration(x.Values.Int("since_ms"))*time.Millisecond
	var o *entryObserver
	o = x.server.performance.observe(measureEntry, true, func(entries []entry, dropped int) {
		o.disconnect()
		guard(x, func() {
			d := measuresDocument{At: ms(x.server.sinceStart()), Dropped: dropped, Measures: []measureDocument{}}
			for _, e := range entries {
				if (name == everyMeasure || name == e.name) && e.end() >= since {
					d.Measures = append(d.Measures, measureDocument{e.name, ms(e.start), ms(e.took)})
				}
			}
			x.ReplyJSON(d)
		})
	})
}

// beginOperation and endOperation enclose what a request's measure is of.
func (x *Exchange) beginOperation() {
	if x.measured {
		x.began = x.server.performance.mark("operation-start")
	}
}

func (x *Exchange) endOperation() {
	if x.measured {
		p := x.server.performance
		p.measure(x.served.Path, x.began, p.mark("operation-end"))
	}
}
