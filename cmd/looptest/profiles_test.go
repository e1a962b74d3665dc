//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/pprof/profile"
)

// SIGUSR2 puts a profile of the heap into the folder, that holds what leaked; the
// server lives on.
func TestServeWritesProfiles(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "profiles")
	c := serveChild(t, "--profiles", folder, "--watch-heap")
	for range 16 {
		if reply := <-c.ask("/leak?kb=1024"); !strings.HasPrefix(reply, "Leaked=") {
			t.Fatalf("/leak got %q", reply)
		}
	}
	c.Process.Signal(syscall.SIGUSR2)
	var files []string
	await(t, "a profile", func() bool {
		files, _ = filepath.Glob(filepath.Join(folder, "heap-*.pprof"))
		return len(files) > 0
	})
	if held := inUse(t, files[0], ".(*leak).plant"); held < 15<<20 || held > 17<<20 {
		t.Errorf("of 16 MiB that leaked the profile has %d bytes", held)
	}
	if reply := <-c.ask("/ok"); reply != "OK" {
		t.Errorf("after it /ok got %q", reply)
	}
	c.Process.Signal(syscall.SIGTERM)
	c.ends(t, exitPass)
	if said := c.stderr.String(); !strings.Contains(said, `"msg":"heap profile"`) || !strings.Contains(said, filepath.Base(files[0])) {
		t.Errorf("it said %q", said)
	}
	if left, _ := os.ReadDir(folder); len(left) != 1 {
		t.Errorf("%d files are in the folder, want the profile alone", len(left))
	}
}

// inUse is what a profile of the heap has of a function's allocations, in bytes.
func inUse(t *testing.T, file, function string) (bytes int64) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := profile.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Sample {
		for _, line := range s.Location[0].Line {
			if strings.HasSuffix(line.Function.Name, function) {
				bytes += s.Value[3] // inuse_space
			}
		}
	}
	return bytes
}
