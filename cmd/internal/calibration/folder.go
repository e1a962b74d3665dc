// Package calibration is what the programs that measure looptest itself have in
// common: records that survive an interruption, and pages that say what they show.
package calibration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder keeps records: a file for each kind, a line of JSON for each record.
type Folder[T any] string

// Path is the file of a kind.
func (f Folder[T]) Path(kind string) string { return filepath.Join(string(f), kind+".jsonl") }

// Read gives a kind's records. What an interruption left of a line is no record.
func (f Folder[T]) Read(kind string) ([]T, error) {
	data, err := os.ReadFile(f.Path(kind))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var records []T
	for number, line := range bytes.Split(whole(data), []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var r T
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", f.Path(kind), number+1, err)
		}
		records = append(records, r)
	}
	return records, nil
}

// whole is the data up to its last line's end.
func whole(data []byte) []byte { return data[:bytes.LastIndexByte(data, '\n')+1] }

// Add appends a record, in the place of an unfinished line where there is one.
func (f Folder[T]) Add(kind string, record T) error {
	line, err := json.Marshal(record)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f.Path(kind), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := os.ReadFile(f.Path(kind))
	if err != nil {
		return err
	}
	end := int64(len(whole(data)))
	if err := file.Truncate(end); err != nil {
		return err
	}
	if _, err := file.WriteAt(append(line, '\n'), end); err != nil {
		return err
	}
	return file.Close()
}
