package detect

// ring keeps the last so many values, in no order.
type ring[T any] struct {
	all  []T
	most int
	next int
}

func (r *ring[T]) add(v T) {
	if len(r.all) < r.most {
		r.all = append(r.all, v)
		return
	}
	r.all[r.next] = v
	r.next = (r.next + 1) % r.most
}

// outstanding knows which of the numbers 0, 1, 2 … are not done yet.
type outstanding struct {
	first int          // the lowest
	done  map[int]bool // of those above it
}

func (o *outstanding) finish(n int) {
	o.done[n] = true
	for o.done[o.first] {
		delete(o.done, o.first)
		o.first++
	}
}
