package target_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// The test program is also the servers that commands start: LOOPTEST_ROLE says
// which. A role that lives dials LOOPTEST_LEASH, whose other end the test holds:
// it sees each process begin, and end.
func init() {
	role, ok := roles[os.Getenv("LOOPTEST_ROLE")]
	if !ok {
		return
	}
	if at := os.Getenv("LOOPTEST_LEASH"); at != "" {
		var err error
		if held, err = net.Dial("tcp", at); err != nil {
			os.Exit(1)
		}
		fmt.Fprintln(held, os.Getenv("LOOPTEST_ROLE"))
	}
	role()
	os.Exit(0)
}

var held net.Conn // the leash, which lasts as long as the process

var roles = map[string]func(){
	"server":    func() { serveRole(http.HandlerFunc(hello)) },
	"failing":   func() { serveRole(http.HandlerFunc(unavailable)) },
	"endless":   func() { serveRole(http.HandlerFunc(endless)) },
	"http2":     http2Role,
	"reference": referenceRole,
	"database":  databaseRole,
	"late":      lateRole,
	"idle":      sleepRole,
	"mute":      muteRole,
	"exits":     exitsRole,
	"taken":     takenRole,
	"stubborn":  stubbornRole,
	"family":    func() { familyRole(false) },
	"escaping":  func() { familyRole(true) },
	"orphan":    orphanRole,
	"launcher":  launcherRole,
	"host":      func() { hostRole("family") },
}

func hello(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/burn" {
		burn(100 * time.Millisecond)
	}
	fmt.Fprint(w, "hello from ", os.Getenv("LOOPTEST_NAME"), " in ", workingFolder())
}

func workingFolder() string {
	dir, _ := os.Getwd()
	return dir
}

func unavailable(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "later", http.StatusServiceUnavailable)
}

func endless(w http.ResponseWriter, _ *http.Request) {
	for {
		if _, err := w.Write(make([]byte, 64<<10)); err != nil {
			return
		}
	}
}

func listenRole() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return l
}

func serveRole(h http.Handler) { http.Serve(listenRole(), h) }

func http2Role() {
	s := &http.Server{Handler: http.HandlerFunc(hello), Protocols: new(http.Protocols)}
	s.Protocols.SetUnencryptedHTTP2(true)
	s.Serve(listenRole())
}

func referenceRole() {
	s, err := target.Listen(target.Config{Addr: "127.0.0.1:" + os.Getenv("PORT"), Unit: testUnit})
	if err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s.Serve(ctx)
}

// lateRole listens when the file is there.
func lateRole() {
	for {
		if _, err := os.Stat(os.Getenv("LOOPTEST_FILE")); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	serveRole(http.HandlerFunc(hello))
}

func sleepRole() {
	fmt.Println("I never listen")
	time.Sleep(time.Hour)
}

func muteRole() {
	listener := listenRole() // the kernel accepts, nobody answers
	time.Sleep(time.Hour)
	listener.Close()
}

func exitsRole() {
	fmt.Println(strings.Repeat("long ago ", 1000))
	fmt.Println("on standard output")
	fmt.Fprintln(os.Stderr, "on standard error")
	os.Exit(3)
}

// takenRole claims that its port is taken, LOOPTEST_FILE having fewer lines than
// LOOPTEST_COUNT.
func takenRole() {
	f, err := os.OpenFile(os.Getenv("LOOPTEST_FILE"), os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(f, os.Getenv("PORT"))
	f.Seek(0, io.SeekStart)
	all, _ := io.ReadAll(f)
	if fmt.Sprint(strings.Count(string(all), "\n")) != os.Getenv("LOOPTEST_COUNT") {
		fmt.Fprintln(os.Stderr, "listen tcp: bind: address already in use")
		os.Exit(1)
	}
	serveRole(http.HandlerFunc(hello))
}

func stubbornRole() {
	signal.Ignore(syscall.SIGTERM)
	serveRole(http.HandlerFunc(hello))
}

func orphanRole() {
	signal.Ignore(syscall.SIGTERM)
	time.Sleep(time.Hour)
}

// familyRole has a child that ignores SIGTERM and holds its output.
func familyRole(escape bool) {
	startOrphan(escape)
	serveRole(http.HandlerFunc(hello))
}

// launcherRole ends while its child lives.
func launcherRole() { startOrphan(false) }

func startOrphan(escape bool) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "LOOPTEST_ROLE=orphan")
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	if escape {
		leaveGroup(child)
	}
	if err := child.Start(); err != nil {
		panic(err)
	}
}

// hostRole stands for looptest: it runs a target and waits.
func hostRole(role string) {
	c := command(role)
	c.Env = append(c.Env, "LOOPTEST_LEASH="+os.Getenv("LOOPTEST_LEASH"))
	if _, err := c.Start(context.Background()); err != nil {
		panic(err)
	}
	time.Sleep(time.Hour)
}

// command is one that plays a role.
func command(role string, env ...string) *target.Command {
	return &target.Command{Args: []string{os.Args[0]}, Env: append([]string{"LOOPTEST_ROLE=" + role, "LOOPTEST_LEASH="}, env...)}
}

// leashes hears of the processes of a test.
type leashes struct {
	net.Listener
	t *testing.T
}

func leash(t *testing.T) *leashes {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &leashes{l, t}
}

func (l *leashes) env() string { return "LOOPTEST_LEASH=" + l.Addr().String() }

// next waits for a process to begin.
func (l *leashes) next() net.Conn {
	l.t.Helper()
	c, err := l.Accept()
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { c.Close() })
	return c
}

// ended waits for a process to end, and fails when it lives on.
func (l *leashes) ended(c net.Conn) {
	l.t.Helper()
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	name, err := io.ReadAll(c)
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		l.t.Errorf("the process in the role of %q lives on", strings.TrimSpace(string(name)))
	}
}
