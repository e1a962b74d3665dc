package target

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// Bounds of the files that routes work on, in bytes: a single one, and all that
// are open at once. A file counts for as long as it or its copy is worked on, so
// the second bounds memory and disk too.
const (
	fileBytesMax = 256 << 20
	openBytesMax = 1 << 30
)

var (
	errFolderClosed = errors.New("the data folder is closed")
	errFilesBusy    = fmt.Errorf("the files under way would have more than %d MiB in all; try again later", openBytesMax>>20)
	errUnfit        = errors.New("not a file that can be read here")
)

// dataFolder is where routes find files and leave theirs. No name leads out of
// it, whether by .. or by a link. It is opened by the first that needs it, and is
// safe for any goroutine. Files that are made as copies never outlive the server.
type dataFolder struct {
	named string // by the user; empty for a private one, which is removed at the end

	making sync.Mutex // held while a file is made, so that none is at the end
	small  int        // files that are known to be there, of manyFolder

	mu      sync.Mutex
	root    *os.Root
	private string // where the private one is, once it is made
	closed  bool
	open    map[*dataFile]struct{}
	most    int // files open at once, at most
	bytes   int64
	copies  map[string]struct{} // names of those that are there
}

// dataFile is an open file of the folder.
type dataFile struct {
	*os.File
	name   string
	size   int64 // when it was opened; of a copy 0
	folder *dataFolder
}

// newDataFolder takes a folder of the user's, or a private one for no name.
func newDataFolder(named string) (*dataFolder, error) {
	if named != "" {
		if info, err := os.Stat(named); err != nil {
			return nil, fmt.Errorf("the data folder can't be used: %w", err)
		} else if !info.IsDir() {
			return nil, fmt.Errorf("the data folder %q is a file", named)
		}
	}
	return &dataFolder{named: named, open: map[*dataFile]struct{}{}, copies: map[string]struct{}{}}, nil
}

// within gives the opened folder.
func (d *dataFolder) within() (*os.Root, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errFolderClosed
	}
	if d.root != nil {
		return d.root, nil
	}
	var err error
	if d.named == "" && d.private == "" {
		if d.private, err = os.MkdirTemp("", "looptest-data-"); err != nil {
			return nil, err
		}
	}
	d.root, err = os.OpenRoot(cmp.Or(d.named, d.private))
	return d.root, err
}

// read opens a file to be read. Only regular files are: a pipe could keep its
// thread waiting for ever.
func (d *dataFolder) read(name string) (*dataFile, error) {
	root, err := d.within()
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errUnfit, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s is no regular file", errUnfit, name)
	case info.Size() > fileBytesMax:
		return nil, fmt.Errorf("%w: %s has %d bytes, and %d at most are read", errUnfit, name, info.Size(), fileBytesMax)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	return d.opened(&dataFile{File: f, name: name, size: info.Size(), folder: d})
}

// create makes a file under a name of its own, which is removed by discard, or
// else when the folder is closed.
func (d *dataFolder) create() (*dataFile, error) {
	d.making.Lock()
	defer d.making.Unlock()
	root, err := d.within()
	if err != nil {
		return nil, err
	}
	name := "copy-" + rand.Text()
	d.noteCopy(name)
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		d.forgetCopy(name)
		return nil, err
	}
	return d.opened(&dataFile{File: f, name: name, folder: d})
}

// discard removes a copy.
func (d *dataFolder) discard(name string) error {
	root, err := d.within()
	if err != nil {
		return err
	}
	if err := root.Remove(name); err != nil {
		return err
	}
	d.forgetCopy(name)
	return nil
}

func (d *dataFolder) noteCopy(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.copies[name] = struct{}{}
}

func (d *dataFolder) forgetCopy(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.copies, name)
}

// opened takes the file into account, or closes it when that is too much.
func (d *dataFolder) opened(f *dataFile) (*dataFile, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var err error
	switch {
	case d.closed:
		err = errFolderClosed
	case d.bytes+f.size > openBytesMax:
		err = errFilesBusy
	default:
		d.open[f] = struct{}{}
		d.bytes += f.size
		d.most = max(d.most, len(d.open))
		return f, nil
	}
	f.File.Close()
	return nil, err
}

// Close closes the file, once.
func (f *dataFile) Close() error {
	f.folder.mu.Lock()
	if _, open := f.folder.open[f]; open {
		delete(f.folder.open, f)
		f.folder.bytes -= f.size
	}
	f.folder.mu.Unlock()
	return f.File.Close()
}

// all reads the whole file into memory.
func (f *dataFile) all() ([]byte, error) {
	data := make([]byte, f.size)
	_, err := io.ReadFull(f, data)
	return data, err
}

// inUse is how many files are open, and how many were at once, at most.
func (d *dataFolder) inUse() (now, most int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.open), d.most
}

// close closes what is still open, removes the copies that are left, and with a
// private folder everything. What is still at work then gets errors.
func (d *dataFolder) close() error {
	d.making.Lock()
	defer d.making.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for f := range d.open {
		f.File.Close()
	}
	clear(d.open)
	if d.root == nil {
		return os.RemoveAll(d.private) // nothing when there is none
	}
	var errs []error
	for name := range d.copies {
		if err := d.root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	errs = append(errs, d.root.Close())
	if d.private != "" {
		errs = append(errs, os.RemoveAll(d.private))
	}
	return errors.Join(errs...)
}
