package record

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// disk is where a recording is written: a folder, and in tests one that fills up.
type disk interface {
	create(name string) (file, error)
	rename(from, to string) error
	remove(name string) error
}

type file interface {
	io.WriteCloser
	Sync() error
}

// folder is a disk that is a folder's path.
type folder string

var _ disk = folder("")

func (f folder) path(name string) string          { return filepath.Join(string(f), name) }
func (f folder) create(name string) (file, error) { return os.Create(f.path(name)) }
func (f folder) rename(from, to string) error     { return os.Rename(f.path(from), f.path(to)) }
func (f folder) remove(name string) error         { return os.Remove(f.path(name)) }

// replace writes a file under another name and renames it when it is complete
// and safe on the disk. On an error nothing of it is left.
func replace(d disk, name string, write func(io.Writer) error) error {
	under := name + unfinishedSuffix
	f, err := d.create(under)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.rename(under, name)
	}
	if err != nil {
		d.remove(under)
	}
	return err
}
