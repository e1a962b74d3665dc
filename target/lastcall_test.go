package target

import (
	"io"
	"net"
	"runtime"
	"testing"
)

// Those who have connected, and whom nobody has accepted yet, are not reset when
// accepting ends, but accepted; who comes later is refused.
func TestLastCall(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("it can't be done there")
	}
	l, err := listenForConnections("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const clients = 20
	waiting := make([]net.Conn, clients)
	for i := range waiting {
		if waiting[i], err = net.Dial("tcp", l.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer waiting[i].Close()
		io.WriteString(waiting[i], "?")
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		l.stopAccepting()
	}()
	<-l.called
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		c.Close()
		t.Error("a client was not refused")
	}
	accepted := 0
	for {
		c, err := l.Accept()
		if err != nil {
			break
		}
		accepted++
		io.WriteString(c, "!")
		c.Close()
	}
	<-stopped
	if accepted != clients || len(l.open) != clients {
		t.Fatalf("%d of %d were accepted, %d are known", accepted, clients, len(l.open))
	}
	for i, c := range waiting {
		var got [1]byte
		if _, err := io.ReadFull(c, got[:]); err != nil || got[0] != '!' {
			t.Errorf("client %d got %q, %v", i, got, err)
		}
	}
}

// Accepting ends also where nobody accepts any more, and only then.
func TestStopAcceptingWithoutAnybody(t *testing.T) {
	l, err := listenForConnections("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := l.Accept(); err == nil {
		t.Error("a closed listener has accepted")
	}
	l.stopAccepting()
}

// What a client has sent and nobody has read is seen beside a reader that waits.
func TestHasUnread(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it can't be told there")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	served, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	c := served.(*net.TCPConn)
	if hasUnread(c) {
		t.Error("something is unread before anything was sent")
	}
	io.WriteString(client, "ab")
	for !hasUnread(c) {
		runtime.Gosched()
	}
	io.ReadFull(c, make([]byte, 2))
	if hasUnread(c) {
		t.Error("something is unread when all was read")
	}
}
