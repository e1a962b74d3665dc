package target_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// repository makes one with two commits: in the first, sub/version says old, in
// the second, which is tagged v2, it says new. It gives its folder sub.
func repository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	top := filepath.Join(t.TempDir(), "shop")
	sub := filepath.Join(top, "sub")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		cmd.Dir = top
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v %s", args, err, out)
		}
	}
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(sub, "version"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		run("add", ".")
	}
	run("init", "--quiet", "--initial-branch=main")
	write("old")
	run("commit", "--quiet", "-m", "one")
	run("branch", "released")
	write("new")
	run("commit", "--quiet", "-m", "two")
	run("tag", "v2")
	return sub
}

// worktrees are those that the repository knows, its own included.
func worktrees(t *testing.T, folder string) int {
	t.Helper()
	cmd := exec.Command("git", "worktree", "list")
	cmd.Dir = folder
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(out), "\n")
}

func TestWorktree(t *testing.T) {
	sub := repository(t)
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "another")) // as in a hook
	w, err := target.AddWorktree(context.Background(), sub, "released")
	if err != nil {
		t.Fatal(err)
	}
	os.Unsetenv("GIT_DIR")
	if text, err := os.ReadFile(filepath.Join(w.Dir, "version")); err != nil || string(text) != "old" {
		t.Errorf("%s: %q, %v", w.Dir, text, err)
	}
	if len(w.Commit) != 10 || w.Ref != "released" || worktrees(t, sub) != 2 {
		t.Errorf("%+v, %d worktrees", w, worktrees(t, sub))
	}
	if err := w.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(w.Dir); err == nil || worktrees(t, sub) != 1 {
		t.Errorf("%v, %d worktrees are left", err, worktrees(t, sub))
	}
}

func TestWorktreeRefs(t *testing.T) {
	sub := repository(t)
	for _, ref := range []string{"mian", "", "-x", "--help"} {
		_, err := target.AddWorktree(context.Background(), sub, ref)
		var unknown *target.RefError
		if !errors.As(err, &unknown) || !slices.Contains(unknown.Known, "released") || !slices.Contains(unknown.Known, "v2") {
			t.Errorf("%q: %v", ref, err)
		}
	}
	if _, err := target.AddWorktree(context.Background(), t.TempDir(), "main"); !errors.Is(err, target.ErrNoRepository) {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := target.AddWorktree(ended, sub, "v2"); err == nil {
		t.Error("it is checked out although it was interrupted")
	}
	if n := worktrees(t, sub); n != 1 {
		t.Errorf("%d worktrees are left", n)
	}
}

func TestBuild(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	dir := t.TempDir()
	if err := target.Build(context.Background(), dir, []string{"sh", "-c", "echo made > it"}); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "it")); err != nil || string(text) != "made\n" {
		t.Errorf("%q, %v", text, err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"sh", "-c", "echo undefined: x >&2; exit 3"}, "failed (exit status 3); it said:\nundefined: x"},
		{[]string{"no-such-builder"}, `the build can't be started: the program "no-such-builder" is not in PATH`},
		{nil, "empty"},
	} {
		if err := target.Build(context.Background(), dir, c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
	}
	soon, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := target.Build(soon, dir, []string{"sh", "-c", "sleep 60 & sleep 60"}); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}
