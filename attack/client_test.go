package attack

import (
	"context"
	"net"
	"net/url"
	"testing"
)

// A connection that the target has closed since is not handed out.
func TestDeadConnectionsAreLeftOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := newConnections(Transport{})
	defer c.close()
	if err := c.openReady(context.Background(), "http://"+l.Addr().String(), 3); err != nil {
		t.Fatal(err)
	}
	var accepted []net.Conn
	for range 3 {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		accepted = append(accepted, conn)
	}
	accepted[0].Close()
	accepted[1].Close()
	// Over loopback the closing has arrived by now.
	conn, err := c.dial(context.Background(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if conn.LocalAddr().String() != accepted[2].RemoteAddr().String() || len(c.ready) != 0 {
		t.Errorf("got the connection from %v, want %v; %d left", conn.LocalAddr(), accepted[2].RemoteAddr(), len(c.ready))
	}
}

func TestAddressOf(t *testing.T) {
	for given, want := range map[string]string{
		"http://a.example":     "a.example:80",
		"https://a.example/x":  "a.example:443",
		"http://[::1]:8080":    "[::1]:8080",
		"https://[::1]":        "[::1]:443",
		"http://127.0.0.1:3/x": "127.0.0.1:3",
	} {
		u, err := url.Parse(given)
		if err != nil {
			t.Fatal(err)
		}
		if got := addressOf(u); got != want {
			t.Errorf("%s is dialled as %s, want %s", given, got, want)
		}
	}
}
