package target

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/looptest/looptest/target/loop"
)

func newTestFolder(t *testing.T) (d *dataFolder, path string) {
	t.Helper()
	path = t.TempDir()
	d, err := newDataFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	return d, path
}

// must gives what there is when nothing went wrong.
func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A copy is what it was made from.
func TestCopiesAreWhole(t *testing.T) {
	d, path := newTestFolder(t)
	defer d.close()
	for _, size := range []int{0, 1, chunkBytes, 5*chunkBytes + 3} {
		data := bytes.Repeat([]byte("0123456789abcde"), size/15+1)[:size]
		if err := os.WriteFile(filepath.Join(path, "from"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		for name, copies := range map[string]func(on worker, from, to *dataFile, done func(int64, error)){
			"whole":  copyWhole,
			"stream": func(on worker, from, to *dataFile, done func(int64, error)) { pipeline(on, from, to, done) },
		} {
			from, err := d.read("from")
			must(t, from, err)
			to, err := d.create()
			must(t, to, err)
			l := loop.New()
			l.Run(func() {
				copies(l, from, to, func(written int64, err error) {
					if written != int64(size) || err != nil {
						t.Errorf("%s: wrote %d of %d bytes, %v", name, written, size, err)
					}
				})
			})
			copied, err := os.ReadFile(filepath.Join(path, to.name))
			if err != nil || !bytes.Equal(copied, data) {
				t.Errorf("%s of %d bytes is another file (%v)", name, size, err)
			}
			if now, _ := d.inUse(); now != 0 {
				t.Errorf("%s left %d files open", name, now)
			}
		}
	}
}

// Reading whole into memory fails as a whole, and both ends are closed.
func TestCopyWholeFails(t *testing.T) {
	d, path := newTestFolder(t)
	defer d.close()
	if err := os.WriteFile(filepath.Join(path, "from"), []byte("shrinks"), 0o600); err != nil {
		t.Fatal(err)
	}
	from, err := d.read("from")
	must(t, from, err)
	to, err := d.create()
	must(t, to, err)
	if err := os.Truncate(filepath.Join(path, "from"), 3); err != nil {
		t.Fatal(err)
	}
	var failed error
	l := loop.New()
	l.Run(func() { copyWhole(l, from, to, func(_ int64, err error) { failed = err }) })
	if failed == nil {
		t.Error("a file that shrank was copied")
	}
	if now, _ := d.inUse(); now != 0 {
		t.Errorf("%d files are open", now)
	}
}

// What is open at once is bounded by its bytes, and counted.
func TestOpenBytesAreBounded(t *testing.T) {
	d, path := newTestFolder(t)
	defer d.close()
	for _, name := range []string{"large", "small"} {
		f, err := os.Create(filepath.Join(path, name))
		must(t, f, err)
		if name == "large" {
			err = f.Truncate(fileBytesMax) // sparse
		}
		must(t, f, errors.Join(err, f.Close()))
	}
	var open []*dataFile
	for range openBytesMax / fileBytesMax {
		f, err := d.read("large")
		open = append(open, must(t, f, err))
	}
	if _, err := d.read("large"); !errors.Is(err, errFilesBusy) {
		t.Errorf("one more: %v", err)
	}
	small, err := d.read("small")
	must(t, small, err).Close()
	open[0].Close()
	open[0].Close() // counts once
	again, err := d.read("large")
	must(t, again, err)
	if _, err := d.read("large"); !errors.Is(err, errFilesBusy) {
		t.Errorf("one more, again: %v", err)
	}
	if now, most := d.inUse(); now != 4 || most != 5 {
		t.Errorf("%d are open and %d were, want 4 and 5", now, most)
	}
}

// The end closes what is open and removes the copies, and nothing can be opened
// any more.
func TestFolderCloses(t *testing.T) {
	d, path := newTestFolder(t)
	if _, err := d.source(1); err != nil {
		t.Fatal(err)
	}
	from, err := d.read("source-1-mib.bin")
	must(t, from, err)
	to, err := d.create()
	must(t, to, err)
	done, err := d.create()
	must(t, done, err)
	if err := errors.Join(done.Close(), d.discard(done.name)); err != nil {
		t.Fatal(err)
	}
	if err := d.close(); err != nil {
		t.Error(err)
	}
	for _, f := range []*dataFile{from, to} {
		if _, err := f.Seek(0, 0); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s is still open: %v", f.name, err)
		}
		if err := f.Close(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("closing %s again: %v", f.name, err)
		}
	}
	left, err := os.ReadDir(path)
	if len(must(t, left, err)) != 1 || left[0].Name() != "source-1-mib.bin" {
		t.Errorf("left %v", left)
	}
	_, readErr := d.read("source-1-mib.bin")
	_, createErr := d.create()
	for _, err := range []error{readErr, createErr, d.smallFiles(1), d.discard("x")} {
		if !errors.Is(err, errFolderClosed) {
			t.Errorf("after the end: %v", err)
		}
	}
}

// A file that is there is taken as it is.
func TestSmallFilesKeepWhatIsThere(t *testing.T) {
	d, path := newTestFolder(t)
	defer d.close()
	if err := os.MkdirAll(filepath.Join(path, manyFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(path, filepath.FromSlash(smallFile(1)))
	if err := os.WriteFile(own, []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{2, 4, 3} {
		if err := d.smallFiles(n); err != nil {
			t.Fatal(err)
		}
	}
	made, err := os.ReadDir(filepath.Join(path, manyFolder))
	if len(must(t, made, err)) != 4 {
		t.Errorf("made %v", made)
	}
	kept, err := os.ReadFile(own)
	if string(must(t, kept, err)) != "[]" {
		t.Errorf("it became %q", kept)
	}
}

// After a batch others have their turn before the next; one by one, the next file
// follows at once.
func TestBatchesYield(t *testing.T) {
	d, _ := newTestFolder(t)
	defer d.close()
	if err := d.smallFiles(300); err != nil {
		t.Fatal(err)
	}
	document, err := smallDocument()
	must(t, document, err)
	for mode, want := range map[string][2]int{"batch": {100, 200}, "one": {101, 101}} {
		l := loop.New()
		m := &manyReads{Files: 300, begun: 100, left: 1, x: &Exchange{loop: l, Values: Values{"mode": mode}, server: &Server{data: d}}}
		l.Run(func() {
			l.SetImmediate(func() {
				if m.begun != want[0] {
					t.Errorf("%s: before others have their turn %d files are begun, want %d", mode, m.begun, want[0])
				}
				l.SetImmediate(func() {
					if m.begun < want[1] {
						t.Errorf("%s: then %d files are begun, want %d", mode, m.begun, want[1])
					}
					l.Stop()
				})
			})
			m.settle(smallFile(99), document, nil)
		})
	}
}

// Each kind of error has its code, however deep it is wrapped.
func TestFileErrorCodes(t *testing.T) {
	for err, want := range map[error]int{
		errUnfit:        http.StatusBadRequest,
		fs.ErrNotExist:  http.StatusNotFound,
		syscall.ENOSPC:  http.StatusInsufficientStorage,
		syscall.EDQUOT:  http.StatusInsufficientStorage,
		errFilesBusy:    http.StatusServiceUnavailable,
		syscall.EMFILE:  http.StatusServiceUnavailable,
		syscall.ENFILE:  http.StatusServiceUnavailable,
		errFolderClosed: http.StatusInternalServerError,
		syscall.EIO:     http.StatusInternalServerError,
	} {
		if got := fileErrorCode(errors.Join(&fs.PathError{Op: "open", Path: "x", Err: err})); got != want {
			t.Errorf("%v: got %d, want %d", err, got, want)
		}
	}
}
