package loop

// queue is a FIFO that keeps its memory, so that a steady flow through it
// allocates nothing.
type queue[T any] struct {
	items []T
	head  int
}

func (q *queue[T]) push(item T) { q.items = append(q.items, item) }

func (q *queue[T]) len() int { return len(q.items) - q.head }

// pop takes the oldest item; the queue must not be empty.
func (q *queue[T]) pop() T {
	var zero T
	item := q.items[q.head]
	q.items[q.head] = zero // let go of what it refers to
	q.head++
	switch {
	case q.head == len(q.items):
		q.items, q.head = q.items[:0], 0
	case q.head >= 1024 && q.head*2 >= len(q.items):
		q.compact()
	}
	return item
}

// compact moves what is left to the front, so that a queue that is never quite
// empty does not grow for ever.
func (q *queue[T]) compact() {
	n := copy(q.items, q.items[q.head:])
	clear(q.items[n:])
	q.items, q.head = q.items[:n], 0
}
