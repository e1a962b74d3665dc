package loop

import "sync"

// inbox is the receiving end of a line of messages. Any goroutine may send; the
// loop delivers, first in, first out, with a drain after each message.
type inbox struct {
	loop   *Loop
	label  string
	source int32

	mu        sync.Mutex
	queue     queue[any]
	triggered bool // a delivery is at the loop's door
	open      bool // somebody listens

	handler func(any)  // the loop's own, as is what follows
	taken   queue[any] // out of queue, all at once, and not yet delivered
}

func newInbox(l *Loop, label string) *inbox {
	return &inbox{loop: l, label: label, source: l.newSource()}
}

// send queues a message, which must be the receiver's to keep.
func (b *inbox) send(message any) {
	b.mu.Lock()
	b.queue.push(message)
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

// triggerLocked asks for a delivery of what is in the queue.
func (b *inbox) triggerLocked() {
	if b.open && b.queue.len() > 0 {
		b.deliverSoonLocked()
	}
}

func (b *inbox) deliverSoonLocked() {
	if !b.triggered {
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
	left := b.turn()
	for b.deliverSome(&left) {
		// a handler threw: its error is in a tick, and the drain went well
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.taken.len() > 0 || b.queue.len() > 0 {
		b.deliverSoonLocked()
	}
}

// turn is how many messages this delivery may take.
func (b *inbox) turn() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.triggered = false
	return max(b.taken.len()+b.queue.len(), atLeastAtOnce)
}

// deliverSome delivers until no message is there or left of this turn, or one of
// them led to an error. What a handler throws is thrown again from a tick, as
// event targets do it; only then more may be delivered. One guard for all
// messages costs less than one for each.
func (b *inbox) deliverSome(left *int) (more bool) {
	l := b.loop
	defer func() {
		if v := recover(); v != nil {
			more = b.threw(v)
		}
	}()
	for *left > 0 && !l.stop.Load() && b.receive() {
		*left--
		message := b.taken.pop()
		l.begin(PhasePoll, b.label)
		b.handler(message)
		if !l.drain() && made != portNotTriggered {
			return false
		}
	}
	return false
}

// threw reports whether the delivery goes on after what a handler threw.
func (b *inbox) threw(v any) (more bool) {
	if _, exit := v.(exitSignal); exit {
		b.loop.threw(v)
		return false
	}
	b.loop.NextTick(func() { panic(v) })
	return b.loop.drain() || made == portNotTriggered
}

// receive reports whether a message is there to be delivered.
func (b *inbox) receive() bool {
	if b.taken.len() == 0 {
		b.mu.Lock()
		b.taken, b.queue = b.queue, b.taken
		b.mu.Unlock()
	}
	return b.taken.len() > 0
}
