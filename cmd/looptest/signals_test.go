//go:build unix

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/looptest/looptest/attack/record"
)

// attackChild is `looptest attack` in a process of its own.
type attackChild struct {
	*exec.Cmd
	out            string // its folder
	stdout, stderr bytes.Buffer
}

// startAttack begins an attack that lasts for minutes.
func startAttack(t *testing.T, args ...string) *attackChild {
	t.Helper()
	c := &attackChild{out: filepath.Join(t.TempDir(), "out")}
	args = append([]string{"attack", "--no-charts", "--warmup", "0s", "--rate", "200/s", "--duration", "5m", "--out", c.out}, args...)
	c.Cmd = exec.Command(self(t), args...)
	c.Stdout, c.Stderr = &c.stdout, &c.stderr
	c.begin(t)
	return c
}

func (c *attackChild) begin(t *testing.T) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
}

// awaitRecords waits until some samples are in a closed part.
func (c *attackChild) awaitRecords(t *testing.T) {
	t.Helper()
	await(t, "a part of the records", func() bool {
		parts, _ := filepath.Glob(filepath.Join(c.out, "samples-*.parquet"))
		return len(parts) > 1
	})
}

// ends waits for the child and checks its exit code, or the signal that ended it
// when negative.
func (c *attackChild) ends(t *testing.T, code int) {
	t.Helper()
	timer := time.AfterFunc(2*time.Minute, func() { c.Process.Kill() })
	defer timer.Stop()
	c.Wait()
	got := c.ProcessState.ExitCode()
	if status := c.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		got = -int(status.Signal())
	}
	if got != code {
		t.Errorf("exit code %d, want %d; it said:\n%s%s", got, code, c.stderr.String(), c.stdout.String())
	}
}

// ownServer is a target's command that notes its process number, which pid waits
// for; before is what its shell does first.
func ownServer(t *testing.T, before string) (args []string, pid func() int) {
	t.Helper()
	noted := filepath.Join(t.TempDir(), "pid")
	script := fmt.Sprintf(`%s echo $$ > %q; %q serve --unit 1500 --addr 127.0.0.1:$PORT & while :; do sleep 1; done`, before, noted, self(t))
	return []string{"/ok", "--", "sh", "-c", script}, func() (n int) {
		await(t, "the command", func() bool {
			text, _ := os.ReadFile(noted) // not there yet
			n, _ = strconv.Atoi(strings.TrimSpace(string(text)))
			return n > 0
		})
		return n
	}
}

// gone checks that nothing is left of a command's process group.
func gone(t *testing.T, pid int) {
	t.Helper()
	await(t, "the end of the started command", func() bool { return syscall.Kill(-pid, 0) != nil })
}

// partial reads the records of a run that was cut short, by report as well.
func partial(t *testing.T, dir string) record.Head {
	t.Helper()
	r, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !r.Head().Partial {
		t.Error("the records are not marked as partial")
	}
	out, err := exec.Command(self(t), "report", dir).CombinedOutput()
	if code := err.(*exec.ExitError).ExitCode(); code != exitInconclusive && code != exitInvalid {
		t.Errorf("report: exit code %d", code)
	}
	if !bytes.Contains(out, []byte("response p50")) {
		t.Errorf("report says\n%s", out)
	}
	return r.Head()
}

// One signal stops, saves and reports.
func TestAttackInterrupted(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			command, pid := ownServer(t, "")
			c := startAttack(t, command...)
			c.awaitRecords(t)
			c.Process.Signal(signal)
			c.ends(t, exitInterrupted)
			gone(t, pid())
			if !strings.Contains(c.stderr.String(), "looptest: interrupted; what was measured is in "+c.out) {
				t.Error(c.stderr.String())
			}
			if !strings.Contains(c.stdout.String(), "the load was not carried out to its end: interrupted") {
				t.Error(c.stdout.String())
			}
			if h := partial(t, c.out); h.Failure != "interrupted" || h.Unfinished {
				t.Errorf("head: %q, unfinished %v", h.Failure, h.Unfinished)
			}
		})
	}
}

// A second one leaves at once, also while a command that doesn't want to end is
// waited for, and the command ends all the same.
func TestAttackInterruptedTwice(t *testing.T) {
	command, pid := ownServer(t, "trap '' TERM;")
	c := startAttack(t, command...)
	c.awaitRecords(t)
	c.Process.Signal(syscall.SIGINT)
	time.Sleep(300 * time.Millisecond) // the command is given longer than that
	c.Process.Signal(syscall.SIGINT)
	c.ends(t, -int(syscall.SIGINT))
	gone(t, pid())
	partial(t, c.out)
}

// Interrupted before anything was measured, nothing is left behind.
func TestAttackInterruptedBeforeItBegan(t *testing.T) {
	command, pid := ownServer(t, "")
	c := startAttack(t, append([]string{"--ready", "/never", "--warmup", "10m"}, command...)...)
	pid()
	c.Process.Signal(syscall.SIGINT)
	c.ends(t, exitInterrupted)
	gone(t, pid())
	if _, err := os.Stat(c.out); err == nil {
		t.Error("the folder is left behind")
	}
}

// What a killed attack recorded can be read, and its command ends too.
func TestAttackKilled(t *testing.T) {
	command, pid := ownServer(t, "")
	c := startAttack(t, command...)
	c.awaitRecords(t)
	c.Process.Kill()
	c.ends(t, -int(syscall.SIGKILL))
	gone(t, pid())
	if h := partial(t, c.out); !h.Unfinished {
		t.Error("the records are not marked as unfinished")
	}
}

// When the started command dies, the load ends, and what was measured is saved.
func TestCommandDies(t *testing.T) {
	command, pid := ownServer(t, "echo the last words;")
	c := startAttack(t, command...)
	c.awaitRecords(t)
	syscall.Kill(-pid(), syscall.SIGKILL)
	c.ends(t, exitInvalid)
	for _, want := range []string{"the target ended by itself (signal: killed)", "the last words", "what was measured is in " + c.out} {
		if !strings.Contains(c.stderr.String(), want) {
			t.Errorf("there is no %q in:\n%s", want, c.stderr.String())
		}
	}
	partial(t, c.out)
}

// When nobody reads the lines any more, the load ends, and what was measured is
// saved.
func TestNobodyReads(t *testing.T) {
	command, pid := ownServer(t, "")
	c := &attackChild{out: filepath.Join(t.TempDir(), "out")}
	c.Cmd = exec.Command(self(t), append([]string{"attack", "--json-lines", "--no-charts", "--warmup", "0s", "--duration", "5m", "--out", c.out}, command...)...)
	c.Stderr = &c.stderr
	lines, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.begin(t)
	if !bufio.NewScanner(lines).Scan() {
		t.Error("there was no line")
	}
	lines.Close()
	c.ends(t, exitInvalid)
	gone(t, pid())
	if n := strings.Count(c.stderr.String(), "nobody reads standard output any more"); n != 1 {
		t.Errorf("said %d times:\n%s", n, c.stderr.String())
	}
	partial(t, c.out)
}

// A full disk costs records, and nothing else: all is measured and reported.
func TestDiskFull(t *testing.T) {
	url := serveChild(t).ready.URL
	c := &attackChild{out: filepath.Join(t.TempDir(), "out")}
	// A file may not grow beyond so many blocks of 512 bytes (of 1024 in some shells).
	c.Cmd = exec.Command("sh", "-c", `trap '' XFSZ; ulimit -f 16; exec "$@"`, "sh",
		self(t), "attack", url+"/ok", "--rate", "3000/s", "--duration", "2s", "--out", c.out, "--quiet")
	c.Stdout, c.Stderr = &c.stdout, &c.stderr
	c.begin(t)
	c.ends(t, exitInvalid)
	if !strings.Contains(c.stdout.String(), "response p99 ") {
		t.Errorf("it reports %q", c.stdout.String())
	}
	said := c.stderr.String()
	if strings.Count(said, "\n") != 1 || !strings.Contains(said, "not all of the results could be saved in "+c.out) ||
		!strings.Contains(said, "missing in the records, though not in the numbers (file too large); make room") {
		t.Errorf("it says\n%s", said)
	}
}

// Without file descriptors the requests fail, and the run is invalid.
func TestNoDescriptors(t *testing.T) {
	url := serveChild(t).ready.URL
	c := &attackChild{}
	c.Cmd = exec.Command("sh", "-c", `ulimit -n 64; exec "$@"`, "sh", self(t), "attack", url+"/lookup?ms=2000",
		"--rate", "200/s", "--duration", "1s", "--timeout", "1s", "--out", t.TempDir(), "--warmup", "0s", "--no-records", "--no-charts")
	c.Stdout, c.Stderr = &c.stdout, &c.stderr
	c.begin(t)
	c.ends(t, exitInvalid)
	for _, want := range []string{"the generator ran out of file descriptors", "invalid"} {
		if !strings.Contains(c.stdout.String(), want) {
			t.Errorf("there is no %q in:\n%s%s", want, c.stdout.String(), c.stderr.String())
		}
	}
}
