package scenario

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Bounds of the files that a scenario names.
const (
	maxBodyFile = 64 << 20 // one body
	maxBodies   = 1 << 30  // all of them, in memory
)

// world is what a scenario takes from outside its file.
type world struct {
	dir    string // that relative paths start from
	getenv func(name string) (string, bool)
	*held
}

// held are the files that were read, by path.
type held struct {
	files map[string][]byte
	total int64
}

func worldAt(dir string) *world {
	return &world{dir: dir, getenv: os.LookupEnv, held: &held{files: map[string][]byte{}}}
}

// at is the same world, with relative paths starting somewhere else.
func (w *world) at(dir string) *world { return &world{dir: dir, getenv: w.getenv, held: w.held} }

// path makes a relative path start at the scenario's folder.
func (w *world) path(path string) string {
	if filepath.IsAbs(path) || path == "" {
		return path
	}
	return filepath.Join(w.dir, path)
}

// read gives a file's content. It has to be a regular file of at most so many
// bytes: a device or a pipe could give bytes without end.
func (w *world) read(path string, most int64) ([]byte, error) {
	path = w.path(path)
	if content, known := w.files[path]; known {
		return content, nil
	}
	if err := regular(path, most); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, plain(path, err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, plain(path, err)
	case int64(len(content)) > most:
		return nil, tooLong(path, most)
	case w.total+int64(len(content)) > maxBodies:
		return nil, fmt.Errorf("%s: the files of this scenario hold more than %d MiB in all", path, maxBodies>>20)
	}
	w.total += int64(len(content))
	w.files[path] = content
	return content, nil
}

// regular says why a path is no regular file of at most so many bytes.
func regular(path string, most int64) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return plain(path, err)
	case info.IsDir():
		return fmt.Errorf("%s is a folder", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file", path)
	case info.Size() > most:
		return tooLong(path, most)
	}
	return nil
}

func tooLong(path string, most int64) error {
	return fmt.Errorf("%s is longer than %d MiB", path, most>>20)
}

// plain says in a few words why a file can't be read.
func plain(path string, err error) error {
	switch {
	case os.IsNotExist(err):
		return fmt.Errorf("%s is not there", path)
	case os.IsPermission(err):
		return fmt.Errorf("%s may not be read by this user", path)
	}
	return err
}
