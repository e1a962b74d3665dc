package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// outFolder is where a command's files go. A file is there whole or not at all.
type outFolder string

// openFolder makes the folder and sees that files can be written into it, so
// that a mistake is found before the measuring and not after.
func openFolder(path string) (outFolder, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return "", fmt.Errorf("--out %q can't be made: %w", path, err)
	}
	f, err := os.CreateTemp(path, ".looptest-*")
	if err != nil {
		return "", fmt.Errorf("--out %q can't be written to: %w", path, err)
	}
	f.Close()
	return outFolder(path), os.Remove(f.Name())
}

// missingFolders are those that openFolder will make, the innermost first.
func missingFolders(path string) (missing []string) {
	for path = filepath.Clean(path); ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); err == nil || path == filepath.Dir(path) {
			return missing
		}
		missing = append(missing, path)
	}
}

// write puts what fill gives into the file, and gives the file's path.
func (o outFolder) write(name string, fill func(io.Writer) error) (string, error) {
	path := filepath.Join(string(o), name)
	var content bytes.Buffer
	if err := fill(&content); err != nil {
		return "", fmt.Errorf("%s can't be made: %w", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".looptest-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name()) // does nothing once it is renamed
	_, err = f.Write(content.Bytes())
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return "", fmt.Errorf("%s can't be written: %w", path, err)
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return "", err
	}
	return path, os.Rename(f.Name(), path)
}

// writeFile puts what fill gives into a file of the user's own, whole or not at
// all.
func writeFile(path string, fill func(io.Writer) error) error {
	_, err := outFolder(filepath.Dir(path)).write(filepath.Base(path), fill)
	return err
}

// asBytes is what fill writes.
func asBytes(fill func(io.Writer) error) ([]byte, error) {
	var content bytes.Buffer
	err := fill(&content)
	return content.Bytes(), err
}
