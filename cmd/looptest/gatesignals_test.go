//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Ctrl-C keeps the blocks that came to their end, marked as partial.
func TestGateInterrupted(t *testing.T) {
	exe := self(t)
	serve := "'" + exe + "' serve --unit 1500"
	out := filepath.Join(t.TempDir(), "out")
	c := &attackChild{out: out}
	c.Cmd = exec.Command(exe, "gate", "--base", serve, "--head", serve, "--url", "/ok", "--rate", "200", "--duration", "200ms", "--slice", "100ms", "--out", out)
	c.Stdout, c.Stderr = &c.stdout, &c.stderr
	c.begin(t)
	await(t, "a block", func() bool {
		_, err := os.Stat(filepath.Join(out, runsFolder, "block-001.jsonl.gz"))
		return err == nil
	})
	c.Process.Signal(syscall.SIGINT)
	c.ends(t, exitInterrupted)
	if d := readGate(t, out); !d.Partial || d.Error != "interrupted" || d.Verdict.Outcome == "pass" || len(d.Blocks) == 0 {
		t.Errorf("%+v", d)
	}
	if !strings.Contains(c.stderr.String(), "looptest: interrupted; what was measured is in "+out) {
		t.Error(c.stderr.String())
	}
}

// Ctrl-C takes the base's checkout back, also while it is built, and leaves no
// folder.
func TestGateInterruptedBuild(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	exe := self(t)
	repository := t.TempDir()
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.org"}, args...)...)
		said, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v %s", args, err, said)
		}
		return string(said)
	}
	git("init", "--quiet", "--initial-branch=main")
	git("commit", "--quiet", "--allow-empty", "-m", "one")
	begun := filepath.Join(t.TempDir(), "begun")
	out := filepath.Join(t.TempDir(), "out")
	c := &attackChild{}
	c.Cmd = exec.Command(exe, "gate", "--base-ref", "main", "--build", "sh -c 'touch "+begun+"; sleep 100'", "--head", exe, "--url", "/ok", "--out", out)
	c.Dir = repository
	c.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	c.Stdout, c.Stderr = &c.stdout, &c.stderr
	c.begin(t)
	await(t, "the build", func() bool {
		_, err := os.Stat(begun)
		return err == nil
	})
	c.Process.Signal(syscall.SIGINT)
	c.ends(t, exitInterrupted)
	if left := strings.Count(git("worktree", "list"), "\n"); left != 1 {
		t.Errorf("%d worktrees are left", left)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("an empty folder is left")
	}
	if !bytes.Contains(c.stderr.Bytes(), []byte("interrupted before a block came to its end")) {
		t.Error(c.stderr.String())
	}
}
