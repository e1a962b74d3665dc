package loop

import "sync"

// inbox is the receiving end of a line of messages. Any goroutine may send; the
// loop delivers, first in, first out, with a drain after each message.
type inbox struct {
	loop   *Loop
	label  string
	source int32

	mu        sync.Mutex
	queue     []any
	triggered bool // a delivery is at the loop's door
	open      bool // somebody listens

	handler func(any) // the loop's own
}

func newInbox(l *Loop, label string) *inbox {
	return &inbox{loop: l, label: label, source: l.newSource()}
}

// send queues a message, which must be the receiver's to keep.
func (b *inbox) send(message any) {
	b.mu.Lock()
	b.queue = append(b.queue, message)
	b.triggerLocked()
	b.mu.Unlock()
}

// listen starts delivering, beginning with what has come already.
func (b *inbox) listen(handler func(any)) {
	b.handler = handler
	b.mu.Lock()
	b.open = true
	b.triggerLocked()
	b.mu.Unlock()
}

func (b *inbox) triggerLocked() {
	if b.open && !b.triggered && len(b.queue) > 0 {
		b.triggered = true
		b.loop.post(task{label: b.label, fn: b.deliver, source: b.source, bare: true})
	}
}

// atLeastAtOnce is how many messages a delivery takes even when there were
// fewer at its beginning (Node: src/node_messaging.cc, MessagePort::OnMessage).
const atLeastAtOnce = 1000

// deliver runs the handler for the messages that are there. When one of them
// leads to an error, the rest waits for another turn of the poll phase.
func (b *inbox) deliver() {
	b.mu.Lock()
	b.triggered = false
	b.mu.Unlock()
	left := -1 // not known yet
	for left != 0 {
		batch := b.take(&left)
		if len(batch) == 0 {
			return
		}
		for i, message := range batch {
			if !b.loop.call(PhasePoll, b.label, func() { b.receive(message) }) && made != portNotTriggered {
				b.putBack(batch[i+1:])
				return
			}
		}
	}
	b.putBack(nil)
}

// take gives the messages that are there, no more than are left of this turn,
// which is at least atLeastAtOnce.
func (b *inbox) take(left *int) []any {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loop.ended {
		return nil
	}
	if *left < 0 {
		*left = max(len(b.queue), atLeastAtOnce)
	}
	n := min(len(b.queue), *left)
	batch := b.queue[:n:n]
	b.queue = b.queue[n:]
	*left -= n
	return batch
}

// putBack returns what was not delivered to the front, and asks for another
// turn when anything waits.
func (b *inbox) putBack(rest []any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(rest) > 0 {
		b.queue = append(rest[:len(rest):len(rest)], b.queue...)
	}
	b.triggerLocked()
}

// receive hands a message over. What the handler throws is thrown again from a
// tick, as event targets do it.
func (b *inbox) receive(message any) {
	if thrown, threw := b.loop.thrownBy(func() { b.handler(message) }); threw {
		b.loop.NextTick(func() { panic(thrown) })
	}
}
