package attack_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// The test binary starts itself as these, by the variable's value.
const childVariable = "LOOPTEST_ATTACK_CHILD"

var children = map[string]func(){"server": serveChild}

func TestMain(m *testing.M) {
	if child := children[os.Getenv(childVariable)]; child != nil {
		child()
		return
	}
	goleak.VerifyTestMain(m)
}

func child(name string, more ...string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), append(more, childVariable+"="+name)...)
	c.Stderr = os.Stderr
	return c
}

// childServer starts a cheap server in a process of its own, which ends with its
// standard input, and gives its URL.
func childServer(tb testing.TB) string {
	tb.Helper()
	c := child("server")
	in, err := c.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { in.Close(); c.Wait() })
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(url)
}

func serveChild() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + l.Addr().String())
	go http.Serve(l, http.HandlerFunc(answer))
	var ended [1]byte
	os.Stdin.Read(ended[:])
}

// silent is for servers that are expected to complain.
var silent = log.New(io.Discard, "", 0)
