//go:build unix

package target_test

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// A server that ignores SIGTERM is killed.
func TestStopOfAStubbornCommand(t *testing.T) {
	at := leash(t)
	running := started(t, command("stubborn", at.env()))
	process := at.next()
	running.Stop()
	at.ended(process)
}

// Nothing that a command started outlives it, though it holds the command's
// output and ignores SIGTERM.
func TestStopEndsTheFamily(t *testing.T) {
	for _, role := range []string{"family", "escaping"} {
		t.Run(role, func(t *testing.T) {
			if role == "escaping" && runtime.GOOS != "linux" {
				t.Skip("what leaves its process group is found on Linux alone")
			}
			at := leash(t)
			running := started(t, command(role, at.env()))
			server, child := at.next(), at.next()
			running.Stop()
			at.ended(server)
			at.ended(child)
		})
	}
}

// A command that leaves its server behind is not one that can be waited for.
func TestCommandThatLeavesItsServerBehind(t *testing.T) {
	at := leash(t)
	says(t, refused(t, command("launcher", at.env())), "ended (exit status 0) before it answered")
	launcher, child := at.next(), at.next()
	at.ended(launcher)
	at.ended(child)
}

// Nothing outlives looptest, even when it is killed.
func TestNothingOutlivesLooptest(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("without a shell there is no guard")
	}
	at := leash(t)
	host := exec.Command(os.Args[0])
	host.Env = append(os.Environ(), "LOOPTEST_ROLE=host", at.env())
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	itself, server, child := at.next(), at.next(), at.next()
	host.Process.Kill()
	host.Wait()
	at.ended(itself)
	at.ended(server)
	at.ended(child)
}
