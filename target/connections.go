package target

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// connections is a listener that knows its open connections.
type connections struct {
	*net.TCPListener
	close    func() error // once
	heard    atomic.Int64 // how often bytes came from a client
	draining atomic.Bool  // every answer is the last one on its connection

	// How accepting ends: see stopAccepting.
	stopping atomic.Bool
	called   chan struct{} // closed when waiting holds the last clients
	shut     chan struct{} // closed when all of them were accepted

	mu      sync.Mutex
	waiting []*net.TCPConn
	open    map[*connection]struct{}
	none    chan struct{} // closed when no connection is open; nil while that is not asked for
}

// listenForConnections takes the address. Multipath TCP knows no filter of new
// connections: see lastCall.
func listenForConnections(address string) (*connections, error) {
	var plain net.ListenConfig
	plain.SetMultipathTCP(false)
	l, err := plain.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, err
	}
	listener := l.(*net.TCPListener)
	return &connections{
		TCPListener: listener, close: sync.OnceValue(listener.Close), called: make(chan struct{}), shut: make(chan struct{}),
		open: map[*connection]struct{}{},
	}, nil
}

// Accept waits for a client.
func (l *connections) Accept() (net.Conn, error) {
	client, err := l.AcceptTCP()
	if err != nil && l.stopping.Load() {
		<-l.called
		client, err = l.nextWaiting()
	}
	if err != nil {
		return nil, err
	}
	c := &connection{TCPConn: client, of: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[c] = struct{}{}
	return c, nil
}

// Close ends the listening. net/http closes a listener too when it is told to shut
// down, and takes an error of that for its own.
func (l *connections) Close() error { return l.close() }

// acceptingEnds is how long those who accept may take to hear that there is nobody
// more.
const acceptingEnds = time.Second

// stopAccepting turns new clients away. Those that have connected already, and may
// have sent a request, are still accepted.
func (l *connections) stopAccepting() {
	l.stopping.Store(true)
	waiting := lastCall(l.TCPListener)
	l.Close()
	l.mu.Lock()
	l.waiting = waiting
	l.mu.Unlock()
	close(l.called)
	timeout := time.NewTimer(acceptingEnds)
	defer timeout.Stop()
	select {
	case <-l.shut:
	case <-timeout.C: // nobody accepts, since that failed before
	}
}

// nextWaiting gives the next of the last clients.
func (l *connections) nextWaiting() (*net.TCPConn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		close(l.shut)
		return nil, net.ErrClosed
	}
	next := l.waiting[0]
	l.waiting = l.waiting[1:]
	return next, nil
}

// drain brings the connections to their end, once no more are accepted. Every
// answer says now that it is the last one on its connection, and closes it. A
// connection without a request is not closed at once: its client may be about to
// send on it, and could not tell whether that request was lost or carried out. It
// is closed when all clients have been quiet for a while; HTTP/1.1 has nothing that
// makes it safe, but then hardly anybody is about to send. It lasts no longer than
// most.
func (l *connections) drain(quiet, most time.Duration) {
	l.draining.Store(true)
	none, enough := l.emptied(), time.NewTimer(most)
	defer enough.Stop()
	for still := false; !still; {
		heard := l.heard.Load()
		select {
		case <-none:
			return
		case <-enough.C:
			still = true
		case <-time.After(quiet):
			still = l.heard.Load() == heard && !l.unread()
		}
	}
	l.closeUnused()
}

// emptied gives what is closed when no connection is open; once nobody is accepted
// any more.
func (l *connections) emptied() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	none := make(chan struct{})
	l.none = none
	l.noteEmptyLocked() // which forgets it when none is open already
	return none
}

func (l *connections) noteEmptyLocked() {
	if l.none != nil && len(l.open) == 0 {
		close(l.none)
		l.none = nil
	}
}

// unread reports whether a client has sent something of a request that was not read
// yet: after a pause of the whole process nobody has been heard for long.
func (l *connections) unread() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		if c.use.Load() == unused && hasUnread(c.TCPConn) {
			return true
		}
	}
	return false
}

// closeUnused closes every connection on which no whole request is under way.
func (l *connections) closeUnused() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		c.closeUnused()
	}
}

// working is how many connections still wait for an answer, or for their client
// to read it.
func (l *connections) working() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		if c.use.Load() == working {
			n++
		}
	}
	return n
}

// lastWords tells a client that is about to be answered not to send anything
// more on its connection, when that is so.
func (l *connections) lastWords(w http.ResponseWriter) {
	if l.draining.Load() {
		w.Header().Set("Connection", "close")
	}
}

// changed is net/http's hook.
func (l *connections) changed(conn net.Conn, state http.ConnState) {
	c := conn.(*connection)
	c.changed(state)
	if state == http.StateClosed {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.open, c)
		l.noteEmptyLocked()
	}
}

type connectionKey struct{}

// inContext lets a request find its connection.
func (l *connections) inContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

func connectionOf(r *http.Request) *connection {
	return r.Context().Value(connectionKey{}).(*connection)
}
