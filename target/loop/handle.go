package loop

import "slices"

// Handle is something that keeps the loop alive until it is closed: a listening
// server, an open connection.
type Handle struct {
	loop    *Loop
	label   string
	unref   bool
	closing bool
	onClose func()
}

// Open makes an active, referenced handle.
func (l *Loop) Open(label string) *Handle {
	l.handles++
	return &Handle{loop: l, label: label}
}

// Close ends the handle; onClose (nil for none) runs in the close phase of this
// iteration. Close callbacks run last in, first out, and one that is closed
// from a close callback waits for the next iteration. Closing twice does
// nothing.
func (h *Handle) Close(onClose func()) {
	if h.closing {
		return
	}
	h.Unref()
	h.closing = true
	h.onClose = onClose
	h.loop.closing = append(h.loop.closing, h)
}

// Unref lets the loop end although the handle is open.
func (h *Handle) Unref() {
	if !h.unref && !h.closing {
		h.unref = true
		h.loop.handles--
	}
}

// Ref undoes Unref.
func (h *Handle) Ref() {
	if h.unref && !h.closing {
		h.unref = false
		h.loop.handles++
	}
}

// runClosing is the close phase.
func (l *Loop) runClosing() {
	batch := l.closing
	l.closing = nil
	if made == closeInOrder {
		slices.Reverse(batch)
	}
	for i := len(batch) - 1; i >= 0; i-- {
		if h := batch[i]; h.onClose != nil {
			l.call(PhaseClose, h.label, h.onClose)
		}
		if l.stop.Load() {
			return
		}
	}
}
