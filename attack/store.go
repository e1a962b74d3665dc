package attack

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
)

// SaveRuns writes runs as compressed JSON lines, for LoadRuns.
func SaveRuns(w io.Writer, runs []Run) error {
	z := gzip.NewWriter(w)
	lines := json.NewEncoder(z)
	for _, r := range runs {
		if err := lines.Encode(r); err != nil {
			return err
		}
	}
	return z.Close()
}

// LoadRuns reads what SaveRuns wrote. It is an error when anything is missing
// or broken.
func LoadRuns(r io.Reader) ([]Run, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("not a file of runs: %w", err)
	}
	var runs []Run
	for lines := json.NewDecoder(z); ; {
		var run Run
		switch err := lines.Decode(&run); err {
		case nil:
			runs = append(runs, run)
		case io.EOF:
			return runs, nil
		default:
			return nil, fmt.Errorf("run %d can't be read: %w", len(runs)+1, err)
		}
	}
}
