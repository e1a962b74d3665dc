// Package ring keeps the newest items of a series in bounded memory.
package ring

import "sort"

// Ring keeps the newest items up to its size. The zero value keeps nothing.
type Ring[T any] struct {
	items []T
	size  int
	next  int // where the next item goes, once full
}

// New makes a ring of that size; its memory grows as it fills.
func New[T any](size int) Ring[T] { return Ring[T]{size: size} }

// Push adds an item and drops the oldest when the ring is full.
func (r *Ring[T]) Push(item T) {
	if len(r.items) < r.size {
		r.items = append(r.items, item)
		return
	}
	if r.size == 0 {
		return
	}
	r.items[r.next] = item
	r.next = (r.next + 1) % r.size
}

// From copies the items, oldest first, from the first that satisfies the
// condition, which must hold for all that came after it.
func (r *Ring[T]) From(condition func(T) bool) []T {
	first := sort.Search(len(r.items), func(i int) bool { return condition(r.at(i)) })
	out := make([]T, 0, len(r.items)-first)
	for i := first; i < len(r.items); i++ {
		out = append(out, r.at(i))
	}
	return out
}

func (r *Ring[T]) at(i int) T { return r.items[(r.next+i)%len(r.items)] }
