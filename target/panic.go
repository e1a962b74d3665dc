package target

import "fmt"

// panicRoute throws, once, in a callback of each kind: to see what an uncaught
// error costs.
func panicRoute() Route {
	return Route{
		Path: "/panic",
		Does: "throws an error that nobody catches, in the handler or in a callback of it; it is logged and answered with 500",
		Params: []Param{
			{Name: "in", Means: "what kind of callback throws", Default: "handler", Choices: []string{
				"handler", "tick", "microtask", "promise", "immediate", "timer", "pool", "worker",
			}},
		},
		Work:   []Work{{Kind: Trivial}},
		Guide:  guide + "Error Handling",
		Handle: func(x *Exchange) { panicIn(x, x.Values["in"]) },
	}
}

func panicIn(x *Exchange, where string) {
	boom := func() { panic(fmt.Errorf("boom in a callback (%s)", where)) }
	switch where {
	case "handler":
		boom()
	case "tick":
		x.NextTick(boom)
	case "microtask":
		x.QueueMicrotask(boom)
	case "promise":
		x.Then(x.Resolve(nil), func(any) any { boom(); return nil }, nil)
	case "immediate":
		x.SetImmediate(boom)
	case "timer":
		x.SetTimeout(boom, 0)
	case "pool":
		x.Work(boom, func() {})
	case "worker":
		x.onWorker("panic")
	}
}
