package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/looptest/looptest/attack/record"
)

// recordFormat is what records can be turned into.
type recordFormat struct {
	name, about string
	endings     []string                                              // of file names
	binary      bool                                                  // no text
	timeless    bool                                                  // it can hold a distribution without times
	latency     record.Measure                                        // the usual one; empty when it holds both times
	write       func(io.Writer, *record.Reader, record.Measure) error // nil for a folder
}

// recordFormats are all of them. A file's ending stands for the first that has it.
var recordFormats = []recordFormat{
	{name: "folder", about: "a run folder, as attack and run make it", timeless: true},
	{name: "parquet", about: "samples.parquet by itself", endings: []string{".parquet"}, binary: true, timeless: true,
		write: func(w io.Writer, r *record.Reader, _ record.Measure) error { return record.WriteParquet(w, r) }},
	{name: "csv", about: "every sample, with the intended, sent and done time", endings: []string{".csv"},
		write: func(w io.Writer, r *record.Reader, _ record.Measure) error { return record.WriteCSV(w, r) }},
	{name: "hgrm", about: "HDR percentiles, in milliseconds", endings: []string{".hgrm"}, timeless: true, latency: record.Response,
		write: func(w io.Writer, r *record.Reader, m record.Measure) error { return record.WriteHistogram(w, r, m, "") }},
	{name: "vegeta-gob", about: "vegeta's own", endings: []string{".gob", ".bin"}, binary: true, latency: record.Service, write: vegetaWriter(record.Gob)},
	{name: "vegeta-json", about: "vegeta's, a line a sample", endings: []string{".json", ".jsonl", ".ndjson"}, latency: record.Service, write: vegetaWriter(record.JSON)},
	{name: "vegeta-csv", about: "vegeta's, without a header", latency: record.Service, write: vegetaWriter(record.CSV)},
}

func vegetaWriter(format record.Format) func(io.Writer, *record.Reader, record.Measure) error {
	return func(w io.Writer, r *record.Reader, m record.Measure) error {
		return record.WriteVegeta(w, r, record.VegetaOptions{Format: format, Response: m == record.Response})
	}
}

func formatNames() []string {
	var names []string
	for _, f := range recordFormats {
		names = append(names, f.name)
	}
	return names
}

func formatsHelp() string {
	var b strings.Builder
	for _, f := range recordFormats {
		endings := ""
		if len(f.endings) > 0 {
			endings = " (" + enumerate(f.endings) + ")"
		}
		fmt.Fprintf(&b, "  %-12s %s%s\n", f.name, f.about, endings)
	}
	return b.String()
}

// formatByName gives the format that a file's name ends with.
func formatByName(path string) (recordFormat, bool) {
	ending := strings.ToLower(filepath.Ext(path))
	for _, f := range recordFormats {
		if slices.Contains(f.endings, ending) {
			return f, true
		}
	}
	return recordFormat{}, false
}

// thereAlready is an output that would replace something.
type thereAlready struct{ path, hint string }

func (t thereAlready) Error() string {
	return fmt.Sprintf("--output %q is there already; %s", t.path, t.hint)
}

// notThere refuses a file that would be replaced. Devices and pipes are written
// to as they are.
func notThere(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil || special(info):
		return nil
	case info.IsDir():
		return thereAlready{path, "it is a folder: name a file in it, or say --to folder and name another"}
	}
	return thereAlready{path, "add --force to replace it"}
}

func special(info os.FileInfo) bool { return !info.IsDir() && !info.Mode().IsRegular() }

// vacant refuses a folder that holds something. Whole folders are never replaced.
func vacant(path string) error {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return thereAlready{path, "it is no folder: name another"}
	}
	return thereAlready{path, "folders are never replaced: name another, or remove it"}
}

// interruptible stops a long writing.
type interruptible struct {
	ctx context.Context
	w   io.Writer
}

func (i interruptible) Write(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.w.Write(p)
}

// buffered is for encoders that write in small pieces.
func buffered(w io.Writer, fill func(io.Writer) error) error {
	b := bufio.NewWriterSize(w, 256<<10)
	return errors.Join(fill(b), b.Flush())
}

// writeLong writes a file that may be too long for memory, whole or not at all.
func writeLong(path string, force bool, fill func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && special(info) {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("--output: %w", err)
		}
		return errors.Join(buffered(f, fill), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".looptest-*")
	if err != nil {
		return fmt.Errorf("--output %q was not written: %w", path, err)
	}
	defer os.Remove(f.Name()) // does nothing once it is renamed
	if err := errors.Join(buffered(f, fill), f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("--output %q was not written: %w", path, err)
	}
	if !force {
		if err := notThere(path); err != nil { // it came meanwhile
			return err
		}
	}
	return os.Rename(f.Name(), path)
}

// writeRunFolder makes a run folder, whole or not at all.
func writeRunFolder(ctx context.Context, path string, r *record.Reader) error {
	path = filepath.Clean(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("--output %q can't be made: %w", path, err)
	}
	under, err := os.MkdirTemp(filepath.Dir(path), ".looptest-*")
	if err != nil {
		return fmt.Errorf("--output %q can't be made: %w", path, err)
	}
	defer os.RemoveAll(under) // finds nothing once it is renamed
	if err := errors.Join(record.Save(under, r), ctx.Err(), os.Chmod(under, 0o755)); err != nil {
		return fmt.Errorf("--output %q was not written: %w", path, err)
	}
	if err := vacant(path); err != nil { // it was filled meanwhile
		return err
	}
	_ = os.Remove(path) // the empty folder; without it the next fails and says why
	return os.Rename(under, path)
}
