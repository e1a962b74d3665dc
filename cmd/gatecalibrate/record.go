package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
)

// record is what is kept of a gate: its measured blocks, from which the verdict
// follows, and what others would have said, which takes every request.
type record struct {
	Cell     string
	Number   int
	Design   gate.Design
	Seed     uint64
	Began    time.Time
	Took     time.Duration
	Delay    time.Duration // that the head's answers were held back by
	Machine  string
	Load     float64 // one-minute load average before the gate, −1 where it can't be read
	Error    string  `json:",omitempty"` // why the gate could not run to its end
	Measured gate.Measured
	Others   map[string]analysis.Outcome
}

// verdict judges the record.
func (r record) verdict() gate.Verdict {
	s := settings(r.Design)
	s.Seed = r.Seed
	v := gate.JudgeMeasured(s, r.Measured)
	if r.Error != "" && v.Outcome != analysis.Fail {
		v.Outcome, v.Headline = analysis.Invalid, r.Error
	}
	return v
}

// store is the folder with a file a cell, a line a gate.
type store string

func (s store) path(cell string) string { return filepath.Join(string(s), cell+".jsonl") }

// read gives a cell's records. What an interruption left of a line is no record.
func (s store) read(cell string) ([]record, error) {
	data, err := os.ReadFile(s.path(cell))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var records []record
	for number, line := range bytes.Split(whole(data), []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", s.path(cell), number+1, err)
		}
		records = append(records, r)
	}
	return records, nil
}

// whole is the data up to its last line's end.
func whole(data []byte) []byte { return data[:bytes.LastIndexByte(data, '\n')+1] }

// add appends a record, in the place of an unfinished line where there is one.
func (s store) add(r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(s.path(r.Cell), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := os.ReadFile(s.path(r.Cell))
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

// all reads every cell.
func (s store) all() (map[string][]record, error) {
	found := map[string][]record{}
	for _, c := range cells() {
		records, err := s.read(c.Name)
		if err != nil {
			return nil, err
		}
		found[c.Name] = records
	}
	return found, nil
}
