package loop

import "sort"

// ring keeps the newest items up to its size, oldest first.
type ring[T any] struct {
	items []T
	size  int
	next  int // where the next item goes, once full
}

func newRing[T any](size int) ring[T] { return ring[T]{size: size} }

func (r *ring[T]) push(item T) {
	if len(r.items) < r.size {
		r.items = append(r.items, item)
		return
	}
	r.items[r.next] = item
	r.next = (r.next + 1) % r.size
}

func (r *ring[T]) at(i int) T { return r.items[(r.next+i)%len(r.items)] }

// from copies the items from the first that satisfies the condition, which must
// hold for all that come after it.
func (r *ring[T]) from(condition func(T) bool) []T {
	first := sort.Search(len(r.items), func(i int) bool { return condition(r.at(i)) })
	out := make([]T, 0, len(r.items)-first)
	for i := first; i < len(r.items); i++ {
		out = append(out, r.at(i))
	}
	return out
}
