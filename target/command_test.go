package target_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

func started(t *testing.T, c *target.Command) target.Target {
	t.Helper()
	running, err := c.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { running.Stop() })
	return running
}

// refused starts a command that can't be started, and gives the reason.
func refused(t *testing.T, c *target.Command) error {
	t.Helper()
	running, err := c.Start(context.Background())
	if err == nil {
		running.Stop()
		t.Fatalf("%v started", c)
	}
	return err
}

func says(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not say %q", err, part)
		}
	}
}

func TestCommandAnswers(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	exe, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	c := command("server", "LOOPTEST_NAME=it")
	c.Args, c.Dir = []string{exe, "--at={port}"}, dir
	running := started(t, c)
	if code, body := get(t, running.URL()+"/any"); code != http.StatusOK || body != "hello from it in "+dir {
		t.Errorf("answered %d %q", code, body)
	}
	select {
	case <-running.Gone():
		t.Error("it is gone")
	default:
	}
	if err := running.Err(); err != nil {
		t.Error(err)
	}
	if got := c.String(); got != exe+" --at={port}" {
		t.Errorf("it is called %s", got)
	}
	for range 2 { // stopping twice is once
		if err := running.Stop(); err != nil {
			t.Error(err)
		}
	}
	if _, err := http.Get(running.URL()); err == nil {
		t.Error("it answers after it was stopped")
	}
	<-running.Gone()
}

// Any status is an answer, and of a body without end nothing is read.
func TestCommandIsReadyWhateverItAnswers(t *testing.T) {
	for _, role := range []string{"failing", "endless", "http2"} {
		t.Run(role, func(t *testing.T) { started(t, command(role)) })
	}
}

func TestCommandThatIsSlowToBeReady(t *testing.T) {
	at := leash(t)
	file := filepath.Join(t.TempDir(), "now")
	c := command("late", at.env(), "LOOPTEST_FILE="+file)
	c.Ready = "/health"
	done := make(chan error, 1)
	go func() {
		running, err := c.Start(context.Background())
		if err == nil {
			running.Stop()
		}
		done <- err
	}()
	at.next()
	select {
	case err := <-done:
		t.Fatalf("it was taken for ready before it listened: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What is asked may be somewhere else than the port.
func TestCommandReadyURL(t *testing.T) {
	ready := make(chan string, 1)
	other := answering(t, func(_ http.ResponseWriter, r *http.Request) { ready <- r.URL.String() })
	c := command("server")
	c.Ready = "http://" + other + "/is?{port}"
	running := started(t, c)
	if got, want := <-ready, "/is?"+running.URL()[len("http://127.0.0.1:"):]; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	c.Ready = "health"
	says(t, refused(t, c), `the ready URL "health" must be a path, such as /health, or a whole URL`)
}

func TestCommandThatExitsEarly(t *testing.T) {
	err := refused(t, command("exits"))
	says(t, err, "the target ", " ended (exit status 3) before it answered GET http://127.0.0.1:", "; it said:\n", "on standard output\n", "on standard error")
	if len(err.Error()) > 5<<10 {
		t.Errorf("all that it said is shown: %d bytes", len(err.Error()))
	}
}

func TestCommandThatIsNeverReady(t *testing.T) {
	c := command("idle")
	c.ReadyTimeout = time.Second
	says(t, refused(t, c), "did not answer GET http://127.0.0.1:", "/ within 1s", "refused", "environment variable PORT", "{port}", "; it said:\nI never listen")

	c = command("mute")
	c.ReadyTimeout = time.Second
	err := refused(t, c)
	says(t, err, "did not answer GET http://127.0.0.1:", "it was asked and gave no answer")
	if strings.Contains(err.Error(), "PORT") {
		t.Errorf("it listens: %v", err)
	}
}

// A port that another takes first costs a try, of three.
func TestCommandWhosePortIsTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tries")
	started(t, command("taken", "LOOPTEST_FILE="+file, "LOOPTEST_COUNT=3"))
	tries, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ports := strings.Fields(string(tries))
	if len(ports) != 3 || ports[0] == ports[1] && ports[1] == ports[2] {
		t.Errorf("tried %v", ports)
	}

	file += "2"
	says(t, refused(t, command("taken", "LOOPTEST_FILE="+file, "LOOPTEST_COUNT=4")), "address already in use", "environment variable PORT", "listen tcp: bind")
	if tries, _ := os.ReadFile(file); strings.Count(string(tries), "\n") != 3 {
		t.Errorf("tried %q", tries)
	}
}

func TestCommandThatCannotRun(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		dir  string
		says string
	}{
		{nil, "", "the target's command is empty"},
		{[]string{""}, "", "the target's command is empty"},
		{[]string{"no-such-program-here"}, "", `the program "no-such-program-here" is not in PATH; is it installed, and spelled right?`},
		{[]string{"./nowhere", "x"}, dir, `there is no file "` + filepath.Join(dir, "nowhere") + `"`},
		{[]string{plain}, "", "chmod +x"},
		{[]string{os.Args[0]}, plain, "is no folder to run it in"},
		{[]string{"PORT=3000", "node"}, "", "put env before it"},
	} {
		says(t, refused(t, &target.Command{Args: c.args, Dir: c.dir}), c.says)
	}
}

// A target that dies says so, and what it last said.
func TestCommandThatDies(t *testing.T) {
	at := leash(t)
	running := started(t, command("server", at.env()))
	at.next()
	target.KillTarget(running)
	<-running.Gone()
	says(t, running.Err(), "the target ended by itself (signal: killed)")
}

// A reference server that was started as a command shows its loop; of another
// program the processes are seen, where they can be.
func TestCommandObserver(t *testing.T) {
	running := started(t, command("reference"))
	observer := running.Observer()
	if observer == nil {
		t.Fatal("a reference server's loop can't be seen")
	}
	showsItsLoop(t, observer)
}

// showsItsLoop waits for the loop's heartbeats.
func showsItsLoop(t *testing.T, observer target.Observer) {
	t.Helper()
	ctx := context.Background()
	mark, err := observer.Mark(ctx)
	if err != nil {
		t.Fatal(err)
	}
	until(func() bool {
		usage, lag, err := observer.Since(ctx, mark, time.Now())
		if err != nil || usage.Unseen {
			t.Fatalf("%+v, %v", usage, err)
		}
		return len(lag) > 0
	})
}

// Real servers of other languages, in the words that a user would type.
func TestCommandsOfOthers(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	fixed := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	const node = `node -e 'require("http").createServer((q, s) => s.end("hi")).listen(@, "127.0.0.1")'`
	const python = `python3 -m http.server --bind 127.0.0.1 @`
	for _, c := range []struct{ name, command, port string }{
		{"node", node, "process.env.PORT"},
		{"python3", python, portMark},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := exec.LookPath(c.name); err != nil {
				t.Skipf("%s is not installed", c.name)
			}
			words := func(port string) *target.Command {
				args, err := target.SplitCommand(strings.ReplaceAll(c.command, "@", port))
				if err != nil {
					t.Fatal(err)
				}
				return &target.Command{Args: args, Dir: t.TempDir()}
			}
			running := started(t, words(c.port))
			res, err := http.Get(running.URL())
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
			http.DefaultClient.CloseIdleConnections()
			if err := running.Stop(); err != nil {
				t.Error(err)
			}
			says(t, refused(t, words(fixed)), "address already in use; it must listen on the free port")
		})
	}
}

const portMark = "{port}"

// Ctrl-C while a command starts ends it.
func TestCommandInterruptedWhileItStarts(t *testing.T) {
	at := leash(t)
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := command("idle", at.env()).Start(ctx)
		done <- err
	}()
	process := at.next()
	cancel(interrupted)
	if err := <-done; !errors.Is(err, interrupted) {
		t.Errorf("error %v", err)
	}
	at.ended(process)
}
