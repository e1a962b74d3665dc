package fuzz

import "github.com/looptest/looptest/target/loop"

// line carries messages to the loop that sends them: a worker's port, used from
// the worker's parent. It keeps the loop alive only while one is under way.
type line struct {
	port     *loop.Port
	handle   *loop.Handle
	underWay []func()

	// What a poller has to know: the line's turn is at the loop's door. It is also
	// when a message was sent in the turn before, which has then brought it along.
	atDoor bool
	fresh  bool // it has had no turn in this poll
}

// polled is said when a poll begins, in which everything at the door has its turn.
func (n *line) polled() { n.atDoor, n.fresh = false, true }

func newLine(l *loop.Loop) *line {
	n := &line{handle: l.Open("line")}
	n.handle.Unref()
	ports := make(chan *loop.Port)
	worker := l.StartWorker(func(_ *loop.Loop, port *loop.Port) {
		port.OnMessage(func(any) {}) // lives on
		ports <- port
	})
	n.port = <-ports
	worker.Unref()
	worker.OnMessage(func(any) { n.receive() })
	return n
}

func (n *line) send(fn func()) {
	n.underWay = append(n.underWay, fn)
	n.handle.Ref()
	n.atDoor = true
	if err := n.port.Post(true); err != nil {
		panic(err)
	}
}

func (n *line) receive() {
	if n.fresh {
		n.atDoor, n.fresh = false, false
	}
	fn := n.underWay[0]
	n.underWay = n.underWay[1:]
	if len(n.underWay) == 0 {
		n.handle.Unref()
	}
	fn()
}
