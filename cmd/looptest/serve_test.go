package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// child is `looptest serve` in a process of its own.
type child struct {
	*exec.Cmd
	ready  target.Ready
	stderr bytes.Buffer // valid after ends
}

func serveChild(t *testing.T, args ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(self(t), append([]string{"serve", "--unit", "1500"}, args...)...)}
	c.Stderr = &c.stderr
	c.begin(t)
	return c
}

// begin starts the child and waits until it is ready.
func (c *child) begin(t *testing.T) {
	t.Helper()
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	if err := json.NewDecoder(stdout).Decode(&c.ready); err != nil {
		t.Fatal(err)
	}
}

// ends waits for the child and checks its exit code.
func (c *child) ends(t *testing.T, code int) {
	t.Helper()
	c.Wait()
	if got := c.ProcessState.ExitCode(); got != code {
		t.Errorf("exit code %d, want %d; it said:\n%s", got, code, c.stderr.String())
	}
}

// ask sends a request and gives the answer's body, or what went wrong.
func (c *child) ask(path string) <-chan string {
	replies := make(chan string, 1)
	go func() {
		res, err := http.Get(c.ready.URL + path)
		if err != nil {
			replies <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		replies <- string(body)
	}()
	return replies
}

// awaitHeld waits until the route is seen to hold the loop.
func (c *child) awaitHeld(t *testing.T, route string) {
	t.Helper()
	for range 2000 {
		res, err := http.Get(c.ready.ObserveURL + "/stats")
		if err != nil {
			t.Fatal(err)
		}
		var stats struct {
			Running *struct{ Label string }
		}
		json.NewDecoder(res.Body).Decode(&stats)
		res.Body.Close()
		if stats.Running != nil && stats.Running.Label == route {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%s was never seen to hold the loop", route)
}

// event is a line that the child wrote to standard error.
type childEvent struct {
	Level, Msg, Route, Error, Stack string
	Closed                          []string
}

// event is the first of them.
func (c *child) event(t *testing.T) childEvent {
	t.Helper()
	return c.events(t)[0]
}

// events are all of them, up to the first line that is no event; at least one.
func (c *child) events(t *testing.T) (all []childEvent) {
	t.Helper()
	for line := range strings.Lines(c.stderr.String()) {
		var e childEvent
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			break
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		t.Fatalf("standard error begins with no event: %q", c.stderr.String())
	}
	return all
}

// A server finishes what is in flight on SIGTERM and exits 0.
func TestServeEndsGracefully(t *testing.T) {
	c := serveChild(t)
	if c.ready.PID != c.Process.Pid || c.ready.UnitAdditions != 1500 {
		t.Errorf("ready: %+v", c.ready)
	}
	reply := c.ask("/slow?mode=block&n=300000")
	c.awaitHeld(t, "/slow")
	c.Process.Signal(syscall.SIGTERM)
	if reply := <-reply; !strings.HasPrefix(reply, "Sum=") {
		t.Errorf("the request in flight got %q", reply)
	}
	c.ends(t, exitPass)
}

// A handler that holds the loop for longer than the grace period is named, and
// the exit code tells that it was cut off.
func TestServeGivesUpAfterTheGracePeriod(t *testing.T) {
	c := serveChild(t, "--grace", "50ms")
	reply := c.ask("/slow?mode=block&n=10000000")
	c.awaitHeld(t, "/slow")
	c.Process.Signal(syscall.SIGTERM)
	c.ends(t, exitInvalid)
	if reply := <-reply; strings.HasPrefix(reply, "Sum=") {
		t.Errorf("the request that was cut off got %q", reply)
	}
	if said := c.stderr.String(); !strings.Contains(said, "still in flight") || !strings.Contains(said, "held by /slow") {
		t.Errorf("it said %q", said)
	}
}

// An uncaught error is a line of JSON, and the server lives on.
func TestServeLivesOn(t *testing.T) {
	c := serveChild(t)
	if reply := <-c.ask("/panic?in=timer"); !strings.Contains(reply, "boom") {
		t.Errorf("the request got %q", reply)
	}
	if reply := <-c.ask("/ok"); reply != "OK" {
		t.Errorf("after it /ok got %q", reply)
	}
	c.Process.Signal(syscall.SIGTERM)
	c.ends(t, exitPass)
	if e := c.event(t); e.Msg != "uncaught error" || e.Route != "/panic" || !strings.Contains(e.Error, "boom") || !strings.Contains(e.Stack, "panic.go") {
		t.Errorf("the event is %+v", e)
	}
}

// So it does when nobody reads its standard error.
func TestServeLivesOnUnheard(t *testing.T) {
	c := &child{Cmd: exec.Command(self(t), "serve", "--unit", "1500")}
	unheard, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.begin(t)
	unheard.Close()
	for _, path := range []string{"/panic", "/panic"} {
		if reply := <-c.ask(path); !strings.Contains(reply, "boom") {
			t.Errorf("%s got %q", path, reply)
		}
	}
	c.Process.Signal(syscall.SIGTERM)
	c.ends(t, exitPass)
}

// A request is a line of JSON on standard error.
func TestServeLogsRequests(t *testing.T) {
	c := serveChild(t, "--log-requests")
	<-c.ask("/ok")
	c.Process.Signal(syscall.SIGTERM)
	c.ends(t, exitPass)
	var line struct {
		Msg, Method, Path string
		Code              int
		MS                float64
	}
	first, _, _ := strings.Cut(c.stderr.String(), "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil {
		t.Errorf("it said %q: %v", c.stderr.String(), err)
	}
	if line.Msg != "request" || line.Method != "GET" || line.Path != "/ok" || line.Code != http.StatusOK || line.MS <= 0 {
		t.Errorf("the line is %+v", line)
	}
}

// A log that nobody reads is full some time, and holds up nobody.
func TestServeLogsIntoAFullPipe(t *testing.T) {
	c := &child{Cmd: exec.Command(self(t), "serve", "--unit", "1500", "--log-requests")}
	if _, err := c.StderrPipe(); err != nil {
		t.Fatal(err)
	}
	c.begin(t)
	for range 1000 { // of over 100 bytes each, into a pipe that takes 64 KiB
		if reply := <-c.ask("/ok"); reply != "OK" {
			t.Fatalf("/ok got %q", reply)
		}
	}
	c.Process.Signal(syscall.SIGTERM)
	c.ends(t, exitPass)
}

// When asked, the server ends at it with Node's exit code.
func TestServeExitsOnUncaught(t *testing.T) {
	c := serveChild(t, "--exit-on-uncaught")
	if reply := <-c.ask("/panic?in=timer"); !strings.Contains(reply, "EOF") && !strings.Contains(reply, "reset") {
		t.Errorf("the request got %q", reply)
	}
	c.ends(t, target.ExitUncaught)
	if e := c.event(t); e.Route != "/panic" {
		t.Errorf("the event is %+v", e)
	}
	if said := c.stderr.String(); !strings.Contains(said, "\nlooptest: uncaught error: boom") {
		t.Errorf("it said %q", said)
	}
}

// When descriptors run out, the files that get none are named, and the server
// lives on and has them all back.
func TestServeRunsOutOfDescriptors(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skipf("no shell to limit the descriptors: %v", err)
	}
	c := &child{Cmd: exec.Command(shell, "-c", `ulimit -n 100 && exec "$0" serve --unit 1500`, self(t))}
	c.Stderr = &c.stderr
	c.begin(t)
	var many struct {
		Read, Failed int
		Failures     []struct{ File, Error string }
	}
	reply := <-c.ask("/fs/many?mode=all&files=500")
	if err := json.Unmarshal([]byte(reply), &many); err != nil {
		t.Fatalf("%v in %q", err, reply)
	}
	if many.Failed < 400 || many.Read == 0 || many.Read+many.Failed != 500 {
		t.Errorf("with 100 descriptors %d files were read and %d failed", many.Read, many.Failed)
	}
	for _, f := range many.Failures {
		if !strings.HasPrefix(f.File, "many/") || !strings.Contains(f.Error, "too many open files") {
			t.Errorf("beside %q stands %q", f.File, f.Error)
		}
	}
	if reply := <-c.ask("/fs/many?mode=one&files=500"); !strings.Contains(reply, `"read":500`) {
		t.Errorf("one by one: %s", reply)
	}
	c.Process.Signal(syscall.SIGTERM)
	c.ends(t, exitPass)
}

// A server ends with exit code 1 and the error that ended it when it was cleaned up
// before: a rejection that nobody handles ends it too, as it ends Node.
func TestServeCleansUpBeforeItExits(t *testing.T) {
	for how, msg := range map[string]string{"exception": "uncaught error", "rejection": "unhandled rejection"} {
		c := serveChild(t, "--exit-on-uncaught")
		if reply := <-c.ask("/fail?how=" + how); !strings.Contains(reply, "EOF") && !strings.Contains(reply, "reset") {
			t.Errorf("%s: the request got %q", how, reply)
		}
		c.ends(t, target.ExitUncaught)
		all := c.events(t)
		if last := all[len(all)-1]; len(all) != 2 || all[0].Msg != msg || last.Msg != "cleaned up" || !slices.Equal(last.Closed, []string{"database", "data folder", "observation"}) {
			t.Errorf("%s: the events are %+v", how, all)
		}
		if said := c.stderr.String(); !strings.Contains(said, "\nlooptest: "+msg+": boom, by "+how) {
			t.Errorf("it said %q", said)
		}
	}
}

// Otherwise both are reported as what they are, and the server ends when it is asked.
func TestServeLivesOnAfterARejection(t *testing.T) {
	c := serveChild(t)
	if reply := <-c.ask("/fail?how=rejection"); reply != "unhandled rejection: boom, by rejection" {
		t.Errorf("the request got %q", reply)
	}
	if reply := <-c.ask("/fail?how=error"); reply != "boom, by error" {
		t.Errorf("the request got %q", reply)
	}
	c.Process.Signal(syscall.SIGTERM)
	c.ends(t, exitPass)
	all := c.events(t)
	if len(all) != 2 || all[0].Level != "ERROR" || all[0].Msg != "unhandled rejection" || all[0].Route != "/fail" || all[1].Msg != "cleaned up" {
		t.Errorf("the events are %+v", all)
	}
}

// Without grace it ends at once: what is in flight is cut off, and the exit code says
// so.
func TestServeWithoutGrace(t *testing.T) {
	c := serveChild(t, "--grace", "0")
	reply := c.ask("/slow?mode=block&n=10000000")
	c.awaitHeld(t, "/slow")
	c.Process.Signal(syscall.SIGTERM)
	c.ends(t, exitInvalid)
	if reply := <-reply; strings.HasPrefix(reply, "Sum=") {
		t.Errorf("the request that was cut off got %q", reply)
	}
	idle := serveChild(t, "--grace", "0")
	idle.Process.Signal(syscall.SIGTERM)
	idle.ends(t, exitPass)
}
