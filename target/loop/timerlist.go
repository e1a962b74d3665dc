package loop

// timerList holds the timers of one duration, oldest first: each is due no
// later than the next, so only the first has to be looked at.
type timerList struct {
	ms         int64
	expiry     int64
	id         int64 // breaks ties of expiry
	head, tail *Timer
	queueAt    int // index in the heap
}

func (list *timerList) append(t *Timer) {
	t.list, t.prev = list, list.tail
	if list.tail == nil {
		list.head = t
	} else {
		list.tail.next = t
	}
	list.tail = t
}

func (list *timerList) unlink(t *Timer) {
	if t.prev == nil {
		list.head = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		list.tail = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.list, t.prev, t.next = nil, nil, nil
}

// timerHeap orders lists by expiry, then by id.
type timerHeap []*timerList

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].expiry != h[j].expiry {
		return h[i].expiry < h[j].expiry
	}
	return h[i].id < h[j].id
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].queueAt, h[j].queueAt = i, j
}

// Push is for container/heap.
func (h *timerHeap) Push(x any) {
	list := x.(*timerList)
	list.queueAt = len(*h)
	*h = append(*h, list)
}

// Pop is for container/heap.
func (h *timerHeap) Pop() any {
	old := *h
	list := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return list
}
