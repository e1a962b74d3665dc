package loop

import "errors"

// Settled is what AllSettled says of each promise.
type Settled struct {
	Value    any // or the reason
	Rejected bool
}

// ErrAllRejected is why Any rejects.
var ErrAllRejected = errors.New("all promises were rejected")

// All is fulfilled with all values, in their order, or rejected with the first
// reason.
func (l *Loop) All(items []any) *Promise {
	return l.combine(items, func(values []any, resolve, reject func(any), i int, done func()) (ok, failed func(any) any) {
		return func(v any) any { values[i] = v; done(); return nil }, func(reason any) any { reject(reason); return nil }
	}, func(values []any, resolve, _ func(any)) { resolve(values) })
}

// AllSettled is fulfilled with what became of each, a []any of Settled.
func (l *Loop) AllSettled(items []any) *Promise {
	return l.combine(items, func(values []any, resolve, reject func(any), i int, done func()) (ok, failed func(any) any) {
		set := func(isRejected bool) func(any) any {
			return func(v any) any { values[i] = Settled{v, isRejected}; done(); return nil }
		}
		return set(false), set(true)
	}, func(values []any, resolve, _ func(any)) { resolve(values) })
}

// Any is fulfilled with the first value, or rejected when there is none.
func (l *Loop) Any(items []any) *Promise {
	return l.combine(items, func(values []any, resolve, reject func(any), i int, done func()) (ok, failed func(any) any) {
		return func(v any) any { resolve(v); return nil }, func(any) any { done(); return nil }
	}, func(_ []any, _, reject func(any)) { reject(ErrAllRejected) })
}

// Race is settled like the first that is.
func (l *Loop) Race(items []any) *Promise {
	return l.NewPromise(func(resolve, reject func(any)) {
		for _, item := range items {
			l.Resolve(item).Then(func(v any) any { resolve(v); return nil }, func(reason any) any { reject(reason); return nil })
		}
	})
}

// combine reacts to every item, and ends when each has called done.
func (l *Loop) combine(
	items []any,
	react func(values []any, resolve, reject func(any), i int, done func()) (ok, failed func(any) any),
	end func(values []any, resolve, reject func(any)),
) *Promise {
	return l.NewPromise(func(resolve, reject func(any)) {
		values := make([]any, len(items))
		left := 1 // for the loop itself, so that it ends after the last reaction is there
		done := func() {
			if left--; left == 0 {
				end(values, resolve, reject)
			}
		}
		for i, item := range items {
			left++
			l.Resolve(item).Then(react(values, resolve, reject, i, done))
		}
		done()
	})
}
