package main

import (
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/gate"
	"github.com/looptest/looptest/cmd/internal/calibration"
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
type store = calibration.Folder[record]

// all reads every cell.
func all(s store) (map[string][]record, error) {
	found := map[string][]record{}
	for _, c := range cells() {
		records, err := s.Read(c.Name)
		if err != nil {
			return nil, err
		}
		found[c.Name] = records
	}
	return found, nil
}
