package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// Version is the format that this package writes. It reads this one and those
// before it; a newer one may mean other things and is refused.
const Version = 1

const headFile = "run.json"

// maxHead bounds what is read of a run.json, in bytes.
const maxHead = 64 << 20

// Head is what is known of a recording besides its samples.
type Head struct {
	Version     int    // set by this package
	Command     string // that made the recording: attack, run
	Looptest    string // version of looptest
	Scenario    string // the scenario's source as it was read; empty when flags said it all
	Began       time.Time
	Span        time.Duration // of the measured part, as scheduled; 0 when unknown
	Environment attack.Environment
	Streams     []Stream
	Phases      []attack.Phase
	Partial     bool   // the run did not come to its planned end
	Failure     string // why not
	Counts      []attack.StreamCount
	Target      *target.Usage   // what the target says of itself; nil when it says nothing
	Summary     json.RawMessage // what the command printed with --json

	// Unfinished is set from Create to Close: a recording that still has it was
	// made by a process that was killed, or that is running.
	Unfinished bool
	// Lost is how many samples could not be written.
	Lost int
	// NoIntended is set when the intended times aren't known, as in vegeta's files:
	// Intended is then Sent, and every response time is a service time only.
	NoIntended bool
	// NoTimes is set when the recording is a distribution of durations, without
	// the moments at which they happened: an HDR percentile file.
	NoTimes bool
}

// Stream is one stream of a recording.
type Stream struct {
	Name   string      `json:"name"`
	Role   attack.Role `json:"role,omitempty"`
	Labels []string    `json:"requests"` // by Sample.Request
}

// MarshalJSON writes the head as run.json holds it: snake_case keys, durations
// as milliseconds.
func (h Head) MarshalJSON() ([]byte, error) { return json.Marshal(toJSON(h)) }

// UnmarshalJSON reads what MarshalJSON wrote. A newer version is an error.
func (h *Head) UnmarshalJSON(data []byte) error {
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return err
	}
	switch {
	case version.Version < 1:
		return errors.New("no version: not the head of a looptest recording")
	case version.Version > Version:
		return fmt.Errorf("format version %d is newer than the %d that this looptest reads: use a newer looptest", version.Version, Version)
	}
	var j headJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*h = j.head()
	return nil
}

// brief is the head as Parquet footers carry it.
func (h Head) brief() string {
	h.Scenario, h.Summary, h.Version = "", nil, Version
	data, err := json.Marshal(h)
	if err != nil {
		return ""
	}
	return string(data)
}

// span is the scheduled one, or where the streams' schedules end.
func (h Head) span() time.Duration {
	span := h.Span
	for _, c := range h.Counts {
		span = max(span, c.Span)
	}
	return span
}

func readHead(dir string) (Head, error) {
	var h Head
	path := filepath.Join(dir, headFile)
	file, err := os.Open(path)
	if err != nil {
		return h, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxHead+1))
	if err == nil && len(data) > maxHead {
		err = fmt.Errorf("longer than %d MiB", maxHead>>20)
	}
	if err == nil {
		err = json.Unmarshal(data, &h)
	}
	if err != nil {
		return h, fmt.Errorf("%s: %w", path, err)
	}
	return h, nil
}

// writeHead replaces the head as a whole: a reader sees the old one or the new.
func writeHead(d disk, h Head) error {
	h.Version = Version
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return fmt.Errorf("the head can't be written as JSON: %w", err)
	}
	return replace(d, headFile, func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	})
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
