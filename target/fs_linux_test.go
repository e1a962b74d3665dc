package target_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/looptest/looptest/target"
)

// smallDisk mounts a file system of 1 MB and that many files, or skips the test
// with the reason.
func smallDisk(t *testing.T, files int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=1m,nr_inodes=%d", files+1)); err != nil {
		t.Skipf("a small file system can't be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("something still uses the disk: %v", err)
		}
	})
	return dir
}

// A full disk is a clear error, leaves no half-written file and no descriptor,
// and does no harm to what still fits.
func TestFullDisk(t *testing.T) {
	dir := smallDisk(t, 100)
	small := []byte(strings.Repeat("x", 100_000))
	if err := os.WriteFile(filepath.Join(dir, "small"), small, 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, target.Config{Data: dir})
	get(t, s.URL+"/fs/read?size=4") // sparse, so that it fits
	for _, mode := range []string{"whole", "stream"} {
		code, body := get(t, s.URL+"/fs/copy?size=4&mode="+mode)
		if code != http.StatusInsufficientStorage || !strings.Contains(body, "no room in the data folder") || !strings.Contains(body, "no space left") {
			t.Errorf("%s answered %d %q", mode, code, body)
		}
		if left := namesIn(t, dir); !slices.Equal(left, []string{"small", "source-4-mib.bin"}) {
			t.Errorf("%s left %q", mode, left)
		}
		if code, body := get(t, s.URL+"/fs/copy?file=small&mode="+mode); code != http.StatusOK {
			t.Errorf("%s of a file that fits answered %d %q", mode, code, body)
		}
	}
	noneOpen(t, s)
	s.stop()
	<-s.end
}

// So is a disk on which not even an empty file can be made.
func TestNoRoomForAnotherFile(t *testing.T) {
	dir := smallDisk(t, 1)
	if err := os.WriteFile(filepath.Join(dir, "small"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, target.Config{Data: dir})
	for _, path := range []string{"/fs/copy?file=small", "/fs/copy?file=small&mode=whole", "/fs/read?size=1", "/fs/many?files=1"} {
		if code, body := get(t, s.URL+path); code != http.StatusInsufficientStorage || !strings.Contains(body, "no space left") {
			t.Errorf("%s answered %d %q", path, code, body)
		}
	}
	noneOpen(t, s)
	s.stop()
	<-s.end
}

// Files that the server can't make are errors too, and not there by half.
func TestFullDiskForSources(t *testing.T) {
	dir := smallDisk(t, 100)
	fill, err := os.Create(filepath.Join(dir, "fill"))
	for err == nil {
		_, err = fill.Write(make([]byte, 4096))
	}
	fill.Close()
	s := serve(t, target.Config{Data: dir})
	for _, path := range []string{"/fs/read?size=2&mode=sync", "/fs/read?size=2&mode=pool", "/fs/read?size=2", "/fs/copy?size=2", "/fs/many?files=3"} {
		if code, body := get(t, s.URL+path); code != http.StatusInsufficientStorage || !strings.Contains(body, "no space left") {
			t.Errorf("%s answered %d %q", path, code, body)
		}
	}
	if left := namesIn(t, dir); !slices.Equal(left, []string{"fill"}) {
		t.Errorf("left %q", left)
	}
	s.stop()
	<-s.end
}

// A pipe that nobody writes to keeps nobody waiting.
func TestPipesAreRefused(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skipf("no pipes: %v", err)
	}
	s := serve(t, target.Config{Data: dir})
	for _, mode := range []string{"sync", "pool", "stream"} {
		want := "pipe is no regular file"
		if code, body := get(t, s.URL+fmt.Sprintf("/fs/read?file=pipe&mode=%s", mode)); code != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("%s answered %d %q", mode, code, body)
		}
	}
}
