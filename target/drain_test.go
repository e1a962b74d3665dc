package target

import (
	"net"
	"net/http"
	"testing"
)

// A shutdown hears that no connection is open also when none was to begin with.
func TestEmptied(t *testing.T) {
	isEmpty := func(none <-chan struct{}) bool {
		select {
		case <-none:
			return true
		default:
			return false
		}
	}
	l := &connections{open: map[*connection]struct{}{}}
	if !isEmpty(l.emptied()) {
		t.Error("nobody is told that none is open")
	}
	c := &connection{TCPConn: &net.TCPConn{}, of: l}
	l.open[c] = struct{}{}
	none := l.emptied()
	if isEmpty(none) {
		t.Error("one is open")
	}
	if l.changed(c, http.StateClosed); !isEmpty(none) {
		t.Error("nobody is told that the last one has closed")
	}
}

// Whoever closes the listener second hears of no error: net/http would say that
// the shutdown failed.
func TestListenerClosesOnce(t *testing.T) {
	l, err := listenForConnections("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
